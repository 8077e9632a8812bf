"""Slack on both sides of the edge: signed deliveries go in through the HTTP door, calls come out at a real server."""

import hashlib
import hmac
import io
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import WSGIApplication

import pytest
from slack_sdk import WebClient
from sqlalchemy import select

from slackdesk.dispatch.model import Work
from slackdesk.sandbox.blockkit import message_problems, view_problems
from slackdesk.slack.app import build_bolt_app
from slackdesk.slack.http import HttpFront
from slackdesk.slack.people_sync import timers
from slackdesk.tickets.model import HistoryEntry, Posting, Ticket, TicketMessage
from slackdesk.tickets.transaction import Desk

from .web_api import WebApi

SECRET = "a-signing-secret"
DESK_BOT = "U0DESK"
GENERAL, HELP = "C0GENERAL", "C0HELP"

Json = dict[str, Any]
_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    return f"{prefix}{next(_numbers)}"


def new_ts() -> str:
    return f"1764000000.{next(_numbers):06}"


@dataclass
class Door:
    """What Slack delivers to one desk, and what the desk has written down."""

    desk: Desk
    api: WebApi
    front: WSGIApplication
    client: WebClient
    last_status: int = 0
    sent: list[tuple[str, str]] = field(default_factory=list)
    """Bodies and content types, to deliver something again."""

    def post(self, body: str, content_type: str, *, timestamp: str | None = None, signature: str | None = None) -> str:
        """One signed request; returns the body of the answer."""
        self.sent.append((body, content_type))
        timestamp = timestamp if timestamp is not None else str(int(time.time()))
        signed = hmac.new(SECRET.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        content = body.encode()
        environ: Json = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/slack/events",
            "QUERY_STRING": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(content)),
            "HTTP_X_SLACK_REQUEST_TIMESTAMP": timestamp,
            "HTTP_X_SLACK_SIGNATURE": signature if signature is not None else f"v0={signed}",
            "wsgi.input": io.BytesIO(content),
        }
        return self.request(environ)

    def request(self, environ: Json) -> str:
        """Any request."""

        def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> Any:
            self.last_status = int(status.split(maxsplit=1)[0])

        return b"".join(self.front(environ, start_response)).decode()

    def again(self) -> str:
        """The last delivery once more."""
        return self.post(*self.sent[-1])

    def form(self, **fields: str) -> str:
        return self.post(urlencode(fields), "application/x-www-form-urlencoded")

    def interact(self, payload: Json) -> Json:
        """An interactive payload; returns the acknowledgement, ``{}`` for an empty one."""
        body = self.form(payload=json.dumps(payload))
        acknowledgement: Json = json.loads(body) if body else {}
        if "view" in acknowledgement:
            assert view_problems(acknowledgement["view"], "modal") == []
        return acknowledgement

    def slash(self, person: str, text: str, channel: str = GENERAL) -> str:
        """A slash command; returns what the person reads."""
        command, _, rest = text.partition(" ")
        body = self.form(
            command=command, text=rest, user_id=person, channel_id=channel, trigger_id=unique("T"), team_id="T1"
        )
        assert self.last_status == 200
        answer: Json = json.loads(body) if body.startswith("{") else {"text": body}
        if answer["text"]:
            assert message_problems(answer) == []
        return str(answer["text"])

    def press(
        self, person: str, action_id: str, channel: str = "C0L1", view: str | None = None, option: str | None = None
    ) -> None:
        """A button (an overflow entry with ``option``) in a message, or in a ``view`` of that type."""
        self.interact(self.press_payload(person, action_id, channel, view, option))
        assert self.last_status == 200

    def press_payload(
        self, person: str, action_id: str, channel: str = "C0L1", view: str | None = None, option: str | None = None
    ) -> Json:
        ts = new_ts()
        action: Json = {"type": "button", "action_id": action_id, "block_id": "b", "action_ts": new_ts()}
        if option is not None:
            action |= {"type": "overflow", "selected_option": {"value": option}}
        payload: Json = {
            "type": "block_actions",
            "user": {"id": person},
            "team": {"id": "T1"},
            "trigger_id": unique("T"),
            "actions": [action],
        }
        if view is not None:
            view_id = unique("V")
            return payload | {
                "container": {"type": "view", "view_id": view_id},
                "view": {"id": view_id, "type": view},
            }
        return payload | {
            "container": {"type": "message", "message_ts": ts, "channel_id": channel},
            "channel": {"id": channel},
            "message": {"ts": ts},
            "response_url": f"{self.api.url}/respond",
        }

    def submit(self, person: str, view: Json, **values: Any) -> Json:
        """Submit a view with what its inputs hold and ``values`` by the names of their blocks."""
        state = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                name = block["block_id"]
                state[name] = {element["action_id"]: _state(element, values.get(name))}
        unknown = set(values) - set(state)
        assert not unknown, f"no inputs {unknown} in {sorted(state)}"
        submitted = {"id": view.get("id") or unique("V"), "state": {"values": state}, "type": "modal"}
        keys = ("callback_id", "private_metadata", "blocks")
        return self.interact(
            {
                "type": "view_submission",
                "user": {"id": person},
                "team": {"id": "T1"},
                "trigger_id": unique("T"),
                "view": submitted | {key: view[key] for key in keys if key in view},
            }
        )

    def shortcut(self, person: str, callback_id: str, message: Json | None = None, channel: str = GENERAL) -> None:
        payload: Json = {
            "type": "shortcut" if message is None else "message_action",
            "callback_id": callback_id,
            "user": {"id": person},
            "team": {"id": "T1"},
            "trigger_id": unique("T"),
        }
        if message is not None:
            payload |= {
                "channel": {"id": channel},
                "message_ts": message["ts"],
                "message": message,
                "response_url": f"{self.api.url}/respond",
            }
        self.interact(payload)
        assert self.last_status == 200

    def event(self, event: Json) -> int:
        """An event; returns the HTTP status."""
        envelope = {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": unique("Ev"),
            "event": event,
            "authorizations": [{"team_id": "T1", "user_id": DESK_BOT, "is_bot": True}],
        }
        self.post(json.dumps(envelope), "application/json")
        return self.last_status

    def says(self, person: str, text: str, channel: str, thread_ts: str | None = None, **more: Any) -> str:
        """Somebody writes a message; returns its ts."""
        ts = new_ts()
        event: Json = {"type": "message", "user": person, "text": text, "ts": ts, "channel": channel, **more}
        if thread_ts is not None:
            event["thread_ts"] = thread_ts
        if channel.startswith("D"):
            event["channel_type"] = "im"
        assert self.event(event) == 200
        return ts

    def reacts(self, person: str, emoji: str, channel: str, ts: str) -> None:
        item = {"type": "message", "channel": channel, "ts": ts}
        assert self.event({"type": "reaction_added", "user": person, "reaction": emoji, "item": item}) == 200

    def tickets(self) -> list[Ticket]:
        with self.desk.reading() as tx:
            return list(tx.session.scalars(select(Ticket).order_by(Ticket.id)))

    def messages(self, ticket_id: int) -> list[TicketMessage]:
        with self.desk.reading() as tx:
            query = select(TicketMessage).where(TicketMessage.ticket_id == ticket_id).order_by(TicketMessage.id)
            return list(tx.session.scalars(query))

    def history(self, ticket_id: int) -> list[str]:
        with self.desk.reading() as tx:
            query = select(HistoryEntry.kind).where(HistoryEntry.ticket_id == ticket_id).order_by(HistoryEntry.sequence)
            return list(tx.session.scalars(query))

    def work(self, name: str) -> list[Work]:
        with self.desk.reading() as tx:
            return list(tx.session.scalars(select(Work).where(Work.name == name).order_by(Work.id)))

    def answers(self) -> list[str]:
        """What was answered to people, in English."""
        return [row.payload["template"].format(**row.payload["values"]) for row in self.work("answer")]

    def posted(self, ticket_id: int, kind: str, channel: str, tier: str | None = None) -> str:
        """A message of the desk is in Slack now; returns its ts."""
        ts = new_ts()
        with self.desk.transaction() as tx:
            tx.session.add(Posting(ticket_id=ticket_id, kind=kind, tier=tier, channel=channel, ts=ts))
        return ts

    def run_timer(self, name: str) -> None:
        """Run the work of that name as a worker does."""
        for row in self.work(name):
            timers(self.client)[name](self.desk, row)


def _state(element: Json, value: Any) -> Json:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": value if value is not None else element.get("initial_value")}
    if kind == "users_select":
        return {"type": kind, "selected_user": value or element.get("initial_user")}
    if kind == "datetimepicker":
        return {"type": kind, "selected_date_time": value}
    groups = element.get("option_groups") or [{"options": element["options"]}]
    offered = [option for group in groups for option in group["options"]]
    if value is not None:
        chosen = [option for option in offered if option["value"] == value]
        assert chosen, f"{value!r} is not offered in {[option['value'] for option in offered]}"
        return {"type": kind, "selected_option": chosen[0]}
    return {"type": kind, "selected_option": element.get("initial_option")}


@pytest.fixture
def api() -> Iterator[WebApi]:
    api = WebApi()
    yield api
    api.close()


@pytest.fixture
def door(helpdesk: Any, api: WebApi) -> Door:
    """The desk of ``helpdesk`` with a request channel, behind its HTTP door."""
    policy = None
    with helpdesk.desk.reading() as tx:
        queue = tx.policy.queue("it").model_copy(update={"request_channels": (HELP,)})
        policy = tx.policy.model_copy(update={"queues": {**tx.policy.queues, "it": queue}})
    helpdesk.apply(policy)
    desk: Desk = helpdesk.desk
    client = WebClient(token="xoxb-test", base_url=f"{api.url}/api/", retry_handlers=[])
    app = build_bolt_app(desk, client=client, signing_secret=SECRET)
    return Door(desk, api, HttpFront(app), client)


@pytest.fixture
def patient_desk(helpdesk: Any) -> Any:
    """A desk whose replies can be undone for a while."""
    object.__setattr__(helpdesk.desk, "undo", timedelta(seconds=10))
    return helpdesk
