"""What Slack makes of the text that a person types: a `rich_text` block beside the mrkdwn text."""

import re

from slackdesk.sandbox.records import Json

_TOKEN = re.compile(r"<(@|#|!subteam\^|!)?([^<>|]+)(?:\|([^<>]*))?>|:([a-z0-9_+'-]+):")
_UNESCAPE = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def unescape(text: str) -> str:
    for escaped, plain in _UNESCAPE:
        text = text.replace(escaped, plain)
    return text


def escape(text: str) -> str:
    """As Slack's client does before it sends what somebody typed."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich_text(text: str, block_id: str) -> Json:
    """The block of a message whose mrkdwn is `text`: mentions, channels, links and emoji are elements of their own."""
    elements: list[Json] = []
    position = 0
    for match in _TOKEN.finditer(text):
        if match.start() > position:
            elements.append({"type": "text", "text": unescape(text[position : match.start()])})
        elements.append(_element(match))
        position = match.end()
    if position < len(text):
        elements.append({"type": "text", "text": unescape(text[position:])})
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


def _element(match: re.Match[str]) -> Json:
    sigil, target, label, emoji = match.groups()
    if emoji is not None:
        return {"type": "emoji", "name": emoji}
    if sigil == "@":
        return {"type": "user", "user_id": target}
    if sigil == "#":
        return {"type": "channel", "channel_id": target}
    if sigil == "!subteam^":
        return {"type": "usergroup", "usergroup_id": target}
    if sigil == "!":
        return {"type": "broadcast", "range": target}
    link: Json = {"type": "link", "url": unescape(target)}
    return link | {"text": unescape(label)} if label else link
