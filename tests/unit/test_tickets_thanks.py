"""What is thanks, and what only begins like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackdesk.tickets.text import MAX_TITLE_CHARACTERS, cleaned, title_of
from slackdesk.tickets.thanks import is_thanks


@pytest.mark.parametrize(
    "text",
    [
        "thanks",
        "Thanks!",
        "Thank you so much :pray:",
        "thx 🙏",
        "ty",
        "Great, thanks a lot for your help",
        "Perfect, it works now!",
        "That's fixed, thank you both",
        "<@U0LENA> awesome, cheers",
        "all good now, thanks",
        "ok",
        "Terima kasih banyak ya kak",
        "makasih pak, sudah beres",
        "Sip, mantap!",
        "sudah bisa, trims",
        "👍",
        ":tada: :+1::skin-tone-2:",
        "❤️",
    ],
)
def test_thanks(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "thanks but it still fails",
        "Thanks, and now the printer is broken",
        "is it fixed?",
        "ok?",
        "not working",
        "no thanks",
        "thank you, error 500 again",
        "belum bisa kak",
        "makasih tapi masih error",
        "tidak bisa",
        "👎",
        ":-1:",
        "thanks :cry:",
        "😡",
        "again",
        "help",
        "",
        "...",
        "https://example.com",
    ],
)
def test_no_thanks(text: str) -> None:
    assert not is_thanks(text)


@given(st.text())
def test_cleaning_leaves_nothing_that_a_database_refuses(text: str) -> None:
    clean = cleaned(text)
    assert clean.encode().decode() == clean
    assert "\x00" not in clean
    assert cleaned(clean) == clean


@given(st.text(min_size=1, max_size=400))
def test_a_title_is_one_line_that_fits(text: str) -> None:
    title = title_of(cleaned(text))
    assert len(title) <= MAX_TITLE_CHARACTERS
    assert "\n" not in title
    assert bool(title) == bool(cleaned(text))


def test_a_title_is_cut_at_a_word() -> None:
    assert title_of("word " * 60).endswith("word…")
