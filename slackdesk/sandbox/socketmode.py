"""Socket Mode: the app opens up to ten WebSockets, each payload goes down one of them, the ack comes back on it."""

from __future__ import annotations

import asyncio
import json
import secrets
from concurrent.futures import Future

from starlette.websockets import WebSocket, WebSocketDisconnect

from slackdesk.sandbox.records import Json
from slackdesk.sandbox.transport import ACK_TIMEOUT_SECONDS, Kind, Reply, Retry, Scheduler
from slackdesk.sandbox.wire import drop_connection

MAX_SOCKETS = 10
APPROXIMATE_CONNECTION_SECONDS = 18_060


class _Socket:
    """One open WebSocket, written to from any thread."""

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.is_retiring = False
        self._loop = asyncio.get_running_loop()
        self._outgoing: asyncio.Queue[str | None] = asyncio.Queue()

    def put(self, frame: str | None) -> None:
        """Send a frame; None closes the socket."""
        self._loop.call_soon_threadsafe(self._outgoing.put_nowait, frame)

    def drop(self) -> None:
        self._loop.call_soon_threadsafe(drop_connection, self.websocket)

    async def write(self) -> None:
        while (text := await self._outgoing.get()) is not None:
            await self.websocket.send_text(text)
        await self.websocket.close()


class SocketMode:
    """Tickets, sockets and the acks that are still awaited."""

    def __init__(self, app_id: str, scheduler: Scheduler) -> None:
        self._app_id = app_id
        self._scheduler = scheduler
        self._tickets: set[str] = set()
        self._sockets: list[_Socket] = []
        self._turn = 0
        self._awaited: dict[str, Future[Reply]] = {}

    def stop(self) -> None:
        """Nothing more is awaited: whoever still waits for an ack gets a failure."""
        for envelope_id in list(self._awaited):
            self._resolve(envelope_id, Reply(failure="connection_failed", may_retry=False))

    def new_ticket(self) -> str:
        """For the URL that `apps.connections.open` returns: good for one connection."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    @property
    def connection_count(self) -> int:
        return len(self._sockets)

    def send(self, kind: Kind, payload: str, delivery_id: str, retry: Retry | None) -> Future[Reply]:
        future: Future[Reply] = Future()
        socket = self._next_socket()
        if socket is None:
            future.set_result(Reply(failure="connection_failed"))
            return future
        frame: Json = {"envelope_id": delivery_id, "type": kind, "accepts_response_payload": kind != "events_api"}
        if kind == "events_api":
            frame |= {"retry_attempt": retry.attempt if retry else 0, "retry_reason": retry.reason if retry else ""}
        self._awaited[delivery_id] = future
        socket.put(f'{json.dumps(frame)[:-1]}, "payload": {payload}}}')  # spares decoding and encoding it again
        self._scheduler.after(ACK_TIMEOUT_SECONDS, lambda: self._resolve(delivery_id, Reply(failure="timeout")))
        return future

    def disconnect(self, reason: str | None) -> None:
        """Tell every socket to go; with None it breaks without a word.

        After a `warning` or `refresh_requested` a socket serves on until a new one is there.
        """
        for socket in list(self._sockets):
            socket.is_retiring = True
            if reason is None:
                socket.drop()
                continue
            socket.put(_disconnect(reason))
            if reason == "link_disabled":
                socket.put(None)

    async def serve(self, websocket: WebSocket) -> None:
        """The WebSocket endpoint `/link/?ticket=…`."""
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await websocket.close(code=4001, reason="the ticket is unknown or used")
            return
        self._tickets.remove(ticket)
        await websocket.accept()
        if sum(not socket.is_retiring for socket in self._sockets) >= MAX_SOCKETS:
            await websocket.send_text(_disconnect("too_many_websockets"))
            await websocket.close()
            return
        await self._converse(_Socket(websocket))

    async def _converse(self, socket: _Socket) -> None:
        self._sockets.append(socket)
        socket.put(self._hello())
        writer = asyncio.create_task(socket.write())
        try:
            while self._take(await socket.websocket.receive_text()):
                continue
            await socket.websocket.close(code=1007, reason="not an acknowledgement")
        except WebSocketDisconnect:
            pass  # the app went away or was sent away: what it has not acked runs into its time-out
        finally:
            self._sockets.remove(socket)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def _take(self, text: str) -> bool:
        """False for a frame that is no JSON object."""
        try:
            frame = json.loads(text)
        except ValueError:
            return False
        if not isinstance(frame, dict):
            return False
        payload = frame.get("payload")
        self._resolve(str(frame.get("envelope_id")), Reply(payload if isinstance(payload, dict) else {}))
        return True

    def _resolve(self, envelope_id: str, reply: Reply) -> None:
        future = self._awaited.pop(envelope_id, None)
        if future is not None:
            future.set_result(reply)

    def _next_socket(self) -> _Socket | None:
        sockets = list(self._sockets)
        fresh = [socket for socket in sockets if not socket.is_retiring] or sockets
        self._turn += 1
        return fresh[self._turn % len(fresh)] if fresh else None

    def _hello(self) -> str:
        debug = {"host": "sandbox", "approximate_connection_time": APPROXIMATE_CONNECTION_SECONDS}
        connection = {"num_connections": len(self._sockets), "connection_info": {"app_id": self._app_id}}
        return json.dumps({"type": "hello", "debug_info": debug, **connection})


def _disconnect(reason: str) -> str:
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
