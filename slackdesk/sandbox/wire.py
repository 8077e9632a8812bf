"""What HTTP libraries hide: holding a request without answering it, and breaking the connection under it."""

import asyncio
from typing import Any
from weakref import WeakValueDictionary

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from slackdesk.sandbox.faults import Fault, Kind

_transports: WeakValueDictionary[tuple[Any, Any], asyncio.Transport] = WeakValueDictionary()


class BreakableProtocol(H11Protocol):
    """Remembers the connection's transport, which an ASGI scope does not carry."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _transports[self.client, self.server] = transport


class Silence(Response):
    """No response at all, on a connection that is being closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Returning before the loss of the connection is known would make the server answer 500.
        while (await receive())["type"] != "http.disconnect":
            continue


async def misbehave(fault: Fault, request: Request, stopping: asyncio.Event) -> Response:
    """Give the app no proper answer: HTTP 429 or 500, none for ever, or a broken connection."""
    if fault.kind is Kind.RATE_LIMITED:
        return PlainTextResponse("ratelimited", 429, {"Retry-After": str(int(fault.seconds))})
    if fault.kind is Kind.HTTP_500:
        return PlainTextResponse("upstream error", 500)
    if fault.kind is Kind.NO_ANSWER:
        await hold_until_client_leaves(request, stopping)
    drop_connection(request)
    return Silence()


def drop_connection(connection: HTTPConnection) -> None:
    """Break it under the request or the WebSocket, without a closing word."""
    transport = _transports.get((_address(connection.scope["client"]), _address(connection.scope["server"])))
    if transport is not None:
        transport.abort()


def _address(pair: Any) -> tuple[str, int]:
    return (pair[0], pair[1])


async def hold_until_client_leaves(request: Request, stopping: asyncio.Event) -> None:
    """Return when the client has closed its side, or the server is about to stop."""
    leaving = asyncio.ensure_future(_left(request))
    ending = asyncio.ensure_future(stopping.wait())
    _, pending = await asyncio.wait({leaving, ending}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue
