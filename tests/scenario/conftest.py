"""A running desk in a simulated workspace: one for each transport, shared by the tests of a process."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from slackdesk.demo.stage import Stage

BOTH_TRANSPORTS = [
    pytest.param("socket", marks=pytest.mark.xdist_group("socket")),
    pytest.param("http", marks=pytest.mark.xdist_group("http")),
]


@pytest.fixture(scope="session", params=BOTH_TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    """How Slack delivers."""
    return str(request.param)


@pytest.fixture(scope="session")
def stage(
    transport: str, tmp_path_factory: pytest.TempPathFactory, new_database_url: Callable[[], str], new_redis_url: Any
) -> Iterator[Stage]:
    """A desk for tests that leave others alone: each works on tickets of its own and waits for what it did itself."""
    with ExitStack() as stack:
        yield stack.enter_context(
            Stage(
                tmp_path_factory.mktemp(f"desk-{transport}"),
                transport="socket" if transport == "socket" else "http",
                environment=server_environment(stack),
            )
        )
