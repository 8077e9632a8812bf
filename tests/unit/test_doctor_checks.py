"""What the doctor makes of what it looked up: the rules alone, where nothing real can be broken in a test."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from slackdesk.dispatch.model import Blockage
from slackdesk.doctor import database, delivery, examination, machine, names, policy, redis_server, tokens
from slackdesk.doctor.finding import Finding, Severity, count, in_order, ok, problem, warning
from slackdesk.doctor.places import Kind, Place
from slackdesk.doctor.report import message
from slackdesk.doctor.together import look_together
from slackdesk.i18n import languages, translator
from slackdesk.slack.drawings.parts import SECTION_CHARACTERS

MEGABYTE = 1024**2
OK, WARNING, PROBLEM = Severity.OK, Severity.WARNING, Severity.PROBLEM

MOUNTS = """/dev/sda1 / ext4 rw,relatime 0 0
server:/export /mnt/share nfs4 rw,vers=4.2 0 0
//files/desk /mnt/with\\040space cifs rw 0 0
user@host: /mnt/far fuse.sshfs rw 0 0
/dev/sdb1 /mnt/share/local xfs rw 0 0
"""


@pytest.mark.parametrize(("free", "severity"), [(5000, OK), (1024, OK), (1023, WARNING), (100, WARNING), (99, PROBLEM)])
def test_doctor_minds_the_room_on_the_disk(tmp_path: Path, free: int, severity: Severity) -> None:
    finding = machine.disk("DATABASE_URL", tmp_path / "not" / "there", free * MEGABYTE)
    assert finding.severity is severity
    if severity is not OK:
        assert (finding.key, finding.value, finding.values["megabytes"]) == ("DATABASE_URL", str(tmp_path), free)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/mnt/share/desk", "nfs4"),
        ("/mnt/with space", "cifs"),
        ("/mnt/far/away", "fuse.sshfs"),
        ("/mnt/share/local/desk", None),
        ("/var/lib", None),
        ("/mnt/shared", None),
    ],
)
def test_doctor_knows_a_network_file_system(folder: str, kind: str | None) -> None:
    finding = machine.filesystem(Path(folder), MOUNTS)
    assert finding.severity is (OK if kind is None else PROBLEM)
    assert kind is None or finding.values["kind"] == kind


def test_doctor_minds_time_zones_and_languages() -> None:
    assert machine.time_zones(["Asia/Jakarta", "UTC"]).severity is OK
    missing = machine.time_zones(["Asia/Jakarta", "Mars/Olympus"])
    assert (missing.severity, missing.value) == (PROBLEM, "Mars/Olympus")
    assert machine.catalogues("id").severity is OK
    unknown = machine.catalogues("de")
    assert (unknown.severity, unknown.key, unknown.value) == (WARNING, "desk.locale", "de")


@pytest.mark.parametrize(
    ("ahead", "severity"), [(0, OK), (-9.4, OK), (10, WARNING), (-299, WARNING), (300, PROBLEM), (-4000, PROBLEM)]
)
def test_doctor_minds_clocks(ahead: float, severity: Severity) -> None:
    finding = machine.clock("clock.database", ahead, "PostgreSQL")
    assert finding.severity is severity
    if severity is not OK:
        assert ("ahead" in finding.what) is (ahead > 0)
        assert finding.values["seconds"] == abs(ahead)


@pytest.mark.parametrize(
    ("info", "severity"),
    [
        ({"redis_version": "5.0.14"}, OK),
        ({"redis_version": "4.0.9"}, PROBLEM),
        ({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, OK),
        ({"redis_version": "7.2.4", "valkey_version": "7.1.0"}, PROBLEM),
        ({"redis_version": "10.0"}, OK),
    ],
)
def test_doctor_minds_the_version_of_redis(info: dict[str, Any], severity: Severity) -> None:
    assert redis_server.version(info).severity is severity


@pytest.mark.parametrize(
    ("used", "limit", "severity"),
    [(10, 0, OK), (79, 100, OK), (80, 100, WARNING), (97, 100, WARNING), (98, 100, PROBLEM), (200, 100, PROBLEM)],
)
def test_doctor_minds_the_memory_of_redis(used: int, limit: int, severity: Severity) -> None:
    assert redis_server.memory({"used_memory": used, "maxmemory": limit}).severity is severity


def test_doctor_minds_what_the_database_is_like() -> None:
    assert database.postgresql_version(14).severity is WARNING
    assert database.postgresql_version(15).severity is OK
    assert database.journal("wal").severity is OK
    assert database.journal("delete").severity is PROBLEM
    assert database.standby().severity is PROBLEM
    assert database.schema(None, ["0002", "0001"], "sqlite://").values["found"] == "none"


def test_doctor_reads_scopes_as_slack_writes_them() -> None:
    needed = {"chat:write": "Cards.", "commands": "Commands."}
    assert tokens.granted("commands, chat:write,files:read", needed).severity is OK
    assert tokens.granted("commands,chat:write.public", needed).value == "chat:write"
    assert tokens.granted(None, needed).severity is WARNING


@pytest.mark.parametrize(
    ("code", "severity"),
    [("invalid_auth", PROBLEM), ("missing_scope", PROBLEM), ("HTTP 500", WARNING), ("ratelimited", WARNING)],
)
def test_doctor_tells_a_wrong_token_from_slacks_own_trouble(code: str, severity: Severity) -> None:
    assert tokens.refused(tokens.BOT_TOKEN, "xoxb-…", code).severity is severity


def test_doctor_puts_the_worst_first() -> None:
    findings = [
        ok("a", "Fine."),
        warning("b", "W", "r"),
        problem("c", "P", "r"),
        ok("d", "Fine."),
        problem("e", "P", "r"),
    ]
    assert [finding.check for finding in in_order(findings)] == ["c", "e", "b", "a", "d"]
    assert count(findings, PROBLEM) == 2


def test_doctor_looks_at_things_at_once_and_waits_for_none_too_long() -> None:
    never = threading.Event()
    meeting = threading.Barrier(2, timeout=5)

    def fail() -> int:
        raise OSError("away")

    answers = look_together(
        {"a": meeting.wait, "b": meeting.wait, "broken": fail, "late": never.wait}, within_seconds=0.5
    )
    assert {answers["a"], answers["b"]} == {0, 1}
    assert isinstance(answers["broken"], OSError)
    assert "late" not in answers
    never.set()


FINDINGS = [
    machine.disk("SLACKDESK_DATA", Path("/"), 0),
    machine.filesystem(Path("/mnt/share"), MOUNTS),
    machine.time_zones(["Mars/Olympus"]),
    machine.catalogues("de"),
    machine.clock("clock.slack", 60, "Slack"),
    machine.clock("clock.slack", -60, "Slack"),
    redis_server.version({"redis_version": "4.0"}),
    redis_server.eviction({"maxmemory_policy": "allkeys-lru"}),
    redis_server.memory({"used_memory": 9, "maxmemory": 9}),
    database.away("sqlite://", "locked"),
    database.standby(),
    database.postgresql_version(9),
    database.journal("delete"),
    database.schema("0001", ["0002", "0001"], "sqlite://"),
    database.schema("9999", ["0002", "0001"], "sqlite://"),
    tokens.granted(None, {}),
    tokens.granted("", {"commands": "Commands."}),
    tokens.unreachable("https://slack.com/api/", "away"),
    *(tokens.refused(tokens.APP_TOKEN, "xapp-…", code) for code in ("invalid_auth", "missing_scope", "HTTP 500")),
    delivery.dead(delivery.Dead({"card": 2}, 7, "too long")),
    delivery.blocked(Blockage(place="C1", error="is_archived", since=datetime(2026, 11, 24, tzinfo=UTC))),
    names.not_seen(2, "#it-l1", "ratelimited"),
    names.deactivated(Place("desk.operators", "U1", Kind.PEOPLE), "@lead"),
    policy.in_force(None),
    policy.unusable(Path("slackdesk.toml"), 2, "no TOML"),
    examination.late("REDIS_URL"),
    examination.broken("REDIS_URL", ValueError("x")),
]


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.check)
@pytest.mark.parametrize("language", languages())
def test_doctor_says_every_finding_and_its_remedy_in_every_language(finding: Finding, language: str) -> None:
    assert finding.severity is not OK
    what, remedy = finding.texts(translator(language))
    assert what
    assert remedy
    assert "{" not in what + remedy
    assert (what != finding.texts(translator("en"))[0]) is (language != "en")


def test_doctor_report_in_slack_fits_into_one_block_and_obeys_nobody() -> None:
    nasty = problem("x", "{reason}", "{reason}", key="k", value="<!channel> *b*", reason="<!here> " * 50)
    t = translator("id")
    text = message([*[nasty] * 40, *FINDINGS], t)
    assert len(text) <= SECTION_CHARACTERS
    assert "<!" not in text
    assert text.startswith(
        t("Problems: {problems}, warnings: {warnings}.", problems=40 + _bad(PROBLEM), warnings=_bad(WARNING))
    )
    shown = text.count("🔴")
    assert text.endswith(t("And {count} more: run `slackdesk doctor` on the server.", count=40 + len(FINDINGS) - shown))
    assert message([ok("a", "Fine.")], t) == t("All is well: {count} checks.", count=1)


def _bad(severity: Severity) -> int:
    return count(FINDINGS, severity)
