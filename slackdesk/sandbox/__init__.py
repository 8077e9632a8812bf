"""A simulated Slack workspace: Web API, Socket Mode, signed HTTP, and people who act. Knows nothing of slackdesk."""

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.server import Sandbox
from slackdesk.sandbox.state import Workspace

__all__ = ["ApiError", "Sandbox", "Workspace"]
