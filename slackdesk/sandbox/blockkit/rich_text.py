"""Rich text: sections, lists, quotes and preformatted text, and what stands inside them."""

from slackdesk.sandbox.blockkit import limits
from slackdesk.sandbox.blockkit.rules import Rule, array, boolean, by_type, integer, one_of, record, string, url

_STYLE = record(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
    ),
)


def _inline(required: dict[str, Rule], optional: dict[str, Rule] | None = None) -> Rule:
    return record({"type": string(), **required}, {"style": _STYLE, **(optional or {})})


_URL = url(limits.URL_CHARACTERS, r"[a-z][a-z0-9+.\-]*")

_INLINES: dict[str, Rule] = {
    "text": _inline({"text": string(1)}),
    "link": _inline({"url": _URL}, {"text": string(), "unsafe": boolean}),
    "user": _inline({"user_id": string(1)}),
    "channel": _inline({"channel_id": string(1)}),
    "usergroup": _inline({"usergroup_id": string(1)}),
    "team": _inline({"team_id": string(1)}),
    "emoji": _inline({"name": string(1)}, {"unicode": string(), "skin_tone": integer(1, 6)}),
    "date": _inline({"timestamp": integer(0), "format": string(1)}, {"url": _URL, "fallback": string()}),
    "broadcast": _inline({"range": one_of("here", "channel", "everyone")}),
    "color": _inline({"value": string(1)}),
}

_SECTION = record({"type": string(), "elements": array(by_type(_INLINES))})
_BORDER = integer(0, limits.RICH_TEXT_BORDER)

_ELEMENTS: dict[str, Rule] = {
    "rich_text_section": _SECTION,
    "rich_text_list": record(
        {
            "type": string(),
            "style": one_of("bullet", "ordered"),
            "elements": array(by_type({"rich_text_section": _SECTION})),
        },
        {"indent": integer(0, limits.RICH_TEXT_LIST_INDENT), "offset": integer(0), "border": _BORDER},
    ),
    "rich_text_quote": record({"type": string(), "elements": array(by_type(_INLINES))}, {"border": _BORDER}),
    "rich_text_preformatted": record(
        {"type": string(), "elements": array(by_type({name: _INLINES[name] for name in ("text", "link")}))},
        {"border": _BORDER, "language": string(1)},
    ),
}

RICH_TEXT = record(
    {"type": string(), "elements": array(by_type(_ELEMENTS), 1)}, {"block_id": string(1, limits.ID_CHARACTERS)}
)
RICH_TEXT_OBJECT = by_type({"rich_text": RICH_TEXT})
