"""Response URLs: how an app answers a command, a click or a shortcut, also where it is no member."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from slackdesk.sandbox.blockkit import message_problems
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.faults import Fault
from slackdesk.sandbox.faults import Kind as FaultKind
from slackdesk.sandbox.journal import CallEntry
from slackdesk.sandbox.records import Json, Message, User
from slackdesk.sandbox.wire import misbehave

if TYPE_CHECKING:
    from slackdesk.sandbox import Sandbox

MAX_USES = 5
LIFETIME_SECONDS = 30 * 60.0


@dataclass
class _Grant:
    person: User
    channel_id: str
    original: Message | None
    issued_at: float
    uses: int = 0


class Responses:
    """Issues response URLs and takes what the app posts to them: five times within thirty minutes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._grants: dict[str, _Grant] = {}

    def issue(self, person: User, channel_id: str, original: Message | None = None) -> str:
        """A URL for one act of a person; `original` is the message that carried the button or the menu."""
        token = secrets.token_urlsafe(18)
        self._grants[token] = _Grant(person, channel_id, original, time.monotonic())
        return f"{self._sandbox.workspace.base_url}/response/{token}"

    async def endpoint(self, request: Request) -> Response:
        """`POST /response/{token}` with a JSON body; "ok", or the status and words with which Slack refuses.

        Faults meet it as the method `response_url`.
        """
        entry = CallEntry(method="response_url", args=_parsed(await request.body()))
        fault = self._sandbox.faults.take(entry.method, entry.args)
        try:
            return await self._answer_through(fault, request, entry)
        finally:
            entry.duration_seconds = time.monotonic() - entry.monotonic
            self._sandbox.journal.record(entry)

    async def _answer_through(self, fault: Fault | None, request: Request, entry: CallEntry) -> Response:
        if fault is not None and fault.kind is FaultKind.SLOW:
            await self._sandbox.sleep(fault.seconds)
            fault = None
        if fault is None or fault.applied:
            self._take(request.path_params["token"], entry)
        if fault is None:
            return PlainTextResponse(entry.outcome, entry.http_status or 200)
        statuses = {FaultKind.HTTP_500: 500, FaultKind.RATE_LIMITED: 429}
        entry.outcome, entry.http_status = fault.kind.value, statuses.get(fault.kind)
        return await misbehave(fault, request, self._sandbox.stopping)

    def _take(self, token: str, entry: CallEntry) -> None:
        try:
            self._use(token, entry)
            entry.outcome, entry.applied = "ok", True
        except ApiError as error:
            entry.outcome = error.code
            entry.http_status = 404 if error.code in ("expired_url", "used_url") else 400

    def _use(self, token: str, entry: CallEntry) -> None:
        with self._sandbox.workspace.lock:
            grant = self._grants.get(token)
            if grant is None or time.monotonic() - grant.issued_at > LIFETIME_SECONDS:
                raise ApiError("expired_url")
            if grant.uses >= MAX_USES:
                raise ApiError("used_url")
            grant.uses += 1
            if not entry.args:
                raise ApiError("invalid_payload")
            entry.illegal = message_problems(entry.args)
            entry.missing_fallback_text = bool(entry.args.get("blocks")) and not entry.args.get("text")
            if entry.illegal:
                raise ApiError("invalid_blocks")
            self.answer(grant.person, grant.channel_id, entry.args, grant.original)

    def answer(self, person: User, channel_id: str, body: Json, original: Message | None = None) -> Message | None:
        """Do what a response asks for: post, replace or delete. Also for the ack of a slash command.

        Returns what now stands there; None after a deletion. Raises `ApiError`, such as `no_text`.
        """
        workspace = self._sandbox.workspace
        with workspace.lock:
            if original is not None and body.get("delete_original"):
                self._delete(person, original)
                return None
            if not any(body.get(key) for key in ("text", "blocks", "attachments")):
                raise ApiError("no_text")
            if original is not None and body.get("replace_original"):
                return self._replace(person, original, body)
            thread_ts = body.get("thread_ts")
            return workspace.post(
                channel_id,
                workspace.bot,
                text=str(body.get("text") or ""),
                blocks=body.get("blocks"),
                attachments=body.get("attachments"),
                thread_ts=None if thread_ts is None else str(thread_ts),
                metadata=body.get("metadata"),
                ephemeral_to=None if body.get("response_type") == "in_channel" else person,
                in_answer_to=person,
            )

    def _delete(self, person: User, original: Message) -> None:
        workspace = self._sandbox.workspace
        if original.ephemeral_to is not None:
            workspace.dismiss_ephemeral(original)
        else:
            workspace.delete(original.channel_id, original.ts, workspace.bot, in_answer_to=person)

    def _replace(self, person: User, original: Message, body: Json) -> Message:
        workspace = self._sandbox.workspace
        text, blocks = str(body.get("text") or ""), body.get("blocks")
        if original.ephemeral_to is None:
            content = {"blocks": blocks, "attachments": body.get("attachments")}
            channel_id, ts = original.channel_id, original.ts
            return workspace.edit(channel_id, ts, workspace.bot, text=text, in_answer_to=person, **content)
        original.text, original.blocks, original.attachments = text, blocks, body.get("attachments")
        workspace.changed.notify_all()
        return original


def _parsed(raw: bytes) -> Json:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
