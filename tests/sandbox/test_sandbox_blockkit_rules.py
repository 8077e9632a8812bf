"""What is refused whatever its size: wrong places, wrong types, contradictions; and no JSON makes the rules stumble."""

import copy
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackdesk.sandbox.blockkit import message_problems, view_problems

Json = dict[str, Any]

PLAIN: Json = {"type": "plain_text", "text": "x"}
MRKDWN: Json = {"type": "mrkdwn", "text": "*x*"}
LAPTOP: Json = {"text": PLAIN, "value": "laptop"}
NETWORK: Json = {"text": PLAIN, "value": "network"}
BUTTON: Json = {"type": "button", "text": PLAIN, "action_id": "claim"}
SELECT: Json = {"type": "static_select", "options": [LAPTOP]}
TEXT_INPUT: Json = {"type": "plain_text_input"}
IMAGE: Json = {"type": "image", "image_url": "https://acme.example/a.png", "alt_text": "Chart"}
SECTION: Json = {"type": "section", "text": PLAIN}
QUESTION: Json = {"type": "input", "label": PLAIN, "element": TEXT_INPUT}
CONFIRM: Json = {"title": PLAIN, "text": MRKDWN, "confirm": PLAIN, "deny": PLAIN}
MODAL: Json = {"type": "modal", "title": PLAIN, "submit": PLAIN, "blocks": [QUESTION]}
TABLE: Json = {"type": "data_table", "caption": "c", "rows": [[{"type": "raw_text", "text": "a"}]] * 2}
RICH_TEXT: Json = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}]}],
}
CHART: Json = {
    "type": "data_visualization",
    "title": "t",
    "chart": {
        "type": "bar",
        "series": [{"name": "IT", "data": [{"label": "Mon", "value": 1}]}],
        "axis_config": {"categories": ["Mon"]},
    },
}
FILE_INPUT: Json = {"type": "input", "label": PLAIN, "element": {"type": "file_input"}}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def refused(block: object) -> list[str]:
    return message_problems({"text": "t", "blocks": [block]})


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"type": "banner"}, "unsupported type: banner [json-pointer:/blocks/0/type]"),
        ({"text": PLAIN}, "missing required field: type [json-pointer:/blocks/0]"),
        ({"type": 7}, "must provide a string [json-pointer:/blocks/0/type]"),
        ("section", "must provide an object [json-pointer:/blocks/0]"),
        ({"type": "section"}, "missing required field: text or fields [json-pointer:/blocks/0]"),
        (SECTION | {"colour": "red"}, "invalid additional property: colour [json-pointer:/blocks/0]"),
        (SECTION | {"block_id": 7}, "must provide a string [json-pointer:/blocks/0/block_id]"),
        (SECTION | {"block_id": ""}, "must be more than 0 characters [json-pointer:/blocks/0/block_id]"),
        (SECTION | {"text": "x"}, "must provide an object [json-pointer:/blocks/0/text]"),
        (SECTION | {"text": PLAIN | {"text": ""}}, "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        (SECTION | {"text": PLAIN | {"text": None}}, "must provide a string [json-pointer:/blocks/0/text/text]"),
        (SECTION | {"text": PLAIN | {"verbatim": True}}, "invalid additional property: verbatim"),
        (SECTION | {"text": MRKDWN | {"emoji": True}}, "invalid additional property: emoji"),
        (SECTION | {"text": {"type": "plain_text"}}, "missing required field: text [json-pointer:/blocks/0/text]"),
        (
            SECTION | {"accessory": TEXT_INPUT},
            "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]",
        ),
        (SECTION | {"accessory": {"type": "datetimepicker"}}, "unsupported type: datetimepicker"),
        ({"type": "header", "text": MRKDWN}, "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
        ({"type": "context", "elements": [BUTTON]}, "unsupported type: button"),
        (actions(TEXT_INPUT), "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"),
        (actions(IMAGE), "unsupported type: image"),
        (actions(BUTTON | {"text": MRKDWN}), "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]"),
        (actions(BUTTON | {"value": 42}), "must provide a string [json-pointer:/blocks/0/elements/0/value]"),
        (actions(BUTTON | {"style": "warning"}), "value must be one of: primary, danger"),
        (actions(BUTTON | {"url": "acme.example"}), "must be a valid URL [json-pointer:/blocks/0/elements/0/url]"),
        (actions(BUTTON | {"url": "https://"}), "must be a valid URL"),
        (actions(BUTTON | {"url": "https://a b"}), "must be a valid URL"),
        (actions(BUTTON, BUTTON), '`action_id` "claim" already exists in this block'),
        (
            actions(BUTTON | {"confirm": {}}),
            "missing required field: title [json-pointer:/blocks/0/elements/0/confirm]",
        ),
        (actions(BUTTON | {"confirm": CONFIRM | {"title": MRKDWN}}), "elements/0/confirm/title/type]"),
        (actions(BUTTON | {"confirm": CONFIRM | {"style": "red"}}), "elements/0/confirm/style]"),
        (actions({"type": "static_select"}), "exactly one of these fields is required: options, option_groups"),
        (
            actions(SELECT | {"option_groups": [{"label": PLAIN, "options": [LAPTOP]}]}),
            "exactly one of these fields is required: options, option_groups",
        ),
        (actions(SELECT | {"options": []}), "no fewer than 1 items allowed"),
        (actions(SELECT | {"options": [LAPTOP | {"text": MRKDWN}]}), "unsupported type: mrkdwn"),
        (actions(SELECT | {"options": [LAPTOP | {"url": "https://acme.example"}]}), "invalid additional property: url"),
        (
            actions(SELECT | {"initial_option": NETWORK}),
            "initial_option must match one of the options [json-pointer:/blocks/0/elements/0/initial_option]",
        ),
        (
            actions(SELECT | {"initial_option": LAPTOP | {"text": PLAIN | {"text": "y"}}}),
            "initial_option must match one of the options",
        ),
        (
            actions({"type": "multi_static_select", "options": [LAPTOP], "initial_options": [LAPTOP, NETWORK]}),
            "initial_options must match one of the options",
        ),
        (
            actions({"type": "checkboxes", "options": [LAPTOP], "initial_options": [NETWORK]}),
            "initial_options must match one of the options",
        ),
        (actions({"type": "radio_buttons", "options": [LAPTOP], "initial_option": NETWORK}), "must match one of"),
        (actions({"type": "datepicker", "initial_date": "24.12.2026"}), "must be a date such as"),
        (actions({"type": "timepicker", "initial_time": "24:00"}), "must be a time such as"),
        (
            actions({"type": "conversations_select", "filter": {}}),
            "missing required field: include or exclude_external_shared_channels or exclude_bot_users",
        ),
        (actions({"type": "multi_users_select", "initial_users": "U1"}), "must provide an array"),
        ({"type": "image", "image_url": IMAGE["image_url"]}, "missing required field: alt_text"),
        (IMAGE | {"image_url": "mailto:it@acme.example"}, "must be a valid URL"),
        (IMAGE | {"slack_file": {"id": "F1"}}, "exactly one of these fields is required: image_url, slack_file"),
        ({"type": "image", "alt_text": "a", "slack_file": {}}, "exactly one of these fields is required: id, url"),
        (QUESTION | {"element": BUTTON}, "unsupported type: button [json-pointer:/blocks/0/element/type]"),
        (QUESTION | {"optional": "yes"}, "must provide a boolean"),
        (QUESTION | {"label": MRKDWN}, "unsupported type: mrkdwn"),
        (QUESTION | {"element": TEXT_INPUT | {"min_length": 9, "max_length": 8}}, "min_length must not be greater"),
        (QUESTION | {"element": TEXT_INPUT | {"min_length": True}}, "must provide an integer"),
        (QUESTION | {"element": {"type": "number_input"}}, "missing required field: is_decimal_allowed"),
        (
            QUESTION
            | {"element": {"type": "number_input", "is_decimal_allowed": True, "min_value": "2", "max_value": "1"}},
            "min_value must not be greater than max_value",
        ),
        (
            QUESTION | {"element": {"type": "number_input", "is_decimal_allowed": True, "initial_value": 2}},
            "must provide a string",
        ),
        (RICH_TEXT | {"elements": [{"type": "text", "text": "a"}]}, "unsupported type: text"),
        (
            RICH_TEXT
            | {"elements": [{"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]}]},
            "unsupported type: user",
        ),
        (RICH_TEXT | {"elements": [{"type": "rich_text_list", "elements": []}]}, "missing required field: style"),
        (TABLE | {"rows": [[{"type": "raw_text", "text": "a"}], []]}, "must have 1 items, as the first row has"),
        (
            TABLE | {"rows": [[RICH_TEXT], [RICH_TEXT]]},
            "unsupported type: rich_text [json-pointer:/blocks/0/rows/0/0/type]",
        ),
        (
            CHART | {"chart": CHART["chart"] | {"axis_config": {"categories": ["Tue"]}}},
            "must match the axis categories",
        ),
        (CHART | {"chart": CHART["chart"] | {"series": CHART["chart"]["series"] * 2}}, "series names must be unique"),
        (CHART | {"chart": {"type": "pie", "segments": [{"label": "a", "value": 0}]}}, "must be greater than 0"),
        ({"type": "video", "alt_text": "a", "title": PLAIN}, "missing required field: video_url"),
        ({"type": "card", "subtitle": PLAIN}, "missing required field: hero_image or title or actions or body"),
        ({"type": "container", "child_blocks": [SECTION]}, "missing required field: title or rich_text_title"),
        (
            {"type": "container", "title": PLAIN, "child_blocks": [{"type": "container", "title": PLAIN}]},
            "unsupported type: container [json-pointer:/blocks/0/child_blocks/0/type]",
        ),
        (
            {"type": "container", "title": PLAIN, "child_blocks": [SECTION], "default_collapsed": True},
            "default_collapsed requires is_collapsible",
        ),
        ({"type": "file", "external_id": "a", "source": "local"}, "value must be one of: remote"),
        ({"type": "task_card", "task_id": "1", "title": "t", "status": "late"}, "value must be one of: pending"),
    ],
)
def test_blockkit_refuses_block(block: object, problem: str) -> None:
    assert any(problem in found for found in refused(block)), refused(block)


@pytest.mark.parametrize(
    "block", [{"type": "alert", "text": PLAIN}, FILE_INPUT], ids=["alert outside a modal", "file input in a message"]
)
def test_blockkit_refuses_in_messages_and_home_what_only_modals_take(block: Json) -> None:
    assert view_problems(MODAL | {"blocks": [block]}, "modal") == []
    assert "unsupported type" in refused(block)[0]
    assert "unsupported type" in view_problems({"type": "home", "blocks": [block]}, "home")[0]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "markdown", "text": "x"},
        {"type": "file", "external_id": "a", "source": "remote"},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]},
        {"type": "plan", "title": "p"},
        {"type": "call", "call_id": "R1"},
        {"type": "card", "title": PLAIN},
        {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": PLAIN}]},
        TABLE,
        CHART,
    ],
    ids=lambda block: str(block["type"]),
)
@pytest.mark.parametrize("kind", ["modal", "home"])
def test_blockkit_refuses_in_views_what_only_messages_take(block: Json, kind: Literal["modal", "home"]) -> None:
    assert refused(block) == []
    view = MODAL if kind == "modal" else {"type": "home"}
    assert "unsupported type" in view_problems(view | {"blocks": [block]}, kind)[0]


def test_blockkit_refuses_a_block_id_twice() -> None:
    named = SECTION | {"block_id": "same"}
    inside = {"type": "container", "title": PLAIN, "child_blocks": [named]}
    problem = '[ERROR] `block_id` "same" already exists [json-pointer:/blocks/1/block_id]'
    assert message_problems({"text": "t", "blocks": [named, named]}) == [problem]
    assert "/blocks/1/child_blocks/0/block_id" in message_problems({"text": "t", "blocks": [named, inside]})[0]
    attachment = {"blocks": [named]}
    assert "/attachments/0/blocks/0/block_id" in message_problems({"blocks": [named], "attachments": [attachment]})[0]


def test_blockkit_allows_one_action_id_in_two_blocks() -> None:
    assert message_problems({"text": "t", "blocks": [actions(BUTTON), actions(BUTTON)]}) == []


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ({"text": 7}, "must provide a string [json-pointer:/text]"),
        ({"text": "t", "blocks": {}}, "must provide an array [json-pointer:/blocks]"),
        ({"text": "t", "blocks": "[]"}, "must provide an array [json-pointer:/blocks]"),
        ({"attachments": ["a"]}, "must provide an object [json-pointer:/attachments/0]"),
        ({"attachments": [{"text": 7}]}, "must provide a string [json-pointer:/attachments/0/text]"),
        ({"attachments": [{"blocks": [{"type": "banner"}]}]}, "[json-pointer:/attachments/0/blocks/0/type]"),
        ({"text": "t", "metadata": {"event_type": "e"}}, "missing required field: event_payload"),
        ({"text": "t", "metadata": {"event_type": "e", "event_payload": []}}, "must provide an object"),
        ({"text": "t", "markdown_text": "m"}, "markdown_text cannot be used with text or blocks"),
    ],
)
def test_blockkit_refuses_message(message: Json, problem: str) -> None:
    assert any(problem in found for found in message_problems(message)), message_problems(message)


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (
            {"type": "modal", "title": PLAIN, "blocks": [QUESTION]},
            "missing required field: submit [json-pointer:/view]",
        ),
        ({"type": "modal", "blocks": [SECTION]}, "missing required field: title [json-pointer:/view]"),
        ({"type": "modal", "title": PLAIN}, "missing required field: blocks [json-pointer:/view]"),
        (MODAL | {"type": "home"}, "value must be one of: modal [json-pointer:/view/type]"),
        (MODAL | {"title": MRKDWN}, "unsupported type: mrkdwn [json-pointer:/view/title/type]"),
        (MODAL | {"title": PLAIN | {"text": ""}}, "must be more than 0 characters"),
        (MODAL | {"private_metadata": {}}, "must provide a string [json-pointer:/view/private_metadata]"),
        (MODAL | {"notify_on_close": "true"}, "must provide a boolean"),
        (MODAL | {"id": "V1"}, "invalid additional property: id [json-pointer:/view]"),
        (
            MODAL | {"blocks": [QUESTION | {"element": TEXT_INPUT | {"focus_on_load": True}}] * 2},
            "focus_on_load can be true for one element only",
        ),
        (
            {
                "type": "modal",
                "title": PLAIN,
                "blocks": [{"type": "container", "title": PLAIN, "child_blocks": [QUESTION]}],
            },
            "missing required field: submit",
        ),
    ],
)
def test_blockkit_refuses_modal(view: Json, problem: str) -> None:
    assert any(problem in found for found in view_problems(view, "modal")), view_problems(view, "modal")


@pytest.mark.parametrize("name", ["title", "submit", "close", "notify_on_close"])
def test_blockkit_refuses_home_with_what_modals_have(name: str) -> None:
    home = {"type": "home", "blocks": [SECTION]}
    assert view_problems(home, "home") == []
    assert view_problems(home | {name: PLAIN}, "home") == [
        f"[ERROR] invalid additional property: {name} [json-pointer:/view]"
    ]


def test_blockkit_names_every_problem_at_once() -> None:
    problems = message_problems({"text": 1, "blocks": [{"type": "section"}, {"type": "banner"}]})
    assert len(problems) == 3


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "blocks", "options", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
SAMPLES: list[Json] = [
    {"text": "t", "blocks": [SECTION | {"accessory": SELECT}, actions(BUTTON | {"confirm": CONFIRM}), TABLE, CHART]},
    {"text": "t", "blocks": [RICH_TEXT, {"type": "container", "title": PLAIN, "child_blocks": [QUESTION]}]},
    {
        "text": "t",
        "attachments": [{"blocks": [IMAGE], "fields": [{"title": "a"}]}],
        "metadata": {"event_type": "e", "event_payload": {}},
    },
    MODAL | {"blocks": [QUESTION | {"element": TEXT_INPUT | {"min_length": 1, "max_length": 2}}, FILE_INPUT]},
]


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    """Every holder and key in a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield value, key
        yield from _places(member)


@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments", "metadata", "type", "title"]), JSON_VALUES))
def test_blockkit_takes_any_json(document: Json) -> None:
    for problems in (message_problems(document), view_problems(document, "modal"), view_problems(document, "home")):
        assert all(problem.startswith("[ERROR] ") and "[json-pointer:/" in problem for problem in problems)


@settings(max_examples=300)
@given(st.sampled_from(SAMPLES), JSON_VALUES, st.data())
def test_blockkit_takes_legal_documents_with_any_json_inside(
    sample: Json, strange: object, data: st.DataObject
) -> None:
    document = copy.deepcopy(sample)
    holder, key = data.draw(st.sampled_from(list(_places(document))))
    holder[key] = strange
    kind: Literal["modal", "home"] = "modal" if "type" in document else "home"
    for problems in (message_problems(document), view_problems(document, kind)):
        assert all(problem.startswith("[ERROR] ") for problem in problems)


def test_blockkit_takes_json_nested_as_deep_as_it_gets() -> None:
    nested: Any = []
    for _ in range(5000):
        nested = [nested]
    assert message_problems({"text": "t", "blocks": nested})
    assert view_problems(MODAL | {"blocks": nested}, "modal")
