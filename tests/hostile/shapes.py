"""What Slack delivers: what was delivered on a played day, and the kinds that such a day does not have."""

import copy
import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from slackdesk.sandbox.journal import DeliveryEntry

Json = dict[str, Any]
Kind = Literal["events_api", "interactive", "slash_commands"]

FORM, JSON = "application/x-www-form-urlencoded", "application/json"

SAMPLES = 3
"""Deliveries of one sort that are kept: they are about different tickets."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Delivery:
    """One delivery, before it is written for a transport."""

    kind: Kind
    payload: Json = field(repr=False)

    @property
    def sort(self) -> tuple[str, ...]:
        """What distinguishes deliveries from each other for whoever receives them."""
        payload = self.payload
        if self.kind == "slash_commands":
            return (self.kind, payload["command"], payload["text"].split(" ")[0])
        if self.kind == "events_api":
            event = payload.get("event", {})
            by = "app" if "bot_id" in event else "person"
            return (self.kind, payload["type"], event.get("type", ""), event.get("subtype", ""), by)
        action: Json = next(iter(payload.get("actions", ())), {})
        place = str(payload.get("container", {}).get("type", ""))
        name = str(action.get("action_id", "")).split(":")[0]
        return (self.kind, payload["type"], place, name, _callback_id(payload))

    def fresh(self) -> "Delivery":
        """The same with ids of its own, so that the inbox does not take it for the same delivery."""
        payload = copy.deepcopy(self.payload)
        event = payload.get("event")
        if isinstance(event, dict):
            payload["event_id"] = f"Ev{next(_numbers):010}"
            if event["type"] in ("message", "app_mention") and event.get("subtype") in (None, "thread_broadcast"):
                event["ts"] = event["event_ts"] = f"1790000000.{next(_numbers):06}"
        if "trigger_id" in payload:
            payload["trigger_id"] = f"{next(_numbers)}.trigger"
        if "view" in payload and payload["type"] == "view_submission":
            payload["view"]["id"] = payload["container"]["view_id"] = f"V{next(_numbers):010}"
        for action in payload.get("actions", ()):
            action["action_ts"] = f"1790000000.{next(_numbers):06}"
        return Delivery(self.kind, payload)

    def turned(self, person: str | None, ticket_id: int | None) -> "Delivery":
        """The same as if that person had done it, to that ticket: nothing in it is malformed."""
        payload = copy.deepcopy(self.payload)
        if person is not None:
            if "user_id" in payload:
                payload["user_id"] = person
            elif isinstance(payload.get("user"), dict):
                payload["user"]["id"] = person
            elif isinstance(payload.get("event", {}).get("user"), str):
                payload["event"]["user"] = person
        if ticket_id is not None:
            for action in payload.get("actions", ()):
                action["action_id"] = re.sub(r":[0-9]+", f":{ticket_id}", action.get("action_id", ""), count=1)
            if "ticket_id" in (payload.get("view") or {}).get("private_metadata", ""):
                payload["view"]["private_metadata"] = json.dumps({"ticket_id": ticket_id})
            if self.kind == "slash_commands":
                payload["text"] = re.sub(r"IT-[0-9]+", f"IT-{ticket_id}", payload["text"])
        return Delivery(self.kind, payload)

    def body(self) -> tuple[bytes, str]:
        """Body and content type of the HTTP request."""
        if self.kind == "events_api":
            return json.dumps(self.payload).encode(), JSON
        fields = self.payload if self.kind == "slash_commands" else {"payload": json.dumps(self.payload)}
        return urlencode(fields, errors="surrogatepass").encode(), FORM


def _callback_id(payload: Json) -> str:
    return str(payload.get("callback_id") or (payload.get("view") or {}).get("callback_id", ""))


def recorded(entries: Iterable[DeliveryEntry]) -> list[Delivery]:
    """Some deliveries of each sort that there was."""
    kept: dict[tuple[str, ...], list[Delivery]] = {}
    for entry in entries:
        assert entry.kind in ("events_api", "interactive", "slash_commands")
        delivery = Delivery(entry.kind, entry.payload)  # type: ignore[arg-type]
        of_this_sort = kept.setdefault(delivery.sort, [])
        if len(of_this_sort) < SAMPLES:
            of_this_sort.append(delivery)
    return [delivery for deliveries in kept.values() for delivery in deliveries]


def documented(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """What the desk never asks for, in Slack's documented shapes: Slack may send it all the same.

    https://docs.slack.dev/reference/interaction-payloads, https://docs.slack.dev/reference/events
    """
    by_type = {each.payload.get("type"): each.payload for each in deliveries}
    submission, click, event = by_type["view_submission"], by_type["block_actions"], by_type["event_callback"]
    common = {key: click[key] for key in ("token", "team", "user", "api_app_id", "is_enterprise_install", "enterprise")}
    closed = common | {"type": "view_closed", "view": submission["view"], "is_cleared": False}
    suggestion = common | {"type": "block_suggestion", "action_id": "topic", "block_id": "topic", "value": "vpn"}
    old_button = {"type": "interactive_message", "actions": [{"name": "a", "value": "b", "type": "button"}]}
    interactive = [
        closed,
        suggestion | {"container": submission["container"], "view": submission["view"]},
        common | old_button | {"callback_id": "old", "channel": {"id": "C1"}, "message_ts": "1.2"},
        common | {"type": "dialog_submission", "submission": {"a": "b"}, "callback_id": "old", "state": ""},
        common | {"type": "workflow_step_edit", "callback_id": "old", "workflow_step": {}},
        common | {"type": "something_new"},
    ]
    message = {"type": "message", "channel": "C1", "ts": "1790000000.000001", "event_ts": "1790000000.000001"}
    events = [
        message | {"subtype": "bot_message", "bot_id": "B1", "text": "built"},
        message | {"subtype": "channel_topic", "user": "U1", "topic": "new"},
        message | {"subtype": "me_message", "user": "U1", "text": "waves"},
        {"type": "team_join", "user": {"id": "U1", "name": "new", "profile": {}}},
        {"type": "app_uninstalled"},
        {"type": "tokens_revoked", "tokens": {"bot": ["U1"]}},
        {"type": "function_executed", "function_execution_id": "Fx1", "function": {"callback_id": "f"}, "inputs": {}},
        {"type": "assistant_thread_started", "assistant_thread": {"channel_id": "D1", "thread_ts": "1.2"}},
    ]
    return [
        *(Delivery("interactive", payload) for payload in interactive),
        *(Delivery("events_api", event | {"event": one}) for one in events),
        Delivery("events_api", {"type": "url_verification", "token": "unused", "challenge": "c-1"}),
        Delivery("events_api", {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1518467820}),
    ]
