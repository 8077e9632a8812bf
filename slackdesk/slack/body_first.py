"""A WSGI application behind granian's own interface, RSGI, so that a body is whole before it takes a thread.

Under granian's WSGI, reading the body blocks one of the few threads until the client has sent it: as many slow clients
as there are threads, signed or not, and Slack is answered no more.
https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md
"""

import asyncio
import io
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.types import WSGIApplication

from granian._granian import RSGIHTTPProtocol
from granian.rsgi import Scope

from slackdesk.slack.http import BODY_BYTES

logger = logging.getLogger(__name__)

BODY_SECONDS = 3.0
"""Slack waits no longer for the whole answer (https://docs.slack.dev/apis/events-api#responding)."""

Answer = tuple[int, list[tuple[str, str]], bytes]


class BodyFirst:
    """The application with ``threads`` threads of its own. A body that does not come in time is answered with 408."""

    def __init__(self, app: WSGIApplication, threads: int) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="edge")

    async def __rsgi__(self, scope: Scope, protocol: RSGIHTTPProtocol) -> None:
        """Called by granian for each request."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                environ = await _environ(scope, protocol)
        except TimeoutError:
            logger.info("refused with 408: no whole body from %s within %s s", scope.client, BODY_SECONDS)
            protocol.response_empty(408, [("connection", "close")])
            return
        loop = asyncio.get_running_loop()
        protocol.response_bytes(*await loop.run_in_executor(self._threads, self._answer, environ))

    def _answer(self, environ: dict[str, Any]) -> Answer:
        begun: list[tuple[int, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> Any:
            begun.append((int(status.split(maxsplit=1)[0]), headers))

        content = b"".join(self._app(environ, start_response))
        return *begun[-1], content


async def _environ(scope: Scope, protocol: RSGIHTTPProtocol) -> dict[str, Any]:
    """What WSGI calls the request (PEP 3333), as far as the edge reads it; a body that is too long is not read."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path,
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    declared = environ.get("CONTENT_LENGTH", "")
    body = b""
    if not declared.isdecimal() or int(declared[:20]) <= BODY_BYTES:
        async for part in protocol:
            body += part
            if len(body) > BODY_BYTES:
                break
        environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = io.BytesIO(body)
    return environ
