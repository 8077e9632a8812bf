"""A new plugin to start from: a button on the card that answers, a handler of an event, and their tests."""

import keyword
from pathlib import Path

from slackdesk.errors import SlackdeskError
from slackdesk.plugin.declaration import API_VERSION, Plugin, PluginMistake
from slackdesk.plugin.loading import candidates

PLUGIN = '''"""NAME: say here in one line what it does; README.md says the rest."""

from slackdesk.api import AgentsThread, Click, Context, Message, Plugin, TicketResolved

plugin = Plugin(name="NAME", version="0.1.0", api=API)


@plugin.ticket_button("age", label="How old is it?")
def tell_age(click: Click, ctx: Context) -> str | None:
    """Answers whoever presses the button on a card; nobody else sees the answer."""
    if click.ticket is None:
        return None
    reader, filed_at = ctx.reader(click.person), click.ticket.created_at
    return reader.t("{number} was filed {when}.", number=click.ticket.number, when=reader.instant(filed_at))


@plugin.on(TicketResolved)
def tell_duration(event: TicketResolved, ctx: Context) -> None:
    """Runs in a worker after every such event; what it asks for happens once."""
    ticket, t = ctx.ticket(event.ticket_id), ctx.reader().t
    took = t.duration(event.at - ticket.created_at)
    message = Message(t("{number} was resolved after {duration}.", number=ticket.number, duration=took))
    ctx.say(AgentsThread(ticket.id), message, key=f"resolved:{ticket.id}:{ticket.reopened_count}")
'''

README = """# NAME

What it does, for whom, and what people see of it.

Agents find [How old is it?] on every card. When a ticket is resolved, its thread says how long it took.

It has no settings. A desk runs it when `plugin_dirs` under `[desk]` of the policy file names the folder around NAME/.
"""

TEST = '''"""NAME on a whole desk: people of a simulated workspace, the real edge, a real database, real work."""

from collections.abc import Callable
from pathlib import Path

from slackdesk.testing.contract import PluginContract
from slackdesk.testing.desk import PluginDesk

FOLDER = Path(__file__).parent


class TestNAMEContract(PluginContract):
    """What `slackdesk plugins check` says."""

    folder = FOLDER


def test_NAME_button_answers_whoever_presses_it(plugin_desk: Callable[..., PluginDesk]) -> None:
    desk = plugin_desk(FOLDER)
    desk.person("maya").slash("/ticket My VPN is down")
    desk.person("rina").click("How old is it?", in_="#it-l1")
    desk.person("rina").sees("IT-1 was filed", in_="#it-l1")
    desk.person("agus").sees_not("IT-1 was filed", in_="#it-l1")


def test_NAME_tells_agents_how_long_it_took(plugin_desk: Callable[..., PluginDesk]) -> None:
    desk = plugin_desk(FOLDER)
    desk.person("maya").slash("/ticket My VPN is down")
    desk.advance("2h")
    desk.solve("IT-1")
    desk.person("rina").sees("IT-1 was resolved after 2 h", in_="#it-l1")
    desk.person("maya").sees_not("resolved after")
'''


def write_plugin(name: str, folder: Path) -> Path:
    """Write ``folder/name``; returns it. Raises SlackdeskError for a name or a place that cannot be."""
    try:
        Plugin(name=name, version="0.1.0", api=API_VERSION)
    except PluginMistake as mistake:
        raise SlackdeskError(str(mistake)) from None
    if keyword.iskeyword(name):
        raise SlackdeskError(f"{name} is a word of Python's and cannot be imported; choose another name")
    taken = {candidate.name: candidate.place for candidate in candidates(())}
    if name in taken:
        raise SlackdeskError(f"there is a plugin {name} already ({taken[name]}); choose another name")
    place = folder / name
    if place.exists() or place.with_suffix(".py").exists():
        raise SlackdeskError(f"{place} exists already; choose another name, or another folder with --in")
    try:
        place.mkdir(parents=True)
        for file, text in (("__init__.py", PLUGIN), ("README.md", README), (f"test_{name}.py", TEST)):
            (place / file).write_text(text.replace("NAME", name).replace("API", str(API_VERSION)), "utf-8")
    except OSError as error:
        raise SlackdeskError(f"{place} cannot be written: {error.strerror}; choose another folder with --in") from None
    return place
