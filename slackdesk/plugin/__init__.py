"""Plugins: how they are declared, found, checked, run and kept from doing harm. Authors import ``slackdesk.api``."""
