"""The bundled plugins, importable as ``slackdesk_plugins``; each is a folder of its own."""
