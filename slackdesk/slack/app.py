"""The Bolt app: one catch-all listener for each kind of delivery, each leading to one function of the edge.

Bolt runs only the first listener that matches, so routing is not left to it. ``process_before_response`` makes Bolt
acknowledge after the listener returned, that is after the commit. Whatever is unknown or malformed is acknowledged
and logged: delivered again, it would be no better.
"""

import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from prometheus_client import Histogram
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.request_verification import RequestVerification
from slack_sdk import WebClient

from slackdesk.errors import Unavailable
from slackdesk.slack import actions, commands, events, modals, shortcuts
from slackdesk.slack.edge import VIEWS_TIMEOUT_SECONDS, Edge
from slackdesk.slack.extensions import NONE, Extensions
from slackdesk.slack.fields import Malformed
from slackdesk.slack.metrics import acknowledgement_seconds, payload_kind
from slackdesk.slack.payloads import Command, Delivery, Press, ShortcutUse
from slackdesk.tickets.transaction import Desk

logger = logging.getLogger(__name__)

LISTENER_THREADS = 20
"""Bolt's own five threads are shared with everything lazy; five slow ones would leave the next command unanswered."""

_ANY = re.compile(".*", re.DOTALL)


class SignatureCheck(RequestVerification):
    """Slack's signature, at most five minutes old. Whatever does not look like one is refused too, with 401.

    Bolt's own check would write the refused body into the log, and fails on marks and timestamps that are no text of
    Slack's. https://docs.slack.dev/authentication/verifying-requests-from-slack
    """

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse:
        """Next when the request is Slack's, 401 when not. Socket Mode is authenticated by its connection."""
        if req.mode == "socket_mode" or self._is_slacks(req):
            return next()
        logger.warning("refused with 401: a request without a signature of Slack's")
        return BoltResponse(status=401, body={"error": "invalid request"})

    def _is_slacks(self, req: BoltRequest) -> bool:
        timestamp = req.headers.get("x-slack-request-timestamp", [""])[0]
        signature = req.headers.get("x-slack-signature", [""])[0]
        return bool(
            self._signing_secret
            and re.fullmatch("[0-9]{1,12}", timestamp)
            and re.fullmatch("v0=[0-9a-f]{64}", signature)
            and self.verifier.is_valid(req.raw_body, timestamp, signature)
        )


class DeskApp(App):
    """Bolt's app, which outlives payloads on which Bolt itself fails (``"actions": []``).

    How long each of Slack's deliveries took is noted in ``acknowledgements``, by kind of payload.
    """

    def __init__(self, *, acknowledgements: Histogram, **options: Any) -> None:
        super().__init__(**options)
        self._acknowledgements = acknowledgements

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """The answer to a delivery; 200 for one in which Bolt cannot even look for a listener."""
        started = time.monotonic()
        answer = self._answer(req)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            self._acknowledgements.labels(payload_kind(req.body)).observe(time.monotonic() - started)
        return answer

    def _answer(self, req: BoltRequest) -> BoltResponse:
        try:
            return super().dispatch(req)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            return _not_understood(error, req.body)


def build_bolt_app(
    desk: Desk,
    *,
    client: WebClient,
    signing_secret: str | None,
    extensions: Extensions = NONE,
    acknowledgements: Histogram | None = None,
) -> App:
    """The app for both transports; building it calls nothing.

    Without ``signing_secret`` it serves Socket Mode only: over HTTP every request is refused.
    """
    app = DeskApp(
        acknowledgements=acknowledgements or acknowledgement_seconds(),
        name="slackdesk",
        client=_like(client, token=None),  # the one with the token is handed in by authorize; Bolt warns of both
        # Slack itself says in every event who the app is, so nobody has to be asked before the first acknowledgement.
        authorize=lambda **_: AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token),
        ignoring_self_events_enabled=False,  # events.receive leaves the app's own doings alone
        before_authorize=SignatureCheck(signing_secret or ""),
        request_verification_enabled=False,  # SignatureCheck stands in its place
        token_verification_enabled=False,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener"),
    )
    _listen(app, Edge(desk, _like(client, token=client.token), extensions))
    app.error(_not_understood)
    return app


def _like(client: WebClient, *, token: str | None) -> WebClient:
    return WebClient(
        token=token,
        base_url=client.base_url,
        timeout=VIEWS_TIMEOUT_SECONDS,
        ssl=client.ssl,
        proxy=client.proxy,
        headers=client.headers,
        team_id=client.default_params.get("team_id"),
        retry_handlers=[],
    )


def _listen(app: App, edge: Edge) -> None:
    app.command(_ANY)(_listener(lambda body: commands.command(edge, Command.read(body))))
    app.action(_ANY)(_listener(lambda body: actions.press(edge, Press.read(body))))
    app.shortcut(_ANY)(_listener(lambda body: shortcuts.use(edge, ShortcutUse.read(body))))
    app.view_submission(_ANY)(_listener(lambda body: modals.submit_unread(edge, body)))
    app.view_closed(_ANY)(_listener(lambda body: None))
    app.event(_ANY)(_event_listener(edge))


def _listener(answer: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Callable[..., None]:
    """Acknowledges with what ``answer`` returns."""

    def listen(ack: Ack, body: dict[str, Any]) -> None:
        try:
            acknowledgement = answer(body)
        except Malformed as error:
            logger.warning("acknowledged and left alone: %s", error)
            acknowledgement = None
        if acknowledgement:
            ack(acknowledgement)
        else:
            ack()

    return listen


def _event_listener(edge: Edge) -> Callable[..., BoltResponse | None]:
    """Acknowledges what was accepted; anything else is answered with 5xx, so that Slack delivers it again."""

    def listen(ack: Ack, body: dict[str, Any]) -> BoltResponse | None:
        try:
            events.receive(edge, Delivery.read(body))
        except Malformed as error:
            logger.warning("acknowledged and left alone: %s", error)
        except Unavailable as error:
            logger.warning("not accepted, Slack delivers it again: %s", error)
            return BoltResponse(status=503, body="")
        except Exception:
            logger.exception("not accepted, Slack delivers it again")
            return BoltResponse(status=500, body="")
        ack()
        return None

    return listen


def _not_understood(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """Listeners answer for themselves; what arrives here is a payload in which Bolt found nothing it knows."""
    logger.info("acknowledged and left alone: %s (%s)", body.get("type"), type(error).__name__)
    return BoltResponse(status=200, body="")
