"""Answers to what somebody did, for that person's eyes only."""

from typing import Any

from slack_sdk.models.blocks import Block

from slackdesk.dispatch.runners import AfterRefusal, Drawing, SlackCall
from slackdesk.i18n import Translate
from slackdesk.slack import escape, ids
from slackdesk.slack.drawings import parts
from slackdesk.slack.drawings.card_actions import LABELS
from slackdesk.slack.ids import Click
from slackdesk.tickets import outgoing
from slackdesk.tickets.transaction import Transaction

VALUE_CHARACTERS = 300
"""As much of a value as an answer quotes."""


class AnswerDrawing(Drawing):
    """A sentence filled from values, in the person's language; ``blocks`` names a button (a ``Click``) below it.

    The button is about the ticket ``values["number"]``.
    """

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """Through the response URL where there is one, else beside the message, else by direct message."""
        t = parts.person_reader(tx, payload["person"]).t
        values = {
            key: escape.inline(value, VALUE_CHARACTERS) if isinstance(value, str) else value
            for key, value in payload["values"].items()
        }
        template: str = payload["template"]
        text: str = payload["said"] if "said" in payload else t(template, **values)
        blocks: list[Block] = [parts.section(text), *_button(t, payload)]
        if "response_url" in payload:
            return parts.respond(payload["response_url"], text, blocks)
        if payload["channel"] == payload["person"]:
            return parts.post(payload["person"], None, text, blocks)
        return parts.whisper(payload["channel"], payload["person"], payload.get("thread_ts"), text, blocks)

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """What cannot be said where the person asked (the app is no member, the URL is too old) goes by DM."""
        if payload["channel"] == payload["person"]:
            return AfterRefusal.GIVE_UP
        outgoing.answer(
            tx,
            channel=payload["person"],
            person=payload["person"],
            template=payload["template"],
            values=payload["values"],
            blocks=payload.get("blocks"),
            said=payload.get("said"),
        )
        return AfterRefusal.ASKED_ANEW


def _button(t: Translate, payload: dict[str, Any]) -> list[Block]:
    if "blocks" not in payload:
        return []
    click, number = Click(payload["blocks"]), str(payload["values"]["number"])
    ticket_id = int(number.rpartition("-")[2])  # the prefix only says which queue it was filed in
    label = t(LABELS[click])
    button = parts.button(label, ids.action(click, ticket_id), about=f"{label}: {number}")
    return parts.actions("answer", ticket_id, [button])
