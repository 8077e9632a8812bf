"""Whatever people write, and whatever they are called, is read whole and does nothing, wherever it is shown."""

import re
import uuid
from collections.abc import Iterator

import pytest

from slackdesk.demo.actors import Actor
from slackdesk.demo.stage import Stage
from slackdesk.sandbox.journal import CallEntry, Entry

from .inert import Shown, effects, formatted, shown_by

L1, L2 = "#it-l1", "#it-l2"

WORDS = {
    "mentions": "<@{eka}> <!channel> <!here> <!everyone> <!subteam^{group}|@it-l3> @channel @here @eka #general",
    "links": "<https://evil.example|Click here> <mailto:a@evil.example|mail> <javascript:alert(1)|x> <#C0|general>",
    "marks": '*bold* _slanted_ ~struck~ `code` ```fence``` *_~`all`~_* (*in*) "_quotes_"',
    "quotes": "> first\n>second\n>>> all of the rest\n&gt; fourth\n• item\n1. one",
    "blocks": '"}}]}, {"type":"section","text":{"type":"mrkdwn","text":"<!channel>"}}, {"a":"',
    "entities": "&amp; &lt;!channel&gt; &amp;lt;!here&amp;gt; &#60;!channel&#62; % {number} {0} %s",
    "emoji": ":fire: :it-l1: :+1::skin-tone-2: \U0001f525 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "directions": "\u202egpj.exe \u2066isolated \u202dleft \u05d0\u05d1\u05d2 \u0645\u0631\u062d \u200f end",
    "characters": "bell\x07 escape\x1b[31m null\x00 tab\t del\x7f zero\u200bwidth\ufeff c1\x85 line\u2028para\u2029",
    "lines": "one\r\ntwo\rthree\n\n\n\nfour",
    "a lone surrogate": "half \ud83d of an emoji",
}

MIXED = {
    "what Slack obeys": ("mentions", "links", "blocks", "entities"),
    "what Slack draws": ("marks", "quotes", "emoji", "lines"),
    "what no font has": ("directions", "characters", "a lone surrogate"),
}
LONG_CHARACTERS = 30_000
"""With its entities just below the 40,000 that Slack delivers, and more than two messages of the desk's hold."""


def hostile(stage: Stage, *kinds: str) -> tuple[str, str]:
    """A text of these kinds, and the marker by which it is found wherever it is shown."""
    workspace = stage.sandbox.workspace
    group = next(group.id for group in workspace.usergroups.values() if group.handle == "it-l3")
    eka = workspace.user_by_handle("eka").id
    marker = f"Zq{uuid.uuid4().hex[:10]}"
    text = "\n".join(WORDS[kind] for kind in kinds)
    return f"{marker} " + text.replace("{eka}", eka).replace("{group}", group), marker


def with_marker(entries: list[Entry], marker: str) -> Iterator[Shown]:
    """Every text in which the desk shows it."""
    for entry in entries:
        yield from (shown for shown in shown_by(entry) if marker in shown.text)


def is_posted(entry: Entry, channel: str) -> bool:
    """Whether it posts something in the channel."""
    return isinstance(entry, CallEntry) and entry.method == "chat.postMessage" and entry.args["channel"] == channel


def as_seen(stage: Stage, text: str) -> str:
    """A message as the desk shows it: with names, where its author's client mentioned somebody. Groups have none."""
    group = next(group for group in stage.sandbox.workspace.usergroups.values() if group.handle == "it-l3")
    return text.replace("@eka", "@Eka").replace("@it-l3", f"@{group.id}")


def assert_whole(stage: Stage, since: int, text: str) -> None:
    """All of it can be read in one place or in several that follow each other."""
    entries = stage.sandbox.journal.entries[since:]
    shown = [one.text for one in with_marker(entries, text.split(maxsplit=1)[0]) if one.kind == "plain_text"]
    assert any(essence(text) in essence(one) for one in shown)


def essence(text: str) -> str:
    """What is left of a text for whoever reads it: no blanks, nothing invisible, nothing that no font has."""
    return re.sub(r"[\s\x00-\x20\x7f-\x9f\u2028-\u202e\u2060-\u2069\ufffd\ud800-\udfff]+", "", text)


def assert_inert(stage: Stage, since: int, text: str, *, least: int = 1) -> None:
    """Wherever it was shown since then, it does nothing."""
    shown = list(with_marker(stage.sandbox.journal.entries[since:], text.split(maxsplit=1)[0]))
    assert len(shown) >= least
    for one in shown:
        assert effects(one) == [], one
        assert formatted(one, text) == [], one


@pytest.mark.parametrize(
    "shown",
    [
        Shown("", "mrkdwn", "hello <!channel>"),
        Shown("", "mrkdwn", "<@U1> says <!subteam^S1>"),
        Shown("", "mrkdwn", "<https://evil.example|Click here>"),
        Shown("", "mrkdwn", "R&D"),
        Shown("", "mrkdwn", "1 > 0"),
        Shown("", "mrkdwn", "yes\n&gt; no"),
        Shown("", "mrkdwn", ":fire:"),
        Shown("", "mrkdwn", "@channel", is_verbatim=False),
        Shown("", "plain_text", "\u202egpj.exe"),
        Shown("", "plain_text", "\u2066 without an end"),
        Shown("", "plain_text", "\x00"),
        Shown("", "plain_text", ":fire:", has_emoji=True),
    ],
)
def test_the_judge_sees_what_acts(shown: Shown) -> None:
    assert effects(shown) != []


def test_the_judge_sees_formatting_and_lets_ours_be() -> None:
    ours = Shown("", "mrkdwn", "*IT-1* of <@U1>: *bold* and snake_case_name")
    assert effects(ours) == []
    assert formatted(ours, "*bold* and snake_case_name") == ["bold"]


@pytest.mark.parametrize("kind", WORDS)
def test_a_request_is_whole_and_inert_wherever_it_is_shown(stage: Stage, kind: str) -> None:
    since = len(stage.sandbox.journal)
    text, marker = hostile(stage, kind)
    maya, lead = Actor(stage, "maya"), Actor(stage, "helpdesk-lead")
    maya.person.slash("/ticket")
    maya.fills({"What is it about?": "Other", "What do you need?": text})
    number = maya.person.modal.title
    maya.person.modal.close()
    for words in ("mine", f"show {number}"):
        assert marker in maya.person.slash(f"/ticket {words}").text
    lead.presses("Claim", number, L1)
    assert marker in lead.person.slash("/desk queue").text
    lead.person.message_shortcut("Ticket actions", lead.card(number, L1))
    lead.person.modal.close()
    maya.person.opens_home()
    maya.person.home.sees(marker)
    assert_whole(stage, since, text)
    assert_inert(stage, since, text, least=8)


@pytest.mark.parametrize("kinds", MIXED.values(), ids=MIXED)
def test_what_is_said_about_a_ticket_is_whole_and_inert(stage: Stage, kinds: tuple[str, ...]) -> None:
    since = len(stage.sandbox.journal)
    maya, lead, dewi = (Actor(stage, handle) for handle in ("maya", "helpdesk-lead", "dewi"))
    number = maya.asks(f"Plain {uuid.uuid4().hex}")
    said = {name: hostile(stage, *kinds)[0] for name in ("note", "hold", "reply", "reason", "tried", "asked", "solved")}
    lead.presses("Claim", number, L1)
    lead.chooses("Add a note", number, L1)
    lead.fills({"Your note": said["note"]})
    lead.chooses("Put on hold", number, L1)
    lead.fills({"What does it wait for?": said["hold"]})
    lead.presses("Resume", number, L1)
    lead.replies(number, L1, said["reply"])
    lead.escalates(number, L1, reason=said["reason"], tried=said["tried"], asked=said["asked"])
    dewi.presses("Accept", number, L2)
    dewi.resolves(number, L2, "Other", said["solved"])
    maya.person.sees(said["solved"].split()[0], in_=maya.root(number))
    lead.person.sees(said["note"].split()[0], in_=L1)
    maya.person.sees(said["reply"].split()[0], in_=maya.root(number))
    assert lead.person.slash(f"/ticket sla {number}").error == ""
    for text in said.values():
        assert_whole(stage, since, text)
        assert_inert(stage, since, text)


@pytest.mark.parametrize("kinds", MIXED.values(), ids=MIXED)
def test_messages_are_whole_and_inert_on_the_other_side(stage: Stage, kinds: tuple[str, ...]) -> None:
    since = len(stage.sandbox.journal)
    budi, lead = Actor(stage, "budi"), Actor(stage, "helpdesk-lead")
    text, marker = hostile(stage, *kinds)
    budi.person.says(text, in_="dm")
    asked = lead.person.sees(marker, in_=L1)
    (later, marker_of_later), (edited, marker_of_edited) = hostile(stage, *kinds), hostile(stage, *kinds)
    thread = budi.person.sees(marker, in_="dm")
    written = budi.person.says(later, in_=thread)
    lead.person.sees(marker_of_later, in_=L1)
    budi.person.edits(written, edited)
    lead.person.sees(marker_of_edited, in_=L1)
    lead.person.message_shortcut("Make a ticket", budi.person.says(text, in_="#general"))
    lead.person.modal.close()
    assert asked.channel == L1
    for one in (text, later, edited):
        assert_whole(stage, since, as_seen(stage, one))
        assert_inert(stage, since, one)


def test_a_long_message_is_whole_and_inert_piece_by_piece(stage: Stage) -> None:
    since = len(stage.sandbox.journal)
    budi, lead = Actor(stage, "budi"), Actor(stage, "helpdesk-lead")
    line = hostile(stage, "links", "marks")[0]
    text = "\n".join(f"{count} {line}" for count in range(LONG_CHARACTERS // len(line)))
    budi.person.says(text, in_="dm")
    lead.person.sees("(part 3 of 3)", in_=L1)
    channel = next(one.id for one in stage.sandbox.workspace.channels.values() if f"#{one.name}" == L1)
    posts = [post for post in stage.sandbox.journal.entries[since:] if is_posted(post, channel)]
    shown = [one.text for one in with_marker(posts, line.split()[0]) if one.kind == "plain_text"]
    assert essence(text) in essence("".join(shown))
    assert_inert(stage, since, line)


def test_a_name_is_whole_and_inert(stage: Stage) -> None:
    since = len(stage.sandbox.journal)
    workspace = stage.sandbox.workspace
    yohana, budi, lead = workspace.user_by_handle("yohana"), Actor(stage, "budi"), Actor(stage, "helpdesk-lead")
    marker = f"Zq{uuid.uuid4().hex[:10]}"
    name = f"{marker} <!channel> *boss* <https://evil.example|x> & :fire:"
    with workspace.lock:
        before = workspace.users[yohana.id].display_name
        workspace.update_user(yohana.id, display_name=name)
    try:
        assert stage.sandbox.delivery.wait_until_answered()
        budi.person.says("please ask @yohana about the keys", in_="dm")
        lead.person.sees("please ask", in_=L1)
    finally:
        with workspace.lock:
            workspace.update_user(yohana.id, display_name=before)
    assert_whole(stage, since, f"please ask @{name} about the keys")
    for one in with_marker(stage.sandbox.journal.entries[since:], marker):
        assert effects(one) == [], one
        assert formatted(one, name) == [], one
