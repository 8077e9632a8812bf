"""What a plugin answers, made ready for Slack while its own time still runs, so that nothing of it can fail later."""

from dataclasses import dataclass
from typing import Any

from slackdesk.i18n import Translate
from slackdesk.plugin.checks import checked_blocks
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginError
from slackdesk.plugin.values import Modal
from slackdesk.slack import escape, ids
from slackdesk.slack.modals import parts

TEXT_CHARACTERS = 3_000
"""What a section carries (https://docs.slack.dev/reference/block-kit/blocks/section-block)."""

VIEW_BLOCKS = 100
"""Blocks in a view (https://docs.slack.dev/reference/views)."""


@dataclass(frozen=True)
class Ready:
    """A text (mrkdwn), a window, or neither."""

    text: str | None = None
    window: dict[str, Any] | None = None
    """With a text: one that says the text, for where there is no conversation."""


def ready(plugin: Plugin, t: Translate, answer: object) -> Ready:
    """The answer as it leaves. Raises PluginError for what is no answer, and for what Slack would refuse."""
    if answer is None:
        return Ready()
    if isinstance(answer, str):
        text = escape.clean(answer).strip()
        if len(text) > TEXT_CHARACTERS:
            raise PluginError(f"{plugin.name} answers {len(text)} characters; {TEXT_CHARACTERS} is the most")
        return Ready(text, parts.told(t, plugin.name, text)) if text else Ready()
    if isinstance(answer, Modal):
        return Ready(window=_view(plugin, t, answer))
    raise PluginError(f"{plugin.name} answers {type(answer).__name__}: return a text, a Modal or None")


def _view(plugin: Plugin, t: Translate, modal: Modal) -> dict[str, Any]:
    if modal.submit is not None and modal.name not in plugin.modals:
        raise PluginError(f"{plugin.name} opens the modal {modal.name!r}: there is no @plugin.modal({modal.name!r})")
    checked_blocks(modal.blocks, VIEW_BLOCKS)
    context = ids.Context(ticket_id=modal.ticket_id, value=modal.value)
    name = f"{plugin.name}.{modal.name}"
    return parts.modal(t, name, modal.title, modal.blocks, submit=modal.submit, context=context)
