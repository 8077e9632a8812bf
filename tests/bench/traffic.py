"""Signed requests as Slack sends them, made before the measuring begins, and the processes that send them."""

import http.client
import json
import multiprocessing
import queue
import socket
import statistics
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

CLIENTS = 16
"""Connections that send at full speed, each from a process of its own; as many as the server has threads."""
OPEN_LOOP_THREADS = 64
ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class Measured:
    """What came of sending: requests that were accepted, the seconds it took, and how long each of these took."""

    answered: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds

    def percentile_milliseconds(self, percent: int) -> float:
        """How long the slowest answer of the fastest ``percent`` of a hundred took."""
        return statistics.quantiles(self.latencies, n=100, method="inclusive")[percent - 1] * 1000


def signed_requests(payload: dict[str, Any], people: Sequence[str], count: int, secret: str) -> list[bytes]:
    """``count`` complete HTTP requests like the captured one, each a new delivery of one of ``people``."""
    return [_request(_body(payload, people[n % len(people)]), secret) for n in range(count)]


def _body(payload: dict[str, Any], person: str) -> str:
    mark = uuid.uuid4().hex
    if "command" in payload:
        text = f"My VPN drops every few minutes since the update {mark}"
        return urlencode(payload | {"user_id": person, "trigger_id": f"1.2.{mark}", "text": text})
    given = json.loads(json.dumps(payload))
    given["user"]["id"], given["view"]["id"], given["trigger_id"] = person, f"V{mark}", f"1.2.{mark}"
    for inputs in given["view"]["state"]["values"].values():
        for value in inputs.values():
            if value["type"] == "plain_text_input":
                value["value"] = f"{value['value']} {mark}"
    return urlencode({"payload": json.dumps(given)})


def _request(body: str, secret: str) -> bytes:
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    head = (
        "POST /slack/events HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body.encode())}",
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)",
        f"X-Slack-Request-Timestamp: {timestamp}",
        f"X-Slack-Signature: {signature}",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def listens(port: int) -> bool:
    """Whether somebody takes connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class _Connection:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bool:
        """Whether it was answered with 200 and no excuse."""
        self._socket.sendall(request)
        response = http.client.HTTPResponse(self._socket)
        response.begin()
        body = response.read()
        return response.status == 200 and b"try again" not in body


def at_full_speed(port: int, requests: Sequence[bytes], seconds: float) -> Measured:
    """Each client sends its next request as soon as the last one is answered, for that long."""
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(CLIENTS), context.Queue()
    clients = [
        context.Process(target=_send_on, args=(port, requests[n::CLIENTS], seconds, barrier, results))
        for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    answers = [results.get(timeout=seconds + 60) for _ in clients]
    for client in clients:
        client.join()
    began, ended = min(one[0] for one in answers), max(one[1] for one in answers)
    latencies = tuple(latency for one in answers for latency in one[2])
    return Measured(len(latencies), ended - began, latencies)


def _send_on(port: int, requests: Sequence[bytes], seconds: float, barrier: Any, results: Any) -> None:
    connection, latencies = _Connection(port), []
    barrier.wait()
    began = last = time.monotonic()
    for request in requests:
        is_accepted, now = connection.ask(request), time.monotonic()
        if is_accepted:
            latencies.append(now - last)
        last = now
        if now - began >= seconds:
            break
    else:
        raise AssertionError(f"{len(requests)} requests were too few for {seconds} s")
    results.put((began, last, latencies))


def at_a_pace(port: int, requests: Sequence[bytes], per_second: float) -> Measured:
    """Each request is sent when its time has come, however the ones before it fare; it counts from that time on."""
    waiting: queue.SimpleQueue[tuple[float, bytes] | None] = queue.SimpleQueue()
    latencies: list[float] = []

    def send_on() -> None:
        connection = _Connection(port)
        while (item := waiting.get()) is not None:
            if connection.ask(item[1]):
                latencies.append(time.monotonic() - item[0])

    threads = [threading.Thread(target=send_on) for _ in range(OPEN_LOOP_THREADS)]
    for thread in threads:
        thread.start()
    began = time.monotonic() + 0.2
    for n, request in enumerate(requests):
        due = began + n / per_second
        time.sleep(max(0.0, due - time.monotonic()))
        waiting.put((due, request))
    for _ in threads:
        waiting.put(None)
    for thread in threads:
        thread.join()
    return Measured(len(latencies), time.monotonic() - began, tuple(latencies))
