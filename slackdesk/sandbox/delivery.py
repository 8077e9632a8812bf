"""Getting events, commands and interactions to the app: by Socket Mode, or by signed HTTP once a URL is set."""

from __future__ import annotations

import json
import secrets
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route, WebSocketRoute

from slackdesk.sandbox.journal import DeliveryEntry
from slackdesk.sandbox.records import Channel, Json
from slackdesk.sandbox.signedhttp import SignedHttp
from slackdesk.sandbox.socketmode import SocketMode
from slackdesk.sandbox.subscriptions import is_subscribed
from slackdesk.sandbox.transport import Kind, Reply, Retry, Scheduler, Transport

if TYPE_CHECKING:
    from slackdesk.sandbox import Sandbox

REDELIVERY_SECONDS = (0.0, 60.0, 300.0)
"""Waits before the three redeliveries of an event, at Slack's pace; divided by `redelivery_scale`."""


class Delivery:
    """Events are sent without waiting and redelivered until acknowledged; everything else is tried once."""

    def __init__(self, sandbox: Sandbox, redelivery_scale: float = 1.0) -> None:
        if redelivery_scale <= 0:
            raise ValueError(f"redelivery_scale is {redelivery_scale}; it must be above 0 (2 = twice Slack's pace)")
        self._sandbox = sandbox
        self._redelivery_scale = redelivery_scale
        self._scheduler = Scheduler()
        self._http: SignedHttp | None = None
        self._under_way = 0
        self._idle = threading.Condition()
        self.sockets = SocketMode(sandbox.workspace.app.id, self._scheduler)

    def start(self) -> None:
        self._scheduler.start()
        self._sandbox.workspace.on_event.append(self._on_event)
        self._sandbox.faults.socket_listeners.append(self.sockets.disconnect)

    def stop(self) -> None:
        """Redeliveries still to come are dropped."""
        self._sandbox.workspace.on_event.remove(self._on_event)
        self._sandbox.faults.socket_listeners.remove(self.sockets.disconnect)
        self._scheduler.stop()
        self.sockets.stop()
        self.deliver_over_socket_mode()

    def deliver_over_http(self, url: str) -> None:
        """From now on everything goes to this request URL. Raises ValueError for a URL that cannot be one."""
        self.deliver_over_socket_mode()
        self._http = SignedHttp(url, self._sandbox.signing_secret)

    def deliver_over_socket_mode(self) -> None:
        http, self._http = self._http, None
        if http is not None:
            http.stop()

    def verify_url(self) -> None:
        """Ask the app at the request URL for the challenge, as Slack does when the URL is saved.

        Raises ValueError that says what came back instead.
        """
        if self._http is None:
            raise ValueError("there is no request URL yet; call deliver_over_http first")
        self._http.verify()

    def wait_until_answered(self, within_seconds: float = 5.0) -> bool:
        """Until no attempt is under way, as far as the app and the time allow; redeliveries to come do not count."""
        with self._idle:
            return self._idle.wait_for(lambda: self._under_way == 0, within_seconds)

    def ask(self, kind: Kind, payload: Json) -> tuple[Reply, DeliveryEntry]:
        """Deliver a command or an interaction once and wait for what the app answers, 3 s at most."""
        delivery_id = str(payload.get("trigger_id") or secrets.token_hex(16))
        future, entry = self._attempt(kind, json.dumps(payload), delivery_id, 0, None)
        # result() may return before the callback that completes the entry has run; this one comes after it.
        is_noted = threading.Event()
        future.add_done_callback(lambda _: is_noted.set())
        is_noted.wait()
        return (Reply(failure="stopped") if future.cancelled() else future.result()), entry

    def _attempt(
        self, kind: Kind, payload: str, delivery_id: str, attempt: int, reason: str | None
    ) -> tuple[Future[Reply], DeliveryEntry]:
        transport: Transport = self._http or self.sockets
        entry = DeliveryEntry(
            kind=kind,
            delivery_id=delivery_id,
            transport="http" if self._http else "socket",
            payload=json.loads(payload),
            attempt=attempt,
        )
        self._sandbox.journal.record(entry)
        with self._idle:
            self._under_way += 1
        # Every attempt in Socket Mode is an envelope of its own; what identifies the event is inside.
        envelope_id = secrets.token_hex(16)
        retry = None if reason is None else Retry(attempt, reason)
        future = transport.send(kind, payload, envelope_id, retry)
        future.add_done_callback(lambda done: self._complete(entry, done))
        return future, entry

    def _complete(self, entry: DeliveryEntry, done: Future[Reply]) -> None:
        reply = Reply(failure="stopped") if done.cancelled() else done.result()
        entry.error, entry.ack_payload = reply.failure, reply.body or None
        if not reply.failure:
            entry.acked_after_seconds = time.monotonic() - entry.monotonic
        with self._idle:
            self._under_way -= 1
            self._idle.notify_all()

    def _on_event(self, event: Json, audience: Channel | None) -> None:
        if audience is not None and self._sandbox.workspace.bot.id not in audience.members:
            return
        if not is_subscribed(event, self._sandbox.manifest, self._sandbox.workspace.granted_scopes()):
            return
        wrapped = self._wrapped(event)
        self._deliver(json.dumps(wrapped), wrapped["event_id"], 0, None)

    def _deliver(self, payload: str, event_id: str, attempt: int, reason: str | None) -> None:
        def redeliver(done: Future[Reply]) -> None:
            if done.cancelled():
                return
            reply = done.result()
            if reply.failure and reply.may_retry and attempt < len(REDELIVERY_SECONDS):
                wait_seconds = REDELIVERY_SECONDS[attempt] / self._redelivery_scale
                again = (payload, event_id, attempt + 1, reply.failure)
                self._scheduler.after(wait_seconds, lambda: self._deliver(*again))

        future, _ = self._attempt("events_api", payload, event_id, attempt, reason)
        future.add_done_callback(redeliver)

    def _wrapped(self, event: Json) -> Json:
        workspace = self._sandbox.workspace
        authorization = {
            "enterprise_id": None,
            "team_id": workspace.team_id,
            "user_id": workspace.bot.id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "unused",
            "team_id": workspace.team_id,
            "api_app_id": workspace.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": workspace.new_id("Ev"),
            "event_time": int(time.time()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"4-{secrets.token_hex(12)}",
        }


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """What the app reaches besides the Web API: the WebSocket of Socket Mode and the response URLs."""
    return [
        WebSocketRoute("/link/", sandbox.delivery.sockets.serve),
        Route("/response/{token}", sandbox.responses.endpoint, methods=["POST"]),
    ]
