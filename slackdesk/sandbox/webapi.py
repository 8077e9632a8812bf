"""The Web API's door: reads the request in any of Slack's encodings, meets faults and limits, answers, takes note."""

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from slackdesk.sandbox.api import METHODS
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.faults import Fault, Kind
from slackdesk.sandbox.journal import CallEntry
from slackdesk.sandbox.methods import Call, Method, decode_arguments
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.wire import misbehave

if TYPE_CHECKING:
    from slackdesk.sandbox.server import Sandbox


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json
    headers: dict[str, str]

    def response(self) -> Response:
        content = json.dumps(self.body, ensure_ascii=False)
        return Response(content, self.status, self.headers, media_type="application/json; charset=utf-8")


class WebApi:
    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox

    async def endpoint(self, request: Request) -> Response:
        """`/api/{method}`; GET with a query, POST with a form, JSON or multipart body."""
        args, token = await read_arguments(request)
        method = request.path_params["method"]
        entry = CallEntry(method=method, args=args)
        fault = self._sandbox.faults.take(method, args)
        try:
            return await self._answer_through(fault, request, entry, token)
        finally:
            entry.duration_seconds = time.monotonic() - entry.monotonic
            self._sandbox.journal.record(entry)

    async def _answer_through(
        self, fault: Fault | None, request: Request, entry: CallEntry, token: str | None
    ) -> Response:
        if fault is None:
            return self._answer(entry, token).response()
        if fault.kind is Kind.RATE_LIMITED:
            self._sandbox.rates.hold(entry.method, fault.seconds)
            return self._refuse_for_now(entry, int(fault.seconds)).response()
        if fault.kind is Kind.SLACK_ERROR:
            entry.outcome = fault.error
            return Answer(200, {"ok": False, "error": fault.error}, {}).response()
        if fault.kind is Kind.SLOW:
            await self._sandbox.sleep(fault.seconds)
            return self._answer(entry, token).response()
        if fault.applied:
            self._answer(entry, token)
        entry.outcome, entry.http_status = fault.kind.value, 500 if fault.kind is Kind.HTTP_500 else None
        return await misbehave(fault, request, self._sandbox.stopping)

    def _answer(self, entry: CallEntry, token: str | None) -> Answer:
        method = METHODS.get(entry.method)
        if method is None:
            return self._refusal(entry, ApiError("unknown_method", req_method=entry.method), frozenset())
        try:
            scopes = self._authorize(method, token)
        except ApiError as error:
            return self._refusal(entry, error, frozenset())
        verdict = self._sandbox.rates.check(method.name, self._paced_channel(entry))
        entry.inside_retry_after = verdict.inside_retry_after
        if verdict.retry_after_seconds is not None:
            return self._refuse_for_now(entry, verdict.retry_after_seconds)
        return self._run(method, entry, scopes)

    def _authorize(self, method: Method, token: str | None) -> frozenset[str]:
        install = self._sandbox.install
        if method.token is None:
            return frozenset()
        if not token:
            raise ApiError("not_authed")
        granted = {install.bot_token: ("bot", install.scopes), install.app_token: ("app", install.app_scopes)}
        if token not in granted:
            raise ApiError("invalid_auth")
        kind, scopes = granted[token]
        if kind != method.token and method.name != "auth.test":
            raise ApiError("not_allowed_token_type")
        if method.scopes and not scopes.intersection(method.scopes):
            raise ApiError("missing_scope", needed=method.scopes[0], provided=",".join(sorted(scopes)))
        return scopes

    def _paced_channel(self, entry: CallEntry) -> str:
        channel = str(entry.args.get("channel", ""))
        workspace = self._sandbox.workspace
        if entry.method == "chat.postMessage" and channel in workspace.users:
            return workspace.open_dm([workspace.bot.id, channel]).id
        return workspace.channel_id(channel)

    def _run(self, method: Method, entry: CallEntry, scopes: frozenset[str]) -> Answer:
        call = Call(self._sandbox, method.name, entry.args, self._sandbox.workspace.bot, scopes)
        try:
            with self._sandbox.workspace.lock:
                body: Json = {"ok": True} | method.handler(call)
        except ApiError as error:
            entry.illegal = call.illegal
            return self._refusal(entry, error, scopes)
        finally:
            entry.missing_fallback_text = call.missing_fallback_text
        if call.warnings:
            metadata = body.setdefault("response_metadata", {})
            metadata["warnings"], body["warning"] = call.warnings, ",".join(call.warnings)
        entry.outcome, entry.applied, entry.answer = "ok", True, body
        return Answer(200, body, _scope_headers(method, scopes))

    def _refusal(self, entry: CallEntry, error: ApiError, scopes: frozenset[str]) -> Answer:
        entry.outcome = error.code
        body = {"ok": False, "error": error.code} | error.extra
        entry.answer = body
        method = METHODS.get(entry.method)
        return Answer(200, body, _scope_headers(method, scopes) if method is not None else {})

    @staticmethod
    def _refuse_for_now(entry: CallEntry, retry_after_seconds: int) -> Answer:
        entry.outcome, entry.http_status = "ratelimited", 429
        return Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(retry_after_seconds)})


def _scope_headers(method: Method, scopes: frozenset[str]) -> dict[str, str]:
    if method.token is None or not scopes:
        return {}
    return {"x-oauth-scopes": ",".join(sorted(scopes)), "x-accepted-oauth-scopes": ",".join(method.scopes)}


async def read_arguments(request: Request) -> tuple[Json, str | None]:
    """The call's decoded arguments and its token, from the Authorization header or the `token` field."""
    args: Json = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type == "application/json":
        args |= _json_object(await request.body())
    elif content_type == "multipart/form-data":
        async with request.form() as form:
            args |= {name: value for name, value in form.items() if isinstance(value, str)}
    else:
        args |= dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    field_token = args.pop("token", None)
    scheme, _, header_token = request.headers.get("authorization", "").partition(" ")
    token = header_token.strip() if scheme.lower() == "bearer" else field_token
    return decode_arguments(args), token


def _json_object(body: bytes) -> Json:
    try:
        value: Any = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
