"""slackdesk: an internal helpdesk that lives inside the Slack workspace a company already has."""
