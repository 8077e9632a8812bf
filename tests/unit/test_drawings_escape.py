"""What people wrote arrives whole and does nothing."""

import re

from hypothesis import given
from hypothesis import strategies as st

from slackdesk.slack import escape

NASTY = st.text(
    st.one_of(
        st.sampled_from(list("<>&*_~`:|@#!\n\r\t \u202e\u2066\u2069\u200f\x00\x07\u05d0\u0634🔥")),
        st.characters(codec="utf-8"),
    ),
    max_size=300,
)
FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "<!channel>",
            "<@U123>",
            "<https://x.test|bank>",
            "*bold*",
            "> quote",
            ":fire:",
            "\u202e",
            "word",
            "\n",
            " ",
            "&amp;",
        ]
    ),
    max_size=40,
).map("".join)


@given(NASTY | FRAGMENTS, st.integers(20, 200))
def test_mrkdwn_holds_nothing_that_slack_obeys(text: str, limit: int) -> None:
    """No token, no character that turns text around, and never more than the limit as it is sent."""
    escaped = escape.mrkdwn(text, limit)
    assert len(escaped) <= limit
    assert not set("<>") & set(escaped)
    assert all(re.match(r"&(amp|lt|gt);", escaped[at.start() :]) for at in re.finditer("&", escaped))
    assert not re.search(r"(?:^|[^\u2060])[*~`]", escaped)
    assert not re.search(r":[\w+'-]+:", escaped)
    assert not re.search("[\u202a-\u202e\u2066\u2067\x00-\x08]", escaped)
    assert escaped.count("\u2068") == escaped.count("\u2069")


@given(NASTY | FRAGMENTS)
def test_mrkdwn_is_whole_where_there_is_room(text: str) -> None:
    """Undoing the escapes gives the cleaned text back."""
    escaped = escape.mrkdwn(text, 10_000)
    plain = escaped.replace("\u2068", "").replace("\u2069", "").replace("\u2060", "")
    plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == escape.clean(text).strip().replace("\u2060", "").replace("\u2068", "").replace("\u2069", "")


@given(NASTY | FRAGMENTS, st.integers(2, 60))
def test_pieces_join_to_the_whole_text(text: str, size: int) -> None:
    """Nothing is lost at the seams, and no piece is longer than was asked for."""
    found = escape.pieces(text, size)
    assert "".join(found) == escape.clean(text)
    assert all(len(piece) <= size for piece in found)


@given(NASTY | FRAGMENTS, st.integers(2, 60))
def test_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    """Titles and labels stay on one line; a cut shows."""
    shown = escape.line(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    whole = " ".join(escape.clean(text).split())
    assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1].rstrip()))


def test_control_and_direction_characters_stay_visible_as_replacements() -> None:
    """A name that would read backwards does not, and the person sees that something was there."""
    assert escape.clean("a\x00b \u202egpj.exe\r\nnext\ttab") == "a\ufffdb \ufffdgpj.exe\nnext    tab"


def test_right_to_left_words_are_isolated_in_our_sentence() -> None:
    """The sentence around them keeps its order."""
    assert escape.inline("שלום", 50) == "\u2068שלום\u2069"
    assert escape.inline("hello", 50) == "hello"


def test_underscores_inside_words_stay_as_they_are() -> None:
    """File names can be copied; an edge of a word cannot format."""
    assert escape.mrkdwn("my_file_name 10:30", 50) == "my_file_name 10:30"
    assert escape.mrkdwn("_x_", 50) == "\u2060_\u2060x\u2060_\u2060"


@given(NASTY | FRAGMENTS)
def test_what_slack_would_write_comes_back(text: str) -> None:
    """In a message, and as the name in a mention."""
    written = escape.to_slack(text)
    assert escape.from_slack(written) == text
    assert escape.from_slack(f"<@U1|x{written}>, hello") == f"@x{text}, hello"


def test_from_slack_gives_what_the_person_saw() -> None:
    """Message events carry entities and tokens; neither survives."""
    text = "&lt;b&gt; &amp;lt; <@U1|ayu> <#C1|general> <!channel> <!subteam^S1|@it-l1> <https://a.test|docs> <https://b.test>"
    assert escape.from_slack(text) == "<b> &lt; @ayu #general @channel @it-l1 docs (https://a.test) https://b.test"
