"""A Web API that answers every call at once, and counts: ``python tests/bench/answering.py PORT``.

``GET /counted`` tells how many posts came, and when the first and the last one did (monotonic seconds).
"""

import asyncio
import json
import sys
import time

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

_posts: list[float] = []


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode().split("\r\n")
            length = next((int(one.split(":")[1]) for one in lines if one.lower().startswith("content-length:")), 0)
            body = await reader.readexactly(length)
            answer = json.dumps(_answer(lines[0].split(" ")[1], body)).encode()
            writer.write(HEAD % len(answer) + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _answer(path: str, body: bytes) -> dict[str, object]:
    if path == "/counted":
        return {"count": len(_posts), "times": _posts[:1] + _posts[-1:]}
    given = json.loads(body)
    if path.endswith("chat.postMessage"):
        _posts.append(time.monotonic())
    ts = f"{time.time():.6f}"
    message = {"ts": ts, "thread_ts": given.get("thread_ts")}
    return {"ok": True, "channel": given.get("channel"), "ts": ts, "message": message}


async def _main(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
