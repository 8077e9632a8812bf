"""What the contract check finds: every kind of mistake, at its file and line."""

from pathlib import Path

import pytest

from slackdesk.testing.checking import check_plugin
from slackdesk.testing.findings import Finding

STILL = """
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from slackdesk.tickets import service  # past the door
from slackdesk_plugins import csat  # a neighbour
from slackdesk.api import OwnTables, Plugin, Words, Context, later

class Base(OwnTables, DeclarativeBase):
    pass

class Row(Base):
    __tablename__ = "still_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    colour: Mapped[str]

class Config(BaseModel):
    size: int = 1

FOLDER = Path(__file__).parent
plugin = Plugin("still", "1", 1, config=Config, scopes={"coffee:drink": "Why not.", "pins:write": " "},
                tables=Base.metadata, migrations=FOLDER / "migrations", locale=FOLDER / "locale")

@plugin.command("stand", help="stands still")
def stand(words: Words, ctx: Context) -> str:
    return ctx.reader(words.person).t("Nobody translated {this}.", this="line")  # not translated
"""
REVISION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "still_0001", None

def upgrade() -> None:
    op.create_table("still_row", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("revision", sa.Integer()))

def downgrade() -> None:
    pass
"""
CATALOGUE = """
msgid "{count} cups"
msgstr "{jumlah} cangkir"
"""

RUNS = """
from datetime import timedelta
from slackdesk.api import Context, DirectMessage, Figure, Message, Plugin, ReportSection, TicketFiled, section

plugin = Plugin("runs", "1", 1)

@plugin.on(TicketFiled)
def filed(event, ctx):
    ctx.schedule("late", {}, due_at=ctx.now + timedelta(days=1), key=str(event.ticket_id))
    ctx.cancel(1 / 0, "x")  # on

@plugin.on(TicketFiled)
def plan(event, ctx):
    ctx.schedule("late", {}, due_at=ctx.now + timedelta(days=1), key=str(event.ticket_id))

@plugin.timer("late")
def late(timer, ctx):
    raise LookupError("late")  # timer

@plugin.every("0 3 * * *")
def nightly(slot, ctx):
    raise LookupError("nightly")  # every

@plugin.ticket_card()
def card(ticket, ctx):
    raise LookupError("card")  # ticket_card

@plugin.badge
def badge(ticket, ctx):
    raise LookupError("badge")  # badge

@plugin.home_section()
def home(person, ctx):
    raise LookupError("home")  # home_section

@plugin.ticket_button("press", label="Press me")
def press(click, ctx):
    raise LookupError("press")  # ticket_button

@plugin.command("runs", help="runs")
def command(words, ctx):
    raise LookupError("command")  # command

@plugin.ticket_verb("runs", help="runs")
def verb(words, ctx):
    raise LookupError("verb")  # ticket_verb

@plugin.ticket_verb("freely", help="runs", needs_ticket=False)
def free_verb(words, ctx):
    raise LookupError("free verb")  # ticket_verb without a ticket

@plugin.report_section()
def numbers(period, ctx):
    raise LookupError("numbers")  # report_section

@plugin.report_section()
def explained(period, ctx):
    def tickets():
        raise LookupError("tickets")  # tickets of a figure
    return ReportSection("Numbers", [Figure("runs_a", "A", 1, "count", tickets=tickets)])

@plugin.cli("runs")
def print_it(ctx: Context) -> None:
    raise LookupError("cli")  # cli
"""


def _line_of(source: str, mark: str) -> int:
    return next(number for number, line in enumerate(source.splitlines(), 1) if line.endswith(f"# {mark}"))


def _texts(findings: list[Finding]) -> str:
    return "\n".join(map(str, findings))


def test_plugins_check_finds_what_is_seen_without_running(tmp_path: Path) -> None:
    folder = tmp_path / "still"
    (folder / "migrations").mkdir(parents=True)
    (folder / "locale" / "id" / "LC_MESSAGES").mkdir(parents=True)
    catalogue = folder / "locale" / "id" / "LC_MESSAGES" / "plugin.po"
    main = folder / "__init__.py"
    main.write_text(STILL)
    (folder / "migrations" / "0001_row.py").write_text(REVISION)
    catalogue.write_text(CATALOGUE)
    found = _texts(check_plugin(folder))
    for expected in (
        f"{folder}: there is no README.md",
        f"{main}:{_line_of(STILL, 'past the door')}: imports slackdesk.tickets; a plugin imports slackdesk.api",
        f"{main}:{_line_of(STILL, 'a neighbour')}: imports slackdesk_plugins.csat; plugins do not import each other",
        "config: a misspelt key would go unnoticed",
        "scopes: Slack has no scope 'coffee:drink' for a bot",
        "scopes: 'pins:write' needs a reason",
        "the migrations do not make what tables declares: add_column still_row colour",
        "the downgrades leave still_row behind",
        f"{main}:{_line_of(STILL, 'not translated')}: 'Nobody translated {{this}}.' has no translation in {catalogue}",
        f"{main}: 'stands still' has no translation in {catalogue}",
        "the translation '{jumlah} cangkir' has other {values} than '{count} cups'",
    ):
        assert expected in found


def test_plugins_check_finds_what_fails_in_the_dry_run(tmp_path: Path) -> None:
    file = tmp_path / "runs.py"
    file.write_text(RUNS)
    lines = {finding.line for finding in check_plugin(file) if finding.file == file}
    marks = ("on", "timer", "every", "ticket_card", "badge", "home_section", "ticket_button", "command")
    more = ("ticket_verb", "ticket_verb without a ticket", "report_section", "tickets of a figure", "cli")
    assert lines == {_line_of(RUNS, mark) for mark in (*marks, *more)}


@pytest.mark.parametrize(
    ("name", "source", "complaint"),
    [
        ("one", "raise SystemExit(3)", "one.py:1: loading it: SystemExit: 3"),
        (
            "two",
            "from slackdesk.api import Plugin\nplugin = Plugin('other', '1', 1)",
            "it has to be that of the folder",
        ),
        ("three", "from slackdesk.api import Plugin\nplugin = Plugin('three', '1', 9)", "this slackdesk has API 1"),
        ("four", "x = 1", "has no attribute plugin"),
        ("five", "import nothing_of_this_name", "five.py:1: loading it: ModuleNotFoundError"),
        ("six", "from slackdesk.api import Plugin\nplugin = Plugin('six', '1', 1)", "plugins.six.size = 'large'"),
    ],
)
def test_plugins_check_finds_what_cannot_be_loaded(tmp_path: Path, name: str, source: str, complaint: str) -> None:
    file = tmp_path / f"{name}.py"
    file.write_text(source)
    (finding,) = check_plugin(file, {"size": "large"})
    assert complaint in str(finding)


def test_plugins_check_is_content_with_what_comes_with_slackdesk() -> None:
    import slackdesk_plugins

    folder = Path(str(slackdesk_plugins.__file__)).parent
    bundled = sorted(path.parent for path in folder.glob("*/__init__.py"))
    assert bundled
    assert {path.name: _texts(check_plugin(path)) for path in bundled} == {path.name: "" for path in bundled}
