"""The simulated workspace as a server that a real app connects to."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from starlette.applications import Starlette
from starlette.routing import Route

from slackdesk.sandbox import control, page
from slackdesk.sandbox.company import acme
from slackdesk.sandbox.delivery import Delivery
from slackdesk.sandbox.delivery import routes as delivery_routes
from slackdesk.sandbox.faults import Faults
from slackdesk.sandbox.filedoor import FileDoor
from slackdesk.sandbox.journal import Journal
from slackdesk.sandbox.loopthread import LoopThread
from slackdesk.sandbox.manifest import AppManifest
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.rates import RateLimits
from slackdesk.sandbox.records import File, Install
from slackdesk.sandbox.responses import Responses
from slackdesk.sandbox.schedule import Schedule
from slackdesk.sandbox.scopes import EVERY_SCOPE
from slackdesk.sandbox.state import Workspace
from slackdesk.sandbox.views import Views
from slackdesk.sandbox.webapi import WebApi


class Sandbox:
    """One workspace with one app installed, on 127.0.0.1.

        with Sandbox(manifest="manifest.yml") as sandbox:
            client = WebClient(sandbox.bot_token, base_url=sandbox.api_url)

    Without a workspace there is the company of `company.acme()`. Without a manifest the app is granted every scope
    (but the one to post where it is no member) and gets every event. `rate_scale` and `redelivery_scale` multiply
    Slack's pace of rate limits and of redeliveries. Raises ManifestError, OSError if the port is taken.
    """

    def __init__(
        self,
        workspace: Workspace | None = None,
        manifest: AppManifest | Path | str | dict[str, Any] | None = None,
        *,
        port: int = 0,
        rate_scale: float = 1.0,
        redelivery_scale: float = 1.0,
    ) -> None:
        self.workspace = workspace or acme()
        self.manifest = manifest if isinstance(manifest, AppManifest | None) else AppManifest.read(manifest)
        self.install = self._install()
        self.workspace.install = self.install
        self.rates = RateLimits(rate_scale)
        self.faults = Faults()
        self.journal = Journal()
        self.schedule = Schedule(self.workspace)
        self.views = Views(self.workspace)
        self.responses = Responses(self)
        self.delivery = Delivery(self, redelivery_scale)
        self.controls: dict[str, Callable[[], object]] = {}
        """Buttons for the page, which whoever runs the workspace may add: label to what is done."""
        self._files = FileDoor(self)
        self._people: dict[str, Person] = {}
        self._port = port
        self._thread: LoopThread | None = None

    def _install(self) -> Install:
        workspace = self.workspace
        if self.manifest is not None:
            workspace.app.name = self.manifest.name
            workspace.bot.real_name = self.manifest.bot_name
        numbers = f"{secrets.randbelow(10**12):012d}-{secrets.randbelow(10**12):012d}"
        return Install(
            bot_token=f"xoxb-{numbers}-{secrets.token_urlsafe(18)}",
            app_token=f"xapp-1-{workspace.app.id}-{numbers}-{secrets.token_hex(32)}",
            signing_secret=secrets.token_hex(16),
            scopes=EVERY_SCOPE if self.manifest is None else self.manifest.scopes,
        )

    # Starting and stopping

    def start(self) -> None:
        routes = [
            Route("/api/{method}", WebApi(self).endpoint, methods=["GET", "POST"]),
            *self._files.routes(),
            *delivery_routes(self),
            *control.routes(self),
            *page.routes(self),
        ]
        self._thread = LoopThread(Starlette(routes=routes), self._port, self.schedule.run)
        self.workspace.base_url = self.base_url
        self.delivery.start()
        self._thread.start()

    def stop(self) -> None:
        """Breaks off what is under way; the journal and the workspace stay readable."""
        if self._thread is not None:
            self.delivery.stop()
            self._thread.stop()
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _running(self) -> LoopThread:
        if self._thread is None:
            raise RuntimeError("the sandbox is not running; use it as `with sandbox:` or call start()")
        return self._thread

    @property
    def stopping(self) -> asyncio.Event:
        return self._running.stopping

    async def sleep(self, seconds: float) -> None:
        """On the server's loop; cut short when the server stops."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    # What an app needs to know

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._running.port}"

    @property
    def api_url(self) -> str:
        """For `WebClient(base_url=...)`."""
        return f"{self.base_url}/api/"

    @property
    def bot_token(self) -> str:
        return self.install.bot_token

    @property
    def app_token(self) -> str:
        return self.install.app_token

    @property
    def signing_secret(self) -> str:
        return self.install.signing_secret

    def deliver_over_http(self, url: str) -> None:
        """Send events, commands and interactions to this request URL instead of Socket Mode."""
        self.delivery.deliver_over_http(url)

    def new_socket_url(self) -> str:
        """What `apps.connections.open` answers: good for one connection."""
        ticket = self.delivery.sockets.new_ticket()
        return f"ws://127.0.0.1:{self._running.port}/link/?ticket={ticket}&app_id={self.workspace.app.id}"

    def upload_url(self, file: File) -> str:
        return self._files.upload_url(file)

    # People

    def person(self, handle: str) -> Person:
        """The person with this handle, always the same object. Raises LookupError that lists the handles there are."""
        user = self.workspace.user_by_handle(handle)
        with self.workspace.lock:
            if user.id not in self._people:
                self._people[user.id] = Person(self, user)
            return self._people[user.id]
