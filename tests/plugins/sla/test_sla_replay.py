"""``slackdesk policy replay``: past tickets under a changed policy."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from slackdesk.cli.policy import policy_app


def _replay(week: Any, database_url: str, targets: str, *words: str) -> Any:
    """What the command prints for the desk's own policy file with other targets."""
    own = (week.desk.folder / "slackdesk.toml").read_text("utf-8").partition("[plugins.")[0]
    changed = Path(week.desk.folder / "changed.toml")
    changed.write_text(f"{own}\n[plugins.sla.targets.it]\n{targets}\n", "utf-8")
    environment = {
        "DATABASE_URL": database_url,
        "SLACKDESK_CLOCK": "shiftable",
        "COLUMNS": "200",
    }
    return CliRunner().invoke(policy_app, ["replay", str(changed), *words], env=environment)


def _row(printed: str, clock: str) -> str:
    return next(re.sub(r"\s*│\s*", " | ", line).strip(" |") for line in printed.splitlines() if clock in line)


def test_point_replay(week: Any, database_url: str) -> None:
    """One ticket answered after two hours, another after five."""
    first = week.files("Mon 08:00")
    week.until("Mon 10:00")
    week.replies(first)
    second = week.files("Mon 10:10", "The printer is jammed")
    week.until("Mon 16:30")
    week.replies(second)
    done = _replay(week, database_url, 'normal = { first_response = "1h" }\nhigh = { first_response = "1h" }')
    assert done.exit_code == 0, done.output
    assert "2 tickets of the last 90 days" in done.stdout
    assert _row(done.stdout, "first_response") == "it | normal | first_response | 50 % of 2 → 0 % of 2 | 1 → 2"
    assert _row(done.stdout, "resolution") == "it | normal | resolution | - → - | 0 → 0"


def test_a_replay_changes_nothing_and_looks_back_as_far_as_it_is_asked(week: Any, database_url: str) -> None:
    week.files("Mon 08:00")
    before = week.desk.person("rina").messages("#it-l1")
    week.desk.advance("3d")
    done = _replay(week, database_url, 'normal = { first_response = "1h" }', "--days", "2")
    assert "0 tickets of the last 2 days" in done.stdout
    assert "Neither promises anything for them." in done.stdout
    assert len(before) == 1


@pytest.mark.parametrize("targets", ['soon = { resolution = "1h" }', 'low = { resolution = "0h" }'])
def test_a_replay_of_a_wrong_file_says_what_is_wrong(week: Any, database_url: str, targets: str) -> None:
    done = _replay(week, database_url, targets)
    assert done.exit_code == 1
    assert "plugins.sla.targets.it." in done.stderr
