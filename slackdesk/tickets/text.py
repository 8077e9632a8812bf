"""What people type: cleaned, measured, and told apart. Pure."""

import re
import unicodedata

from slackdesk.errors import InvalidInput

MAX_TEXT_CHARACTERS = 40_000
"""Of one message or description; Slack delivers no longer ones."""
MAX_FIELD_CHARACTERS = 3_000
"""Of a reason or another field of a form: what an input of a Slack modal holds at most."""
MAX_TITLE_CHARACTERS = 150

_BIDIRECTIONAL_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_THANKS = frozenset(
    "thanks thank thx thnx tnx ty tysm tq cheers appreciated appreciate great perfect awesome excellent brilliant ok okay "
    "oke okey okee cool nice wonderful amazing fantastic lovely solved fixed works worked working resolved "
    "makasih makasi mksh trims trimakasih terimakasih terima kasih tks suwun nuhun sip siap mantap mantul beres bagus "
    "aman lancar bisa".split()
)
_FILLERS = frozenset(
    "a all am again and everything for from good guys help helping helped i it its job like much many my now of quick "
    "really so support team that thats the this to very work you your yours u lot ton tons million bunch sir both done "
    "kind yes yep yeah yup ya iya sudah udah sdh dah lagi semua semuanya bantuan bantuannya atas banyak bgt banget ini "
    "itu kak ka pak bu mas mbak bang min tim kakak bapak ibu oiya sekali sangat berhasil normal kembali dan".split()
)
_OBJECTION_EMOJI = frozenset("👎😡😠🤬😤😞😢😭❌🚫⛔❓❔⁉🆘🤔😕🙁☹💔🐛🔥🚨⚠")
_OBJECTION_SHORTCODES = frozenset(
    "-1 thumbsdown x no_entry no_entry_sign rage angry cry sob disappointed question grey_question sos thinking_face "
    "confused slightly_frowning_face broken_heart bug fire rotating_light warning interrobang face_with_symbols_on_mouth".split()
)
_SHORTCODE = re.compile(r":([a-z0-9_+'-]+)(?::skin-tone-\d)?:")
_MENTION = re.compile(r"<[@!#][^>]*>")
_WORD = re.compile(r"[^\W\d_]+")


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
    """The cleaned text; raises InvalidInput with the sentence ``missing`` when nothing is left, or when it is too long."""
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


def is_thanks(text: str) -> bool:
    """Whether a message only thanks or acknowledges (English, Indonesian, emoji alone), so that it asks for nothing.

    Cautious: one word that is not known to be harmless, a question mark or an unhappy emoji, and it is not thanks.
    """
    if any(code in _OBJECTION_SHORTCODES for code in _SHORTCODE.findall(text)):
        return False
    if "?" in text or "？" in text or any(character in _OBJECTION_EMOJI for character in text):
        return False
    has_emoji = bool(_SHORTCODE.search(text)) or any(unicodedata.category(character) == "So" for character in text)
    plain = _MENTION.sub(" ", _SHORTCODE.sub(" ", text)).casefold().replace("'", "").replace("’", "")
    if any(character.isdigit() for character in plain):
        return False
    words = _WORD.findall(plain)
    if not words:
        return has_emoji
    return any(word in _THANKS for word in words) and all(word in _THANKS or word in _FILLERS for word in words)
