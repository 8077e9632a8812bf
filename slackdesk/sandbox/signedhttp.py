"""Signed HTTP: each payload is one POST to the app's request URL, encoded and signed as Slack does it."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from slackdesk.sandbox.records import Json
from slackdesk.sandbox.transport import ACK_TIMEOUT_SECONDS, Kind, Reply, Retry

MAX_PARALLEL_REQUESTS = 64


class SignedHttp:
    """Posts to one URL. Raises ValueError for a URL that is not http:// with a host."""

    def __init__(self, url: str, signing_secret: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"the request URL must look like http://127.0.0.1:9000/slack/events, not {url!r}")
        self.url = url
        self._address = (parts.hostname, parts.port or 80)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._signing_secret = signing_secret
        self._pool = ThreadPoolExecutor(MAX_PARALLEL_REQUESTS, thread_name_prefix="sandbox-http")

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def send(self, kind: Kind, payload: str, delivery_id: str, retry: Retry | None) -> Future[Reply]:
        return self._pool.submit(self._post, *_encoded(kind, payload), retry)

    def verify(self) -> None:
        """Slack's handshake before it accepts a URL. Raises ValueError if the app does not echo the challenge."""
        challenge = hashlib.sha256(self.url.encode()).hexdigest()
        body = json.dumps({"type": "url_verification", "token": "unused", "challenge": challenge})
        reply = self._post(body.encode(), "application/json", None)
        if reply.failure or challenge not in (reply.body.get("challenge"), reply.body.get("text")):
            reason = reply.failure or f"the answer was {reply.body!r}"
            raise ValueError(f"{self.url} did not respond with the value of the challenge parameter: {reason}")

    def _post(self, body: bytes, content_type: str, retry: Retry | None) -> Reply:
        connection = http.client.HTTPConnection(*self._address, timeout=ACK_TIMEOUT_SECONDS)
        try:
            connection.request("POST", self._path, body, self._headers(body, content_type, retry))
            response = connection.getresponse()
            answer = response.read()
        except TimeoutError:
            return Reply(failure="http_timeout")
        except (OSError, http.client.HTTPException):
            return Reply(failure="connection_failed")
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            return Reply(failure="http_error", may_retry=response.headers.get("x-slack-no-retry") != "1")
        return Reply(_parsed(answer, response.headers.get_content_type()))

    def _headers(self, body: bytes, content_type: str, retry: Retry | None) -> dict[str, str]:
        timestamp = str(int(time.time()))
        signed = f"v0:{timestamp}:".encode() + body
        signature = hmac.new(self._signing_secret.encode(), signed, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signature}",
        }
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry.attempt), "X-Slack-Retry-Reason": retry.reason}
        return headers


def _encoded(kind: Kind, payload: str) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    match kind:
        case "events_api":
            return payload.encode(), "application/json"
        case "interactive":
            return urlencode({"payload": payload}).encode(), form
        case "slash_commands":
            return urlencode(json.loads(payload)).encode(), form


def _parsed(answer: bytes, content_type: str) -> Json:
    text = answer.decode("utf-8", errors="replace")
    if content_type == "application/json" and text:
        try:
            body = json.loads(text)
        except json.JSONDecodeError:
            return {"text": text}
        return body if isinstance(body, dict) else {"text": text}
    return {"text": text} if text else {}
