"""Where the bytes of files go in and out: upload URLs and `url_private`."""

import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.faults import DOWNLOAD, UPLOAD, Kind
from slackdesk.sandbox.journal import CallEntry
from slackdesk.sandbox.records import File, Json
from slackdesk.sandbox.wire import misbehave

if TYPE_CHECKING:
    from slackdesk.sandbox.server import Sandbox

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in to Slack</title></head><body>Sign in</body></html>"


class FileDoor:
    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._tickets: dict[str, File] = {}

    def upload_url(self, file: File) -> str:
        """Good for one upload; whoever knows it may use it, without a token."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = file
        return f"{self._sandbox.base_url}/upload/v1/{ticket}"

    def routes(self) -> list[Route]:
        return [
            Route("/upload/v1/{ticket}", self.take_in, methods=["POST"]),
            Route("/files-pri/{owner}/{name:path}", self.give_out, methods=["GET"]),
        ]

    async def take_in(self, request: Request) -> Response:
        """The bytes as the body, or as a multipart field. They can be sent once more if no answer came."""
        file = self._tickets.get(request.path_params["ticket"])
        if file is None or file.complete:
            return PlainTextResponse("not found", 404)
        content = await _uploaded_bytes(request)

        def take() -> Response:
            if len(content) != file.declared_length:
                return PlainTextResponse(f"expected {file.declared_length} bytes, got {len(content)}", 400)
            file.content = content
            return PlainTextResponse(f"OK - {len(content)}")

        return await self._through_faults(UPLOAD, {"file": file.id}, request, take)

    async def give_out(self, request: Request) -> Response:
        """The content for a Bearer token with `files:read`; the login page, with 200, for any other: so Slack."""
        file_id = request.path_params["owner"].partition("-")[2]
        return await self._through_faults(DOWNLOAD, {"file": file_id}, request, lambda: self._content(request, file_id))

    def _content(self, request: Request, file_id: str) -> Response:
        install, workspace = self._sandbox.install, self._sandbox.workspace
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if token != install.bot_token or "files:read" not in install.scopes:
            return HTMLResponse(LOGIN_PAGE)
        try:
            file = workspace.file(file_id, workspace.bot)
        except ApiError:
            return HTMLResponse("<!DOCTYPE html><html><body>File not found</body></html>", 404)
        disposition = "attachment" if request.path_params["name"].startswith("download/") else "inline"
        headers = {"content-disposition": f"{disposition}; filename*=UTF-8''{quote(file.name)}"}
        return Response(file.content, media_type=file.mimetype, headers=headers)

    async def _through_faults(self, method: str, args: Json, request: Request, act: Callable[[], Response]) -> Response:
        entry = CallEntry(method=method, args=args)
        fault = self._sandbox.faults.take(method, args)
        if fault is not None and fault.kind is Kind.SLOW:
            await self._sandbox.sleep(fault.seconds)
            fault = None
        try:
            if fault is None:
                return _noted(entry, act())
            if fault.applied:
                _noted(entry, act())
            entry.outcome, entry.http_status = fault.kind.value, None
            return await misbehave(fault, request, self._sandbox.stopping)
        finally:
            entry.duration_seconds = time.monotonic() - entry.monotonic
            self._sandbox.journal.record(entry)


def _noted(entry: CallEntry, response: Response) -> Response:
    entry.http_status, entry.applied = response.status_code, response.status_code == 200
    entry.outcome = "ok" if entry.applied else f"http_{response.status_code}"
    return response


async def _uploaded_bytes(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form() as form:
        uploads = [value for value in form.values() if not isinstance(value, str)]
        return await uploads[0].read() if uploads else b""
