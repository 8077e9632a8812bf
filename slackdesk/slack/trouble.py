"""What operators hear when Slack does not take what the desk has to say, in time to mend it."""

import logging
from collections.abc import Sequence

from slackdesk.dispatch import blockages
from slackdesk.dispatch.model import Work
from slackdesk.i18n import later
from slackdesk.slack.sender import CHANNEL_ERRORS, SCOPE_ERRORS
from slackdesk.tickets import outgoing
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.transaction import Desk, Transaction

log = logging.getLogger(__name__)

ARCHIVED = later(
    "<#{channel}> was archived. What belongs there waits, nothing is lost. Unarchive it, or name another channel in "
    "the policy; then everything comes."
)
OUTSIDE = later(
    "The app is not in <#{channel}>, or that channel is gone. What belongs there waits, nothing is lost. Invite the "
    "app there, or name another channel in the policy; then everything comes."
)
MAY_NOT_POST = later(
    "The app may not post in <#{channel}> ({error}). What belongs there waits, nothing is lost. Let it post there, or "
    "name another channel in the policy; then everything comes."
)
SCOPE_MISSING = later(
    "Slack refuses {method} ({error}). What needs it waits, nothing is lost. Give the app the scopes of its manifest "
    "and install it again; then everything comes."
)
CONTENT_REFUSED = later(
    "Slack refuses what plugins show ({plugins}): {error}. Everything is shown without it until it is mended."
)
GIVEN_UP = later(
    "{number}: something that had to be said could not be, and is not tried again ({name}: {error}). Say it yourself "
    "where it matters; the log names what else was given up within this hour."
)

NOT_LET_IN = (
    "SLACK_BOT_TOKEN = 'xoxb-…': Slack answers %s; write the Bot User OAuth Token of the installed app and start the "
    "desk again. Until then everything waits, nothing is lost"
)


def tell_blocked(tx: Transaction, place: str, error: str) -> None:
    """``Runners.blocked``: an ERROR in the log, and a direct message to each operator where Slack still takes one."""
    name = error.partition(" ")[0]
    if place == blockages.TOKEN:
        log.error(NOT_LET_IN, name)
        return
    template = SCOPE_MISSING if name in SCOPE_ERRORS else MAY_NOT_POST
    if name in CHANNEL_ERRORS and not name.startswith("restricted"):
        template = ARCHIVED if name == "is_archived" else OUTSIDE
    values = {"channel": place, "method": place, "error": name}
    log.error("%s", template.format(**values))
    outgoing.operators(tx, template, values, key=f"blocked:{place}:{tx.real_now.isoformat()}")


def tell_content_refused(tx: Transaction, plugins: Sequence[str], error: str) -> None:
    """Slack refuses a card or an App Home with what these plugins add to it: operators hear of it once in an hour."""
    values = {"plugins": ", ".join(plugins), "error": error}
    log.error("%s", CONTENT_REFUSED.format(**values))
    outgoing.operators(tx, CONTENT_REFUSED, values, key=f"content:{values['plugins']}:{tx.real_now:%Y-%m-%dT%H}")


def tell_given_up(desk: Desk, row: Work) -> None:
    """The timer ``given_up``: operators hear of a message about a ticket that will never be seen."""
    with desk.transaction() as tx:
        lost = tx.session.get(Work, row.payload["work_id"])
        ticket = tx.session.get(Ticket, lost.ticket_id) if lost is not None else None
        if lost is None or ticket is None:
            return
        values = {"number": ticket.number, "name": lost.name, "error": lost.last_error or ""}
        outgoing.operators(tx, GIVEN_UP, values, key=row.dedupe_key)
