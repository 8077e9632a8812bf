"""The door for Socket Mode."""

import time

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from slackdesk.slack.request import DeskRequest


class SocketFront(SocketModeHandler):
    """Bolt's Socket Mode adapter, which outlives payloads that Bolt cannot read."""

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Acknowledge what the app accepts; Slack delivers anything else again."""
        started = time.time()
        read = DeskRequest(mode="socket_mode", body=req.payload, headers=build_headers(req))
        send_response(client, req, self.app.dispatch(read), started)
