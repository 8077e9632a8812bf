"""``python -m slackdesk``."""

from slackdesk.cli import main

main()
