"""Where the bytes of files go in and out: upload URLs and `url_private`."""

import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.records import File

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
        """The bytes as the body, or as a multipart field."""
        file = self._tickets.pop(request.path_params["ticket"], None)
        if file is None:
            return PlainTextResponse("not found", 404)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form() as form:
                uploads = [value for value in form.values() if not isinstance(value, str)]
                content = await uploads[0].read() if uploads else b""
        else:
            content = await request.body()
        if len(content) != file.declared_length:
            return PlainTextResponse(f"expected {file.declared_length} bytes, got {len(content)}", 400)
        file.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def give_out(self, request: Request) -> Response:
        """The content for a Bearer token with `files:read`; the login page, with 200, for any other: so Slack."""
        install, workspace = self._sandbox.install, self._sandbox.workspace
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if token != install.bot_token or "files:read" not in install.scopes:
            return HTMLResponse(LOGIN_PAGE)
        try:
            file = workspace.file(request.path_params["owner"].partition("-")[2], workspace.bot)
        except ApiError:
            return HTMLResponse("<!DOCTYPE html><html><body>File not found</body></html>", 404)
        disposition = "attachment" if request.path_params["name"].startswith("download/") else "inline"
        headers = {"content-disposition": f"{disposition}; filename*=UTF-8''{quote(file.name)}"}
        return Response(file.content, media_type=file.mimetype, headers=headers)
