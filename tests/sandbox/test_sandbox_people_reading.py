"""The pure rules behind people: what is read of Block Kit, what is typed, what a form takes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slackdesk.sandbox.blockids import with_ids
from slackdesk.sandbox.blockkit import message_problems
from slackdesk.sandbox.company import acme
from slackdesk.sandbox.conversing import as_typed
from slackdesk.sandbox.forms import Lookup, complaint, typed, untouched, value_field
from slackdesk.sandbox.reading import Control, find_controls, read_blocks, read_mrkdwn
from slackdesk.sandbox.richtext import escape
from slackdesk.sandbox.seen import names_in

WORKSPACE = acme()
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = {"U1": "@ayu", "C1": "#general", "S1": "@it-l1"}


def names(identifier: str, otherwise: str) -> str:
    return NAMES.get(identifier, otherwise)


@pytest.mark.parametrize(
    ("mrkdwn", "read"),
    [
        ("*bold* and _italic_ and ~gone~ and `code`", "bold and italic and gone and code"),
        ("_*both*_", "both"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("<@U1> in <#C1|general> asks <!subteam^S1>", "@ayu in #general asks @it-l1"),
        ("<@U9|gone> <#C9> <!here>", "@gone #C9 @here"),
        ("<https://a.example/x_y|the guide> <https://b.example>", "the guide https://b.example"),
        ("due <!date^1800000000^{date_short}|Jan 15> &amp; &lt;b&gt;", "due Jan 15 & <b>"),
        ("a &lt;@U1&gt; that somebody typed", "a <@U1> that somebody typed"),
    ],
)
def test_mrkdwn_reads_as_on_the_screen(mrkdwn: str, read: str) -> None:
    assert read_mrkdwn(mrkdwn, names) == read


@untimed
@given(st.text(st.characters(blacklist_characters="*_~`", blacklist_categories=["Cs"])))
def test_escaped_text_reads_as_it_was_typed(text: str) -> None:
    assert read_mrkdwn(escape(text), names) == text


def test_blocks_read_from_top_to_bottom_without_controls() -> None:
    plain = {"type": "plain_text", "text": "*not bold*"}
    button = {"type": "button", "text": {"type": "plain_text", "text": "Claim"}, "action_id": "claim"}
    rich = {
        "type": "rich_text_section",
        "elements": [{"type": "text", "text": "see "}, {"type": "user", "user_id": "U1"}],
    }
    rows = [[{"type": "raw_text", "text": "Queue"}, {"type": "raw_text", "text": "Open"}]]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain},
        {"type": "divider"},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Status*"}, plain], "accessory": button},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "by <@U1>"}]},
        {"type": "actions", "elements": [button]},
        {"type": "rich_text", "elements": [rich, {"type": "rich_text_list", "style": "bullet", "elements": [rich]}]},
        {"type": "image", "image_url": "https://a.example/x.png", "alt_text": "A chart"},
        {"type": "table", "rows": rows},
    ]
    lines = ["*not bold*", "Status", "*not bold*", "by @ayu", "see @ayu", "• see @ayu", "A chart", "Queue | Open"]
    assert read_blocks(blocks, names).splitlines() == lines


PLAIN = st.text("ab *_", min_size=1, max_size=9).map(lambda text: {"type": "plain_text", "text": text})
MRKDWN = st.text("ab *_<>", min_size=1, max_size=9).map(lambda text: {"type": "mrkdwn", "text": text})
OPTION = st.builds(lambda text, number: {"text": text, "value": str(number)}, PLAIN, st.integers())
BUTTON = st.fixed_dictionaries({"type": st.just("button"), "text": PLAIN})
OVERFLOW = st.fixed_dictionaries({"type": st.just("overflow"), "options": st.lists(OPTION, min_size=1, max_size=2)})
USERS = st.just({"type": "users_select"})
BLOCK = st.one_of(
    st.fixed_dictionaries({"type": st.just("header"), "text": PLAIN}),
    st.just({"type": "divider"}),
    st.fixed_dictionaries({"type": st.just("context"), "elements": st.lists(MRKDWN, min_size=1, max_size=3)}),
    st.fixed_dictionaries(
        {"type": st.just("section"), "text": MRKDWN}, optional={"accessory": BUTTON | OVERFLOW | USERS}
    ),
    st.fixed_dictionaries(
        {"type": st.just("actions"), "elements": st.lists(BUTTON | OVERFLOW | USERS, min_size=1, max_size=3)}
    ),
)


@untimed
@given(st.lists(BLOCK, max_size=4))
def test_blocks_stay_legal_and_readable_when_they_get_ids(blocks: list[dict[str, Any]]) -> None:
    assert message_problems({"text": "x", "blocks": blocks}) == []
    counter = iter(range(10_000))
    named = with_ids(blocks, lambda prefix: f"{prefix}{next(counter)}")
    assert message_problems({"text": "x", "blocks": named}) == []
    assert read_blocks(named, names) == read_blocks(blocks, names)
    assert with_ids(named, lambda prefix: "another") == named
    keys = [control.key for control in find_controls(named)]
    assert len(keys) == len(set(keys)) == sum("action_id" in text for text in str(named).split("{"))
    assert all(block["block_id"] for block in named)


def test_typing_makes_mentions_links_and_escapes() -> None:
    workspace = WORKSPACE
    rina, group, channel = (
        workspace.user_by_handle("rina").id,
        next(group.id for group in workspace.usergroups.values() if group.handle == "it-l1"),
        workspace.channel_by_name("help-it").id,
    )
    written = as_typed(workspace, "@rina, @it-l1 see #help-it & https://a.example/?b=1&c <now> @nobody a@rina.example")
    assert written == (
        f"<@{rina}>, <!subteam^{group}> see <#{channel}|help-it> &amp; <https://a.example/?b=1&amp;c>"
        " &lt;now&gt; @nobody a@rina.example"
    )
    assert as_typed(workspace, "@rina @here", with_names=True) == f"<@{rina}|rina> <!here>"


@untimed
@given(st.text(st.characters(blacklist_characters="*_~`", blacklist_categories=["Cs"])))
def test_what_is_typed_reads_the_same(text: str) -> None:
    assert read_mrkdwn(as_typed(WORKSPACE, text), names_in(WORKSPACE)) == text


def nothing(*_: object) -> Any:
    raise AssertionError("not asked for")


LOOKUP = Lookup(nothing, nothing, nothing, nothing, nothing)


def control(kind: str, *, optional: bool = False, **element: Any) -> Control:
    return Control("b", {"type": kind, "action_id": "a"} | element, ("Label",), {"type": "input", "optional": optional})


@untimed
@given(st.text(max_size=40), st.integers(0, 20), st.integers(1, 20), st.booleans())
def test_text_is_taken_within_its_lengths_only(text: str, least: int, most: int, optional: bool) -> None:
    asked = control("plain_text_input", optional=optional, multiline=True, min_length=least, max_length=most)
    problem = complaint(asked, typed(asked, text, LOOKUP))
    assert (problem is None) == (optional if text == "" else least <= len(text) <= most)


@untimed
@given(st.integers(-50, 50), st.integers(-20, 0), st.integers(0, 20))
def test_number_is_taken_within_its_bounds_only(number: int, least: int, most: int) -> None:
    asked = control("number_input", min_value=str(least), max_value=str(most), is_decimal_allowed=False)
    assert (complaint(asked, typed(asked, number, LOOKUP)) is None) == (least <= number <= most)
    assert complaint(asked, typed(asked, f"{number}.5", LOOKUP)) == "Please enter a whole number."


@pytest.mark.parametrize(
    ("kind", "element", "value"),
    [
        ("datepicker", {"initial_date": "2026-11-24"}, "2026-11-24"),
        ("users_select", {"initial_user": "U1"}, "U1"),
        ("multi_users_select", {"initial_users": ["U1"]}, ["U1"]),
        ("multi_users_select", {}, []),
        ("channels_select", {}, None),
        ("conversations_select", {"default_to_current_conversation": True}, "C1"),
        ("multi_conversations_select", {"default_to_current_conversation": True}, ["C1"]),
    ],
)
def test_untouched_field_holds_its_initial_value(kind: str, element: dict[str, Any], value: Any) -> None:
    asked = control(kind, **element)
    assert untouched(asked, "C1")[value_field(asked)] == value


def test_selection_beyond_the_maximum_is_impossible() -> None:
    options = [{"text": {"type": "plain_text", "text": text}, "value": text} for text in "abc"]
    asked = control("multi_static_select", options=options, max_selected_items=2)
    assert len(typed(asked, ["a", "b"], LOOKUP)["selected_options"]) == 2
    with pytest.raises(AssertionError, match="takes at most 2, not 3"):
        typed(asked, ["a", "b", "c"], LOOKUP)
    with pytest.raises(AssertionError, match="one line only"):
        typed(control("plain_text_input"), "two\nlines", LOOKUP)
