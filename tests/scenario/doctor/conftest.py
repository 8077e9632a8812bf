"""A running desk that is well, shared by the tests of the doctor: each breaks it in one place and mends it again."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import NamedTuple

import pytest
import typer
from typer.testing import CliRunner

from slackdesk.cli.doctor import doctor as doctor_command
from slackdesk.demo.stage import READY_SECONDS, Stage


class Diagnosis(NamedTuple):
    """What the doctor said."""

    code: int
    findings: list[dict[str, str]]

    @property
    def bad(self) -> list[dict[str, str]]:
        return [one for one in self.findings if one["severity"] != "ok"]

    def only(self, check: str, severity: str = "problem") -> dict[str, str]:
        """The one finding that is not ok."""
        assert [(one["check"], one["severity"]) for one in self.bad] == [(check, severity)], self.bad
        assert self.code == (1 if severity == "problem" else 0)
        assert self.bad[0]["remedy"]
        return self.bad[0]


Doctor = Callable[..., Diagnosis]


def diagnose(desk: Stage, **environment: str | None) -> Diagnosis:
    """What the command says; run in this process, since a new one takes longer than its work."""
    app = typer.Typer()
    app.command()(doctor_command)
    done = CliRunner().invoke(app, ["--json"], env=desk.environment | environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    assert done.exit_code in (0, 1), done.output
    report = json.loads(done.stdout)
    severities = [finding["severity"] for finding in report["findings"]]
    assert (severities.count("problem"), severities.count("warning")) == (report["problems"], report["warnings"])
    return Diagnosis(done.exit_code, report["findings"])


@pytest.fixture(scope="session")
def desk(
    tmp_path_factory: pytest.TempPathFactory,
    given_servers: Callable[[], AbstractContextManager[dict[str, str]]],
) -> Iterator[Stage]:
    """One desk for all tests of this folder; each leaves it as it was."""
    with (
        given_servers() as environment,
        Stage(tmp_path_factory.mktemp("doctor"), rate_scale=100, environment=environment) as stage,
    ):
        deadline = time.monotonic() + READY_SECONDS
        while any(one["check"].startswith("processes.") for one in diagnose(stage).bad):
            assert time.monotonic() < deadline, "every process says that it lives"
            time.sleep(0.1)
        yield stage
    assert stage.sandbox.journal.illegal() == []
    assert stage.sandbox.journal.missing_fallback_text() == []


@pytest.fixture
def doctor(desk: Stage) -> Doctor:
    """Runs the command in the desk's surroundings."""
    return partial(diagnose, desk)
