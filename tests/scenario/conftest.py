"""Running desks in simulated workspaces: one for each transport, shared by the tests of a process, or a fresh one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from slackdesk.demo.stage import Stage

BOTH_TRANSPORTS = [
    pytest.param("socket", marks=pytest.mark.xdist_group("socket")),
    pytest.param("http", marks=pytest.mark.xdist_group("http")),
]


class FreshStage(Protocol):
    def __call__(self, *, rate_scale: float = 20.0, policy: str | None = None, **environment: str) -> Stage:
        """A running desk of this test alone, with these variables in its environment."""


@pytest.fixture(scope="session", params=BOTH_TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    """How Slack delivers. Tests with a desk of their own may ask for one by indirect parametrization."""
    return str(request.param)


@pytest.fixture(scope="session")
def stage(
    transport: str,
    tmp_path_factory: pytest.TempPathFactory,
    given_servers: Callable[[], AbstractContextManager[dict[str, str]]],
) -> Iterator[Stage]:
    """A desk for tests that leave others alone: each works on tickets of its own and waits for what it did itself."""
    with given_servers() as environment:
        folder = tmp_path_factory.mktemp(f"desk-{transport}")
        with lawful(
            Stage(folder, transport="socket" if transport == "socket" else "http", environment=environment)
        ) as stage:
            yield stage


@pytest.fixture
def fresh_stage(
    transport: str, tmp_path: Path, given_servers: Callable[[], AbstractContextManager[dict[str, str]]]
) -> Iterator[FreshStage]:
    """Starts desks of this test alone; they end with it."""
    with ExitStack() as stack:

        def start(*, rate_scale: float = 20.0, policy: str | None = None, **environment: str) -> Stage:
            stage = Stage(
                tmp_path / "desk",
                transport="socket" if transport == "socket" else "http",
                rate_scale=rate_scale,
                policy=policy,
                environment=stack.enter_context(given_servers()) | environment,
            )
            return stack.enter_context(lawful(stage))

        yield start


@contextmanager
def lawful(stage: Stage) -> Iterator[Stage]:
    """Whatever is played on it, a desk sends nothing that Slack would refuse."""
    with stage:
        yield stage
    journal = stage.sandbox.journal
    assert journal.illegal() == []
    assert journal.missing_fallback_text() == []
