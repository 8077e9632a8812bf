"""Telling one person something, where that person is: as work, or directly when nothing can be written."""

import logging
from collections.abc import Mapping

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from slackdesk.errors import AlreadyAccepted, AlreadyClaimed, Refused, Unavailable
from slackdesk.slack.edge import Asked, Edge, excuse, marked_up
from slackdesk.slack.ids import Click
from slackdesk.slack.modals import parts
from slackdesk.slack.payloads import Place
from slackdesk.tickets import outgoing

logger = logging.getLogger(__name__)

DIRECT_TIMEOUT_SECONDS = 1
"""For the one sentence that cannot be written down because the database does not answer."""


def answer(
    asked: Asked,
    place: Place,
    template: str,
    values: Mapping[str, object] | None = None,
    *,
    button: Click | None = None,
) -> None:
    """Say it to whoever asked, visible to nobody else; it leaves with the transaction.

    A ``button`` is about the ticket ``values["number"]``.
    """
    outgoing.answer(
        asked.tx,
        channel=place.channel,
        person=asked.person,
        template=template,
        values={key: value if isinstance(value, int) else str(value) for key, value in (values or {}).items()},
        thread_ts=place.thread_ts,
        response_url=place.response_url,
        blocks=button,
    )


def say_to(asked: Asked, place: Place, text: str) -> None:
    """Say what a plugin answers (mrkdwn, in the person's language) to whoever asked, visible to nobody else."""
    outgoing.answer(
        asked.tx,
        channel=place.channel,
        person=asked.person,
        said=text,
        thread_ts=place.thread_ts,
        response_url=place.response_url,
    )


def refuse(edge: Edge, person: str, key: str, place: Place, refused: Refused) -> None:
    """Accept the delivery ``key`` by saying why nothing was done. Raises what ``Edge.asked`` raises."""
    with edge.asked(person, key) as asked:
        button = Click.TAKE_OVER if isinstance(refused, AlreadyClaimed) else None
        answer(asked, place, refused.template, refused.values, button=button)


def tell_in_conversation(edge: Edge, person: str, key: str, place: Place, error: Exception) -> None:
    """Say why something was not done. Never fails: what cannot be said is logged."""
    refused = excuse(error)
    if not isinstance(error, Unavailable):
        try:
            refuse(edge, person, key, place, refused)
            return
        except AlreadyAccepted:
            return
        except Exception as second:  # noqa: BLE001 — the person still has to be told
            refused = excuse(second)
    _post_directly(place, marked_up(refused, edge.t(person)))


def tell_in_window(edge: Edge, person: str, trigger_id: str, error: Exception, *, on_modal: bool) -> None:
    """Say why something was not done, in a window of its own. Never fails."""
    refused, t = excuse(error), edge.t(person)
    try:
        edge.open_view(trigger_id, parts.told(t, t("Not done"), marked_up(refused, t)), on_modal=on_modal)
    except Refused:
        logger.warning("%s was not told: %s", person, refused)


def _post_directly(place: Place, text: str) -> None:
    if place.response_url is None:
        logger.warning("nobody was told in %s: %s", place.channel, text)
        return
    try:
        webhook = WebhookClient(place.response_url, timeout=DIRECT_TIMEOUT_SECONDS, retry_handlers=[])
        webhook.send(text=text, response_type="ephemeral", replace_original=False)
    except (OSError, SlackClientError) as error:
        logger.warning("nobody was told in %s: %s (%s)", place.channel, text, error)
