"""A desk with the plugin on it, and people who do things at any minute."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import slackdesk_plugins
from slackdesk_plugins.digest import figures
from slackdesk_plugins.digest.periods import Span
from slackdesk_plugins.digest.report import count_of
from sqlalchemy import JSON, text

from slackdesk.api import ReadContext, UtcDateTime
from slackdesk.policy.store import apply_policy
from slackdesk.testing.desk import PluginDesk
from slackdesk.tickets import service
from slackdesk.tickets.model import Source, TicketMessage

from ..mondays import calm_monday
from .tally import Life, Tally

DIGEST = Path(next(iter(slackdesk_plugins.__path__))) / "digest"


class World:
    """A desk whose people act through the use cases, so that a test says who did what and when."""

    def __init__(self, desk: PluginDesk) -> None:
        self.desk = desk

    def id_of(self, handle: str) -> str:
        found: str = self.desk.sandbox.workspace.user_by_handle(handle).id
        return found

    def do(self, use_case: Callable[..., Any], *args: Any, **values: Any) -> Any:
        with self.desk.desk.transaction() as tx:
            return use_case(tx, *args, **values)

    def passes(self, **duration: float) -> datetime:
        """Time passes, and no worker does anything."""
        with self.desk.desk.database.begin() as session:
            self.desk.desk.clock.advance(session, timedelta(**duration))
        return self.desk.now

    def until_monday(self) -> datetime:
        """A minute into the next Monday of two weeks without a holiday, in Jakarta."""
        return self.passes(seconds=(calm_monday(self.desk) + timedelta(minutes=1) - self.desk.now).total_seconds())

    def file(self, by: str = "maya", what: str = "My VPN is down", **values: Any) -> int:
        """A filed ticket's id."""
        person = self.id_of(by)
        given = {"requester": person, "filed_by": person, "queue": "it", "topic": None, "text": what}
        filed = self.do(service.file_ticket, **(given | {"source": Source.FORM} | values))
        ticket_id: int = filed.ticket.id
        return ticket_id

    def claim(self, ticket: int, by: str = "rina") -> None:
        self.do(service.claim_ticket, ticket, self.id_of(by))

    def reply(self, ticket: int, by: str = "rina") -> None:
        """It reaches the requester at once."""
        message: TicketMessage = self.do(service.reply_to_requester, ticket, self.id_of(by), "Please try again")
        self.do(service.send_reply_now, message.id, shown_to_agents=False)

    def resolve(self, ticket: int, by: str = "rina", topic: str = "Other") -> None:
        self.do(service.resolve_ticket, ticket, self.id_of(by), topic=topic, resolution="A restart")

    def close(self, ticket: int, by: str = "maya") -> None:
        self.do(service.confirm_ticket, ticket, self.id_of(by))

    def reopen(self, ticket: int, by: str = "maya") -> None:
        self.do(service.reopen_ticket, ticket, self.id_of(by))

    def wait(self, ticket: int, by: str = "rina") -> None:
        self.do(service.wait_for_requester, ticket, self.id_of(by))

    def resume(self, ticket: int, by: str = "rina") -> None:
        self.do(service.resume_ticket, ticket, self.id_of(by))

    def escalate(self, ticket: int, by: str = "rina") -> None:
        packet = {"reason": "Needs the firewall", "tried": "A restart", "asked": "Open port 443"}
        self.do(service.escalate_ticket, ticket, self.id_of(by), **packet)

    def accept(self, ticket: int, by: str = "dewi") -> None:
        self.do(service.accept_ticket, ticket, self.id_of(by))

    def send_back(self, ticket: int, by: str = "dewi") -> None:
        self.do(service.send_back_ticket, ticket, self.id_of(by), "Not ours")

    def move(self, ticket: int, queue: str, topic: str = "Other", by: str = "helpdesk-lead") -> None:
        self.do(service.set_topic, ticket, self.id_of(by), queue, topic)

    def empties_tier(self, name: str) -> None:
        """Nobody is a member of that tier of the IT queue any more."""
        with self.desk.desk.transaction() as tx:
            it, nobody = tx.policy.queue("it"), {"members": frozenset(), "groups": ()}
            tiers = tuple(one.model_copy(update=nobody) if one.name == name else one for one in it.tiers)
            queues = tx.policy.queues | {"it": it.model_copy(update={"tiers": tiers})}
            apply_policy(tx.session, tx.policy.model_copy(update={"queues": queues}), "", "test", tx.now)

    def figures(self, span: Span, queues: Sequence[str] = ("it",), topic: str | None = None) -> dict[str, float | None]:
        """Every number that the plugin counts of these queues."""
        with self.desk.desk.reading() as tx:
            ctx = ReadContext(tx, "digest", None)
            count = count_of(ctx, queues, span, topic)
            places = [(key, key, tier.name) for key in queues for tier in tx.policy.queue(key).tiers]
            sections = [
                of(count) for of in (figures.volume, figures.ages, figures.times, figures.quality, figures.topics)
            ]
            sections.append(figures.tiers(count, places))
            return {number.key: number.value for section in sections for number in section.numbers}

    def counted(self, span: Span, queues: Sequence[str] = ("it",)) -> dict[str, float | None]:
        """The same numbers, counted from the raw history alone."""
        with self.desk.desk.reading() as tx:
            history = text("SELECT ticket_id, at, kind, data FROM history ORDER BY ticket_id, sequence")
            rows = tx.session.execute(history.columns(at=UtcDateTime(), data=JSON())).all()
            elapsed = {key: tx.policy.calendar(key).elapsed for key in tx.policy.queues}
            tiers = {key: [tier.name for tier in tx.policy.queue(key).tiers] for key in queues}
        lives: dict[int, Life] = {}
        for row in rows:
            lives.setdefault(row.ticket_id, Life(elapsed)).happens(row)
        return Tally(span, queues, tiers, list(lives.values())).numbers()


StartWorld = Callable[..., World]


@pytest.fixture
def start_world(tmp_path: Path, database_url: str) -> Iterator[StartWorld]:
    """Starts a desk with settings of one's own."""
    with ExitStack() as stack:

        def start(**config: Any) -> World:
            return World(stack.enter_context(PluginDesk(DIGEST, tmp_path, config, database_url=database_url)))

        yield start


@pytest.fixture
def world(start_world: StartWorld) -> World:
    """A desk without subscriptions, on a Monday."""
    found = start_world()
    found.until_monday()
    return found
