"""Whoever can reach the HTTP port of a running desk, signed or not, keeps nobody else from being answered."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from slackdesk.bootstrap import EDGE_THREADS
from slackdesk.demo.stage import Stage
from slackdesk.slack.http import BODY_BYTES

pytestmark = [
    pytest.mark.parametrize("transport", [pytest.param("http", marks=pytest.mark.xdist_group("http"))], indirect=True)
]

PATIENCE_SECONDS = 30.0


@contextmanager
def begun(stage: Stage, *headers: str, body: bytes = b"") -> Iterator[socket.socket]:
    """A request of which there is no more than this yet."""
    head = "\r\n".join(["POST /slack/events HTTP/1.1", "Host: desk", "Content-Type: application/json", *headers])
    with socket.create_connection(("127.0.0.1", stage.port), PATIENCE_SECONDS) as client:
        client.sendall(head.encode() + b"\r\n\r\n" + body)
        yield client


def status(client: socket.socket) -> int:
    """Of the answer; waits for it."""
    return int(client.recv(1000).split()[1])


def test_bodies_that_do_not_come_take_no_thread(stage: Stage) -> None:
    with ExitStack() as stack:
        slow = [
            stack.enter_context(begun(stage, "Content-Length: 1000", body=b'{"type":')) for _ in range(2 * EDGE_THREADS)
        ]
        answer = stage.person("maya").slash("/ticket help")
        assert (answer.error, "/ticket mine" in answer.text) == ("", True)
        assert {status(client) for client in slow} == {408}


def test_bodies_that_are_too_long_are_not_waited_for(stage: Stage) -> None:
    with begun(stage, f"Content-Length: {BODY_BYTES + 1}") as client:
        assert status(client) == 413
    part = b"%x\r\n" % (BODY_BYTES + 1) + b" " * (BODY_BYTES + 1)
    with begun(stage, "Transfer-Encoding: chunked", body=part) as client:
        assert status(client) == 413


def test_bodies_in_chunks_are_read(stage: Stage) -> None:
    with begun(stage, "Transfer-Encoding: chunked", body=b'8\r\n{"type":\r\n4\r\n"x"}\r\n0\r\n\r\n') as client:
        assert status(client) == 401


def test_two_signatures_are_none(stage: Stage) -> None:
    with begun(stage, "Content-Length: 2", "X-Slack-Signature: v0=1", "X-Slack-Signature: v0=2", body=b"{}") as client:
        assert status(client) == 401
