"""A desk with every bundled plugin on it, and people who write one unmistakable word wherever they can."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import slackdesk_plugins
from sqlalchemy import MetaData, literal_column, select, update
from typer.testing import CliRunner, Result

from slackdesk.cli.audit import audit_app
from slackdesk.demo.tour import until_next_morning
from slackdesk.dispatch.model import LIVE, Work, states_sql
from slackdesk.plugin.loading import in_path
from slackdesk.plugin.registry import Registry
from slackdesk.processes.policy_at_start import put_policy_file_in_force
from slackdesk.sandbox.faults import http_500
from slackdesk.testing.desk import PluginDesk
from slackdesk.testing.loading import loaded

PLUGINS = Path(next(iter(slackdesk_plugins.__path__)))
WORD = "Zwetschgenkuchen"
TOLD = {"to": "#leadership", "queues": ["it"], "every": "breach"}
SETTINGS: dict[str, dict[str, Any]] = {
    "csat": {},
    "digest": {"subscriptions": [TOLD]},
    "sla": {"targets": {"it": {"normal": {"first_response": "20m", "resolution": "12m"}}}},
}
SAID = ("chat.postMessage", "chat.update", "chat.postEphemeral")


class Company:
    """Maya asks, Rina helps, the lead looks on."""

    def __init__(self, desk: PluginDesk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = desk
        self.maya, self.rina = desk.person("maya"), desk.person("rina")
        self.lead, self.ratna = desk.person("helpdesk-lead"), desk.person("ratna")
        for name, value in {
            "DATABASE_URL": desk._database_url,
            "REDIS_URL": f"unix://{desk.folder / 'no-redis.sock'}",
            "SLACKDESK_POLICY": str(desk.folder / "slackdesk.toml"),
            "SLACKDESK_DATA": str(desk.folder),
            "SLACKDESK_CLOCK": "shiftable",
        }.items():
            monkeypatch.setenv(name, value)
        desk.advance(until_next_morning(desk.now))

    def files(self) -> None:
        """A request whose title and text have the word, for Rina."""
        self.maya.slash("/ticket")
        form = {"What is it about?": "Software", "What do you need?": f"{WORD} in the printer\nReally, {WORD}!"}
        self.maya.modal.fill(form).submit()
        self.maya.modal.close()
        self.lead.slash("/ticket assign IT-1 @rina")
        self.desk.settle()

    def is_reminded(self) -> None:
        """Rina's time for the first answer runs out; that for the solution has."""
        self.desk.advance("11m")
        self.desk.advance("2m")

    def talks(self) -> None:
        """A reply, a note, a word of the requester, a hand-off that is sent back."""
        self.rina.slash(f"/ticket reply IT-1 Which {WORD}?")
        self.rina.slash(f"/ticket note IT-1 No idea what {WORD} is")
        self.desk.settle()
        self.rina.slash(f"/ticket escalate IT-1 {WORD}")
        modal = self.rina.modal
        modal.fill({label: f"{WORD}, {label}" for label in modal.labels[1:]}).submit()  # the first one is the tier
        self.desk.settle()

    def is_solved(self) -> None:
        """By the lead, and closed by Maya."""
        self.lead.slash("/ticket claim IT-1")
        self.lead.slash("/ticket resolve IT-1")
        self.lead.modal.fill({"What was it about?": "Other", "What solved it?": f"Eaten: {WORD}"}).submit()
        self.desk.settle()
        self.maya.slash("/ticket close IT-1")
        self.desk.advance("31m")

    def rates(self) -> None:
        """Badly, and says why."""
        self.maya.slash("/ticket rate IT-1")
        labels = self.maya.modal.labels
        self.maya.modal.fill({labels[0]: "1 · very bad", labels[1]: f"Not one {WORD} left"}).submit()
        self.desk.settle()

    def criticizes(self) -> None:
        """In the box, to be quoted by name; then the lead asks for a summary."""
        self.maya.slash(f"/ticket feedback More {WORD}!")
        self.maya.modal.fill({"May it be quoted?": "Quoted in summaries with my name"}).submit()
        self.maya.modal.close()
        self.lead.slash("/desk report it this week", in_="#it-l1")
        self.desk.settle()

    def falls_silent(self) -> None:
        """From now on Slack takes nothing that the desk says."""
        for method in (*SAID, "files.getUploadURLExternal"):
            self.desk.sandbox.faults.inject(method, http_500(), times=None)

    def speaks_again(self) -> None:
        """Slack takes it, and all that has waited leaves."""
        self.desk.sandbox.faults.clear()
        with self.desk.desk.database.begin() as session:
            session.execute(update(Work).where(states_sql(LIVE)).values(not_before=datetime.now(UTC)))
        self.desk.settle()

    def waiting(self) -> set[str]:
        """Names of what waits to be said."""
        with self.desk.desk.reading() as tx:
            waits = select(Work.name).where(states_sql(LIVE), Work.due_at <= tx.now, Work.kind == "send")
            return set(tx.session.scalars(waits))

    def audit(self, *words: str, typed: str = "") -> Result:
        """`slackdesk audit …`; ``typed`` is what is answered when it asks."""
        return CliRunner().invoke(audit_app, words, input=typed)

    def apply_policy(self) -> None:
        """Put the policy file in force as it is now."""
        put_policy_file_in_force(self.desk._settings(), lambda _: None)

    def numbers(self) -> tuple[list[dict[str, Any]], str]:
        """What `slackdesk report` and `slackdesk csat` print."""
        report, csat = (self.printed(*words) for words in (("digest", "report", "--format", "json"), ("csat", "csat")))
        return json.loads(report)["figures"], csat

    def printed(self, plugin: str, *words: str) -> str:
        """By a command of a plugin."""
        self.desk.plugin = self.desk.registry.active[plugin]
        return self.desk.command_line(*words)

    def finds(self, word: str = WORD) -> list[str]:
        """``table.column: value`` of whatever the database holds with that word in it, in any table."""
        metadata, found = MetaData(), []
        with self.desk.desk.database.engine.connect() as connection:
            metadata.reflect(connection)
            for table in metadata.tables.values():
                for row in connection.execute(select(literal_column("*")).select_from(table)).mappings():
                    found += [f"{table.name}.{name}: {value!r}" for name, value in row.items() if word in _text(value)]
        return found


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@pytest.fixture
def company(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """In the morning of a working day."""
    desk = PluginDesk(PLUGINS / "sla", tmp_path, SETTINGS["sla"], database_url=database_url)
    desk.registry = Registry([loaded(in_path(PLUGINS / name), section) for name, section in SETTINGS.items()])
    told = "".join(f"{key} = {json.dumps(value)}\n" for key, value in TOLD.items())
    desk._policy += f"[plugins.csat]\n[[plugins.digest.subscriptions]]\n{told}"
    with desk:
        yield Company(desk, monkeypatch)
    assert desk.sandbox.journal.illegal() == []
