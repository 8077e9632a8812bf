"""``slackdesk policy`` as an operator uses it, against a simulated workspace and a database of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from slackdesk.cli.policy import policy_app
from slackdesk.database import Database
from slackdesk.migrations import migrate
from slackdesk.policy.model import PolicyVersion
from slackdesk.policy.store import current_policy
from slackdesk.sandbox import Sandbox, faults
from slackdesk.tickets.model import Person, Source, Status, Ticket


class Output(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    error: str


Command = Callable[..., Output]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(rate_scale=100) as sandbox:
        yield sandbox


@pytest.fixture
def policy(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs ``slackdesk policy`` in a folder of its own, with a database but without a token unless one is given."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, sandbox: Sandbox | None = None, **variables: str) -> Output:
        environment = {"DATABASE_URL": database_url, **_access(sandbox), **variables}
        done = CliRunner().invoke(policy_app, arguments, env=environment)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return Output(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def policy_file(tmp_path: Path, policy: Command) -> Path:
    """The example, where the command line looks for it."""
    path = tmp_path / "slackdesk.toml"
    path.write_text(policy("example").out, "utf-8")
    return path


@pytest.fixture
def tables(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    migrate(database)
    yield database
    database.close()


def _access(sandbox: Sandbox | None) -> dict[str, str]:
    return {} if sandbox is None else {"SLACK_BOT_TOKEN": sandbox.bot_token, "SLACK_API_URL": sandbox.api_url}


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def _versions(database: Database) -> int:
    with database.read() as session:
        return len(session.execute(select(PolicyVersion.id)).all())


def test_from_the_example_to_a_policy_in_force(
    sandbox: Sandbox, policy: Command, policy_file: Path, tables: Database
) -> None:
    shape_only = policy("check")
    assert shape_only.code == 0
    assert "not looked up in Slack" in shape_only.out
    checked = policy("check", sandbox=sandbox)
    assert (checked.code, checked.error) == (0, "")
    assert "every name in it is known to Slack" in checked.out

    assert "+ queues.it.tiers[L1].channel: #it-l1" in policy("diff", sandbox=sandbox).out
    assert "Version 1 is in force." in policy("apply", "--by", "siti", sandbox=sandbox).out
    with tables.read() as session:
        in_force = current_policy(session)
        rina = sandbox.workspace.user_by_handle("rina").id
        assert rina in in_force.queue("it").tier("L1").members
        assert in_force.queue("it").tier("L1").channel == sandbox.workspace.channel_id("it-l1")
        assert session.get_one(PolicyVersion, 1).applied_by == "siti"
        assert session.get_one(Person, rina).handle == "rina"
    assert "Nothing differs" in policy("apply", sandbox=sandbox).out
    assert _versions(tables) == 1

    _replace(policy_file, 'budget = "4h"', 'budget = "2h"')
    _replace(policy_file, 'members = ["@it-l2"]', 'members = ["@it-l2", "budi@acme.example"]')
    for by_name in (policy("diff", sandbox=sandbox), policy("apply", sandbox=sandbox)):
        assert "~ queues.it.tiers[L1].budget: 4h → 2h" in by_name.out
        assert "+ queues.it.tiers[L2].members: @budi" in by_name.out
    assert _versions(tables) == 2
    _replace(policy_file, 'budget = "2h"', 'budget = "3h"')
    assert "~ queues.it.tiers[L1].budget: 2h → 3h" in policy("diff").out


def test_the_console_script_reaches_the_policy(tmp_path: Path, policy_file: Path) -> None:
    _replace(policy_file, 'prefix = "HR"', 'prefix = "IT"')
    command = [sys.executable, "-m", "slackdesk", "policy", "check", str(policy_file)]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "Error: queues.hr.prefix = 'IT': prefix of two queues" in done.stderr


def test_what_cannot_be_resolved_is_named_and_changes_nothing(
    sandbox: Sandbox, policy: Command, policy_file: Path, tables: Database
) -> None:
    _replace(policy_file, '"#it-l1"', '"#it-11"')
    _replace(policy_file, 'members = ["@it-l2"]', 'members = ["nobody@acme.example"]')
    for command in ("check", "diff", "apply"):
        done = policy(command, sandbox=sandbox)
        assert done.code == 1
        assert "queues.it.tiers[0].channel = '#it-11': no such channel (did you mean #it-l1?)" in done.error
        assert "queues.it.tiers[1].members[0] = 'nobody@acme.example'" in done.error
        assert "Problems: 2. Nothing was changed." in done.error
    assert _versions(tables) == 0


def test_a_channel_without_the_app_is_a_warning_with_the_remedy(
    sandbox: Sandbox, policy: Command, policy_file: Path
) -> None:
    sandbox.workspace.leave(sandbox.workspace.channel_id("help-it"), sandbox.workspace.bot)
    done = policy("check", str(policy_file), sandbox=sandbox)
    assert done.code == 0
    assert "Warning: queues.it.request_channels[0] = '#help-it'" in done.out
    assert "/invite @slackdesk" in done.out


def test_files_that_cannot_be_used_are_refused(policy: Command, policy_file: Path, tmp_path: Path) -> None:
    missing = policy("check", SLACKDESK_POLICY="other.toml")
    assert missing.code == 1
    assert "policy file = 'other.toml': No such file" in missing.error
    (tmp_path / "latin.toml").write_bytes(b'[desk]\nname = "caf\xe9"\n')
    assert "save it as UTF-8" in policy("check", "latin.toml").error
    (tmp_path / "broken.toml").write_text("[desk]\nname = Acme\n", "utf-8")
    assert "line 2 = 'name = Acme': no valid TOML" in policy("check", "broken.toml").error
    no_token = policy("apply")
    assert no_token.code == 1
    assert "SLACK_BOT_TOKEN" in no_token.error


def test_slack_that_refuses_or_is_away_is_explained(sandbox: Sandbox, policy: Command, policy_file: Path) -> None:
    refused = policy("check", sandbox=sandbox, SLACK_BOT_TOKEN="xoxb-wrong")
    assert refused.code == 1
    assert "SLACK_BOT_TOKEN" in refused.error
    assert "invalid_auth" in refused.error
    away = policy("check", SLACK_BOT_TOKEN="xoxb-1", SLACK_API_URL="http://127.0.0.1:9/api/")
    assert away.code == 1
    assert "SLACK_API_URL" in away.error
    for fault in (faults.http_500(), faults.dropped_before(), faults.slack_error("internal_error")):
        sandbox.faults.inject("users.list", fault, times=1)
        failed = policy("check", sandbox=sandbox)
        assert failed.code == 1
        assert failed.error.startswith("Error: SLACK_API_URL = ")
        assert len(failed.error.splitlines()) == 1


def test_a_missing_scope_is_named(policy: Command, policy_file: Path) -> None:
    manifest = {
        "display_information": {"name": "slackdesk"},
        "features": {"bot_user": {"display_name": "slackdesk"}},
        "oauth_config": {"scopes": {"bot": ["channels:read", "groups:read", "users:read"]}},
    }
    with Sandbox(manifest=manifest) as sandbox:
        done = policy("check", sandbox=sandbox)
    assert done.code == 1
    assert "lacks the scope usergroups:read" in done.error


def test_slack_that_asks_to_wait_is_waited_for(sandbox: Sandbox, policy: Command, policy_file: Path) -> None:
    held = sandbox.faults.inject("users.list", faults.rate_limited(1), times=1)
    assert policy("check", sandbox=sandbox).code == 0
    assert held.fired == 1
    assert sandbox.journal.inside_retry_after() == []


def test_a_tier_with_open_tickets_stays(sandbox: Sandbox, policy: Command, policy_file: Path, tables: Database) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    with tables.begin() as session:
        for status in (Status.WAITING, Status.CLOSED):
            session.add(_ticket(status, now))
    _replace(policy_file, 'name = "L3"', 'name = "Experts"')
    done = policy("apply", sandbox=sandbox)
    assert done.code == 1
    assert "queues.it.tiers = 'L3': not in the file, but it has open tickets (1)" in done.error
    assert _versions(tables) == 0


def _ticket(status: Status, now: datetime) -> Ticket:
    return Ticket(
        prefix="IT",
        queue="it",
        tier="L3",
        status=status,
        title="VPN",
        description="VPN is down",
        requester="U1",
        filed_by="U1",
        source=Source.QUICK,
        created_at=now,
        promised_from=now,
    )
