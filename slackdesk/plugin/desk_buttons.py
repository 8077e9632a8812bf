"""Buttons of the desk itself, for what a plugin shows: pressed, the core does it, and checks who may."""

from collections.abc import Mapping

from slack_sdk.models.blocks import ButtonElement

from slackdesk.plugin.errors import PluginError
from slackdesk.slack import ids
from slackdesk.slack.drawings import parts
from slackdesk.slack.ids import Click
from slackdesk.tickets.rights import Action

_NEED_ONLY_THE_TICKET = (
    Action.CLAIM,
    Action.ACCEPT,
    Action.WAIT,
    Action.RESUME,
    Action.CONFIRM,
    Action.REOPEN,
    Action.CLOSE,
    Action.REPLY,
    Action.NOTE,
    Action.ESCALATE,
    Action.SEND_BACK,
    Action.RESOLVE,
    Action.HOLD,
    Action.SNOOZE,
    Action.ASSIGN,
    Action.PRIORITY,
    Action.TOPIC,
    Action.DUPLICATE,
)

OFFERED: Mapping[Action, Click] = {
    Action.VIEW: Click.SHOW,
    **{action: Click(action.value) for action in _NEED_ONLY_THE_TICKET},
}
"""What can be pressed anywhere: it is done at once and can be undone, or asked for in a window.

Not here is what the card itself asks about before it is done, what ends a request at one press, and what has no button.
"""


def desk_button(action: Action, ticket_id: int, label: str, *, about: str, style: str | None = None) -> ButtonElement:
    """A button that does what the desk's own button does. Whoever presses it may, or reads why not.

    ``about`` says to a screen reader what the button is for, the ticket's number included. Raises PluginError for an
    action that is not offered.
    """
    if action not in OFFERED:
        names = ", ".join(sorted(offered.name for offered in OFFERED))
        raise PluginError(f"desk_button({action!r}): write Action. and one of {names}")
    return parts.button(label, ids.action(OFFERED[action], ticket_id), about=about, style=style)
