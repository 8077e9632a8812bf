"""What happens to tickets by itself when its time has come."""

from datetime import datetime

from slackdesk.dispatch.model import Work
from slackdesk.dispatch.runners import Runner
from slackdesk.tickets import service
from slackdesk.tickets.transaction import Desk


def send_reply(desk: Desk, row: Work) -> None:
    """A reply can no longer be undone: it leaves."""
    with desk.transaction() as tx:
        service.send_reply_now(tx, row.payload["message_id"], shown_to_agents=row.payload["shown_to_agents"])


def auto_close(desk: Desk, row: Work) -> None:
    """Nobody answered "Did this solve it?" for long enough."""
    with desk.transaction() as tx:
        service.close_ticket_automatically(
            tx, row.payload["ticket_id"], datetime.fromisoformat(row.payload["resolved_at"])
        )


TIMERS: dict[str, Runner] = {"send_reply": send_reply, "auto_close": auto_close}
