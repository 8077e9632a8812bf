"""What the words behind /ticket ask for."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackdesk.slack import words
from slackdesk.tickets.model import Priority

NUMBERS = st.integers(1, 10**9).flatmap(lambda n: st.sampled_from([str(n), f"IT-{n}", f"#{n}", f"hr-{n}", f"#it-{n}"]))
VERB_NAMES = st.sampled_from(sorted(words.VERBS))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", words.OpenForm()),
        (" \n\u00a0 ", words.OpenForm()),
        ("my VPN is down", words.File("my VPN is down")),
        ("show me how to print", words.File("show me how to print")),
        ("close the 42 windows", words.File("close the 42 windows")),
        ("claim 2 licences for me please", words.File("claim 2 licences for me please")),
        ("help me print", words.File("help me print")),
        ("mine is broken", words.File("mine is broken")),
        ("help", words.Help()),
        ("HELP", words.Help()),
        ("mine", words.Mine()),
        ("claim", words.Usage("claim")),
        ("show 42", words.Verb("show", "42")),
        ("Show it-42", words.Verb("show", "it-42")),
        ("show #42", words.Verb("show", "#42")),
        ("show IT-42 now or later", words.Usage("show")),
        ("assign 42 <@U0AYU|ayu>", words.Verb("assign", "42", person="U0AYU")),
        ("assign 42 <@W0AYU>", words.Verb("assign", "42", person="W0AYU")),
        ("assign 42 me", words.Verb("assign", "42", person="me")),
        ("assign 42 ayu", words.Usage("assign")),
        ("assign 42", words.Verb("assign", "42")),
        ("priority 42 HIGH", words.Verb("priority", "42", priority=Priority.HIGH)),
        ("priority 42 highest", words.Usage("priority")),
        ("priority 2 of my problems is the printer", words.File("priority 2 of my problems is the printer")),
        ("snooze 42 2h", words.Verb("snooze", "42", duration=timedelta(hours=2))),
        ("snooze 42 1d 4h", words.Verb("snooze", "42", duration=timedelta(days=1, hours=4))),
        ("snooze 42 2 jam", words.Verb("snooze", "42", duration=timedelta(hours=2))),
        ("snooze 42 soon", words.Usage("snooze")),
        ("note 42 cable was loose\nsecond line", words.Verb("note", "42", text="cable was loose\nsecond line")),
        ("reply 42", words.Verb("reply", "42")),
    ],
)
def test_words_mean(text: str, meaning: words.TicketWords) -> None:
    assert words.parse_ticket(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("suggest 42 the form is\ntoo long ", words.FreeVerb("suggest", "42 the form is\ntoo long")),
        ("Suggest", words.FreeVerb("suggest")),
        ("suggestion: a shorter form", words.File("suggestion: a shorter form")),
        ("remind 42 call", words.Verb("remind", "42", text="call")),
        ("remind me", words.File("remind me")),
    ],
)
def test_words_of_plugins_mean(text: str, meaning: words.TicketWords) -> None:
    assert words.parse_ticket(text, ["remind", "suggest"], ["suggest"]) == meaning


@given(st.text())
def test_words_never_fail_and_never_lose_a_request(text: str) -> None:
    meaning = words.parse_ticket(text)
    if isinstance(meaning, words.File):
        assert meaning.text == text.strip()
    else:
        first = (text.split() or [""])[0].lower()
        assert first in {"", "?", "help", "mine", *words.VERBS}


@given(VERB_NAMES, NUMBERS)
def test_verb_with_a_number_is_a_command(verb: str, number: str) -> None:
    assert words.parse_ticket(f"  {verb.upper()}   {number} ") == words.Verb(verb, number)


@given(VERB_NAMES, st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), min_size=1, max_size=5))
def test_verb_without_a_number_is_a_request(verb: str, rest: list[str]) -> None:
    text = f"{verb} {' '.join(rest)}"
    assert words.parse_ticket(text) == words.File(text)


@given(st.sampled_from(["note", "reply", "escalate", "hold"]), NUMBERS, st.text(min_size=1).filter(str.strip))
def test_text_behind_a_number_is_kept_whole(verb: str, number: str, text: str) -> None:
    assert words.parse_ticket(f"{verb} {number} {text}") == words.Verb(verb, number, text=text.strip())


@given(st.integers(0, 300), st.integers(0, 23), st.integers(0, 59))
def test_duration_is_the_sum_of_its_parts(days: int, hours: int, minutes: int) -> None:
    expected = timedelta(days=days, hours=hours, minutes=minutes)
    assert words.parse_duration(f"{days}d {hours}h{minutes}min") == (expected or None)


@pytest.mark.parametrize("text", ["", "2", "h", "2x", "-2h", "400d", "999999w", "2h please", "2h 3", "٢h"])
def test_what_is_no_duration(text: str) -> None:
    assert words.parse_duration(text) is None


@given(st.text())
def test_duration_never_fails(text: str) -> None:
    duration = words.parse_duration(text)
    assert duration is None or timedelta(0) < duration <= words.LONGEST_SNOOZE


def test_desk_words() -> None:
    assert words.parse_desk("") == ("help", "")
    assert words.parse_desk("Queue IT ") == ("queue", "IT")


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "Hello <@U0DESK> :wave:",
        "Selamat pagi 🙏",
        "Terima kasih banyak!",
        "thanks a lot",
        "👍",
        ":+1::skin-tone-3:",
        "",
        "help",
    ],
)
def test_small_talk(text: str) -> None:
    assert words.is_small_talk(text)


@pytest.mark.parametrize(
    "text", ["my VPN is down", "Hi, printer jam on floor 3", "thanks, but it still fails", "tolong reset password"]
)
def test_requests_are_no_small_talk(text: str) -> None:
    assert not words.is_small_talk(text)
