"""The door for signed HTTP."""

import logging

from slack_bolt import BoltResponse
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest

from slackdesk.slack.request import DeskRequest

logger = logging.getLogger(__name__)

BODY_BYTES = 4 * 2**20
"""Twice of what Slack can have to say: 40,000 characters of text, in a message and in its blocks, before and after an
edit, each character an escape of twelve bytes (https://docs.slack.dev/reference/methods/chat.postMessage)."""


class HttpFront(SlackRequestHandler):
    """Bolt's WSGI adapter, which outlives bodies that cannot be read."""

    def dispatch(self, request: WsgiHttpRequest) -> BoltResponse:
        """What the app answers; 413 for a body that Slack never sends, before it is read, 400 for no text or no JSON.

        Both come before the signature is checked, which covers the text of the body.
        """
        length = str(request.environ.get("CONTENT_LENGTH") or "0")
        if not (length.isascii() and length.isdigit()):
            return _refused(400, "the length of the body is no number")
        if int(length[:20]) > BODY_BYTES:
            return _refused(413, "the body is too large")
        try:
            read = DeskRequest(body=request.get_body(), query=request.query_string, headers=request.get_headers())
        except (ValueError, RecursionError) as error:
            return _refused(400, f"the body cannot be read: {type(error).__name__}")
        return self.app.dispatch(read)


def _refused(status: int, reason: str) -> BoltResponse:
    logger.info("refused with %s: %s", status, reason)
    return BoltResponse(status=status, body={"error": reason})
