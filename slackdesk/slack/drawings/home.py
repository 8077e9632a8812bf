"""The App Home: for an agent first what has to be done, for everybody the own requests with their state."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, PlainTextObject, SectionBlock
from slack_sdk.models.views import View
from sqlalchemy import select

from slackdesk.dispatch.runners import AfterRefusal, Drawing, SlackCall
from slackdesk.slack import escape, ids
from slackdesk.slack.drawings import parts, places
from slackdesk.slack.drawings.parts import Reader, mention
from slackdesk.slack.drawings.requester import state_sentence
from slackdesk.slack.extensions import NONE, Extensions
from slackdesk.slack.ids import Click
from slackdesk.slack.trouble import tell_content_refused
from slackdesk.tickets import outgoing
from slackdesk.tickets.model import Status, StayBegin, Ticket, TierStay
from slackdesk.tickets.queries import ids_of, tickets_with, work_of
from slackdesk.tickets.rights import is_agent
from slackdesk.tickets.transaction import Transaction

SHOWN = 8
"""Tickets in one list: four lists of two blocks a ticket stay under the 100 blocks of a view."""

VIEW_BLOCKS = 100
"""Blocks in a view (https://docs.slack.dev/reference/views)."""

COUNTED = 200
"""As many tickets as are looked at for a list; beyond that it says "many more"."""


class HomeDrawing(Drawing):
    """Publish a person's App Home."""

    def __init__(self, extensions: Extensions = NONE) -> None:
        self.extensions = extensions

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """The tab as it is now."""
        person = payload["person"]
        extensions = NONE if payload.get("is_plain") else self.extensions
        blocks = home_blocks(tx, parts.person_reader(tx, person), person, extensions)
        view = View(type="home", blocks=blocks[:VIEW_BLOCKS])
        return SlackCall("views.publish", {"user_id": person, "view": view.to_dict()})

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """A tab that Slack refuses is drawn without what plugins add."""
        plugins = () if payload.get("is_plain") else self.extensions.shown_on_homes(tx)
        if not plugins or not places.is_one_of(error, places.CONTENT_REFUSED):
            return AfterRefusal.GIVE_UP
        tell_content_refused(tx, plugins, error)
        outgoing.home(tx, payload["person"], is_plain=True)
        return AfterRefusal.ASKED_ANEW


def home_blocks(tx: Transaction, reader: Reader, person: str, extensions: Extensions = NONE) -> list[Block]:
    """Everything on the tab of ``person``; what plugins add comes before the lists."""
    t = reader.t
    file = ButtonElement(
        text=PlainTextObject(text=t("File a request")),
        action_id=ids.action(Click.FILE),
        style="primary",
        accessibility_label=t("File a request with the help desk"),
    )
    blocks: list[Block] = [parts.header(tx.policy.desk.name), ActionsBlock(block_id=ids.block("home"), elements=[file])]
    blocks += extensions.home(tx, person)
    if is_agent(tx.policy, person):
        blocks += _work(tx, reader, person, extensions)
    own = ids_of(tx.session, person, COUNTED)
    shown = tickets_with(tx.session, own[:SHOWN])
    badges = extensions.badges(tx, reader, shown)
    blocks += _list(
        reader, t("Your requests"), len(own), shown, lambda ticket: _own_state(tx, reader, ticket, extensions), badges
    )
    if not own:
        blocks.append(parts.section(t("You have not asked for anything yet. What you file appears here.")))
    return blocks


def _work(tx: Transaction, reader: Reader, agent: str, extensions: Extensions) -> list[Block]:
    t = reader.t
    work = work_of(tx.session, tx.policy, agent, tx.now, COUNTED)
    unassigned = [row.id for row in work if row.assignee is None]
    unaccepted = set(
        tx.session.scalars(
            select(TierStay.ticket_id).where(
                TierStay.ticket_id.in_(unassigned),
                TierStay.left_at.is_(None),
                TierStay.accepted_at.is_(None),
                TierStay.entered_how == StayBegin.ESCALATED,
            )
        )
    )
    lists = {
        t("Assigned to you"): [row.id for row in work if row.assignee == agent],
        t("Handed up, to accept"): [ticket_id for ticket_id in unassigned if ticket_id in unaccepted],
        t("Nobody has it yet"): [ticket_id for ticket_id in unassigned if ticket_id not in unaccepted],
    }
    shown = tickets_with(tx.session, [ticket_id for found in lists.values() for ticket_id in found[:SHOWN]])
    badges = extensions.badges(tx, reader, shown)
    blocks = []
    for title, found in lists.items():
        part = [ticket for ticket in shown if ticket.id in found[:SHOWN]]
        blocks += _list(reader, title, len(found), part, lambda ticket: _work_state(reader, ticket), badges)
    return blocks or [parts.section(t("Nothing waits for you. The queues that you belong to are empty."))]


def _list(
    reader: Reader,
    title: str,
    count: int,
    tickets: Sequence[Ticket],
    state: Callable[[Ticket], str],
    badges: Mapping[int, str],
) -> list[Block]:
    if not tickets:
        return []
    t = reader.t
    blocks: list[Block] = [parts.header(f"{title} ({count if count < COUNTED else f'{COUNTED}+'})")]
    for ticket in tickets:
        show = parts.button(
            t("Open"), ids.action(Click.SHOW, ticket.id), about=t("Open ticket {number}", number=ticket.number)
        )
        line = PlainTextObject(text=f"{ticket.number} · {parts.title_of(t, ticket)}", emoji=False)
        said = state(ticket) + (f" · {badges[ticket.id]}" if ticket.id in badges else "")
        blocks += [SectionBlock(text=line, accessory=show), parts.context(said)]
    more = count - len(tickets)
    if more > 0:
        blocks.append(parts.context(t("and {count} more", count=more)))
    return blocks


def _own_state(tx: Transaction, reader: Reader, ticket: Ticket, extensions: Extensions) -> str:
    state = state_sentence(tx, reader, ticket, extensions)
    return f"*{reader.t(parts.STATUS_WORDS[ticket.status])}* · {state}" if ticket.status == Status.NEW else state


def _work_state(reader: Reader, ticket: Ticket) -> str:
    t = reader.t
    return t(
        "*{status}* · Priority: {priority} · {tier} · from {requester} · {filed}",
        status=t(parts.STATUS_WORDS[ticket.status]),
        priority=t(parts.PRIORITY_WORDS[ticket.priority]),
        tier=escape.inline(ticket.tier, 75),
        requester=mention(ticket.requester),
        filed=parts.date_token(reader, ticket.created_at),
    )
