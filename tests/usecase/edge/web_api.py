"""A server that speaks Slack's Web API as far as the edge uses it."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from slackdesk.sandbox.blockkit import view_problems

Json = dict[str, Any]


class WebApi:
    """A server that answers like Slack's Web API, with ``answers`` (method → answer) and notes every call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Json]] = []
        self.answers: dict[str, Json | Callable[[Json], Json]] = {}
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                given = json.loads(body) if body.startswith("{") else dict(parse_qsl(body))
                method = self.path.rsplit("/", 1)[-1]
                api.calls.append((method, given))
                answer = api.answers.get(method, {"ok": True})
                content = json.dumps(answer(given) if callable(answer) else answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on the console."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def views(self, method: str = "views.open") -> list[Json]:
        """The views that were opened; every one of them is legal."""
        views = []
        for called, given in self.calls:
            if called == method:
                view = given["view"]
                view = json.loads(view) if isinstance(view, str) else view
                assert view_problems(view, "modal") == []
                views.append(view)
        return views
