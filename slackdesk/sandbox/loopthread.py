"""An HTTP and WebSocket server on a thread of its own: starts in milliseconds, stops cleanly with requests held."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine

import uvicorn
from starlette.applications import Starlette

from slackdesk.sandbox.wire import BreakableProtocol

GRACEFUL_SHUTDOWN_SECONDS = 2
BACKLOG = 2048


class LoopThread:
    """Serves `app` on 127.0.0.1; `background` runs on the same loop until the server stops."""

    def __init__(self, app: Starlette, port: int, background: Callable[[], Coroutine[None, None, None]]) -> None:
        self._socket = socket.socket()
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(("127.0.0.1", port))
        except OSError as error:
            self._socket.close()
            raise OSError(error.errno, f"cannot listen on 127.0.0.1:{port}: {error.strerror}") from error
        self._socket.listen(BACKLOG)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=BreakableProtocol,
            ws="websockets-sansio",
            # The SDK's client pings by itself; the server's pings would draw from `random` in a thread of their own
            # while a property test in the same process repeats an example.
            ws_ping_interval=None,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
        )
        self._server = _Server(config, background)
        self._thread = threading.Thread(target=self._run, name="sandbox-server", daemon=True)

    @property
    def stopping(self) -> asyncio.Event:
        """Set when the server is about to stop; to be awaited by what holds a request."""
        return self._server.stopping

    def start(self) -> None:
        self._thread.start()
        self._server.is_up.wait()

    def stop(self) -> None:
        self._server.ask_to_stop()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()
            self._server.is_up.set()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, background: Callable[[], Coroutine[None, None, None]]) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self.stopping = asyncio.Event()
        self._background = background
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.is_up.set()

    async def main_loop(self) -> None:
        """Waits to be told, instead of waking ten times a second to look."""
        background = asyncio.create_task(self._background())
        await self.stopping.wait()
        background.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await background

    def ask_to_stop(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.stopping.set)
