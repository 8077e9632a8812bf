"""The door for signed HTTP."""

import logging

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest

logger = logging.getLogger(__name__)


class HttpFront(SlackRequestHandler):
    """Bolt's WSGI adapter, which outlives bodies that cannot be read."""

    def dispatch(self, request: WsgiHttpRequest) -> BoltResponse:
        """What the app answers; 400 for a body that cannot be read at all, which is before its signature is checked."""
        try:
            read = BoltRequest(body=request.get_body(), query=request.query_string, headers=request.get_headers())
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            logger.info("a request whose body cannot be read: %s", error)
            return BoltResponse(status=400, body={"error": "unreadable body"})
        return self.app.dispatch(read)
