"""What people type: cleaned, measured and compared. Pure."""

import unicodedata

from slackdesk.errors import InvalidInput

MAX_TEXT_CHARACTERS = 40_000
"""Of one message or description; Slack delivers no longer ones."""
MAX_FIELD_CHARACTERS = 3_000
"""Of a reason or another field of a form: what an input of a Slack modal holds at most."""
MAX_TITLE_CHARACTERS = 150

_BIDIRECTIONAL_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def cleaned(text: str) -> str:
    """The text without control characters, stray surrogates and direction overrides, and without outer blank space."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        character
        for character in text
        if character in "\n\t"
        or (unicodedata.category(character) not in ("Cc", "Cs") and character not in _BIDIRECTIONAL_OVERRIDES)
    )
    return "".join(kept).strip()


def required(field: str, text: str, missing: str, limit: int = MAX_FIELD_CHARACTERS) -> str:
    """The cleaned text; raises InvalidInput, with the sentence ``missing`` for an empty one, or when it is too long."""
    text = optional(field, text, limit)
    if not text:
        raise InvalidInput(field, missing)
    return text


def optional(field: str, text: str, limit: int = MAX_FIELD_CHARACTERS) -> str:
    """The cleaned text, which may be empty; raises InvalidInput when it is longer than ``limit`` characters."""
    text = cleaned(text)
    if len(text) > limit:
        raise InvalidInput(
            field,
            "This has {length} characters, {limit} fit. Shorten it, or attach the rest as a file.",
            length=len(text),
            limit=limit,
        )
    return text


def title_of(text: str) -> str:
    """One line of at most 150 characters from the beginning of a text, cut at a word."""
    line = " ".join(text.split("\n", 1)[0].split())
    if len(line) <= MAX_TITLE_CHARACTERS:
        return line
    head = line[: MAX_TITLE_CHARACTERS - 1]
    at_word = head.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > MAX_TITLE_CHARACTERS // 2 else head) + "…"


def same_request(one: str, other: str) -> bool:
    """Whether two texts differ in blank space and case only."""
    return one.split() == other.split() or one.casefold().split() == other.casefold().split()
