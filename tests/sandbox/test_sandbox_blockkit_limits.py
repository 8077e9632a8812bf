"""Each of Slack's limits: legal at the edge, refused one beyond it, with Slack's words and the right place."""

import json
from collections.abc import Callable
from typing import Any, Literal

import pytest

from slackdesk.sandbox.blockkit import message_problems, view_problems

Json = dict[str, Any]
Build = Callable[[int], Json]

PICTURE = "https://acme.example/a.png"


def plain(characters: int) -> Json:
    return {"type": "plain_text", "text": "x" * characters}


def mrkdwn(characters: int) -> Json:
    return {"type": "mrkdwn", "text": "x" * characters}


def address(characters: int) -> str:
    return "https://acme.example/".ljust(characters, "x")


def option(index: int = 0, **fields: Any) -> Json:
    return {"text": plain(1), "value": f"v{index}", **fields}


def options(count: int) -> list[Json]:
    return [option(index) for index in range(count)]


def button(**fields: Any) -> Json:
    return {"type": "button", "text": plain(1), **fields}


def confirm(**fields: Any) -> Json:
    return {"title": plain(1), "text": plain(1), "confirm": plain(1), "deny": plain(1), **fields}


def select(**fields: Any) -> Json:
    default = {} if "option_groups" in fields else {"options": options(1)}
    return {"type": "static_select", **default, **fields}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def question(**fields: Any) -> Json:
    return {"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}, **fields}


def asked(element_type: str, **fields: Any) -> Json:
    return question(element={"type": element_type, **fields})


def section(**fields: Any) -> Json:
    return {"type": "section", "text": plain(1), **fields}


def rows(count: int, columns: int = 1, characters: int = 1) -> list[list[Json]]:
    return [[{"type": "raw_text", "text": "x" * characters} for _ in range(columns)] for _ in range(count)]


def data_table(**fields: Any) -> Json:
    return {"type": "data_table", "caption": "c", "rows": rows(2), **fields}


def line_chart(series: int = 1, points: int = 1, characters: int = 1, **axis: Any) -> Json:
    labels = [f"{index}".ljust(characters, "x") for index in range(points)]
    data = [{"label": label, "value": 1} for label in labels]
    return {
        "type": "data_visualization",
        "title": "t",
        "chart": {
            "type": "line",
            "series": [{"name": f"{index}".ljust(characters, "x"), "data": data} for index in range(series)],
            "axis_config": {"categories": labels, **axis},
        },
    }


def pie_chart(segments: int, characters: int = 1) -> Json:
    slices = [{"label": "x" * characters, "value": 1}] * segments
    return {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": slices}}


def rich_list(**fields: Any) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [], **fields}]}


def card(**fields: Any) -> Json:
    return {"type": "card", "title": plain(1), **fields}


def container(**fields: Any) -> Json:
    return {"type": "container", "title": plain(1), "child_blocks": [section()], **fields}


def video(**fields: Any) -> Json:
    return {
        "type": "video",
        "alt_text": "a",
        "video_url": PICTURE,
        "thumbnail_url": PICTURE,
        "title": plain(1),
        **fields,
    }


def icon_button(**fields: Any) -> Json:
    return {
        "type": "context_actions",
        "elements": [{"type": "icon_button", "icon": "trash", "text": plain(1), **fields}],
    }


def feedback(**fields: Any) -> Json:
    thumb = {"text": plain(1), "value": "1"}
    return {
        "type": "context_actions",
        "elements": [{"type": "feedback_buttons", "positive_button": thumb | fields, "negative_button": thumb}],
    }


def provider(**fields: Any) -> Json:
    return {"type": "auth_provider", "value": "v", "name": plain(1), "is_connected": True, **fields}


CHARACTERS: list[tuple[str, int, Build]] = [
    ("section.text", 3000, lambda n: section(text=mrkdwn(n))),
    ("section.fields.text", 2000, lambda n: section(fields=[mrkdwn(n)])),
    ("header.text", 150, lambda n: {"type": "header", "text": plain(n)}),
    ("context.text", 3000, lambda n: {"type": "context", "elements": [mrkdwn(n)]}),
    ("block_id", 255, lambda n: section(block_id="x" * n)),
    ("action_id", 255, lambda n: actions(button(action_id="x" * n))),
    ("button.text", 75, lambda n: actions(button(text=plain(n)))),
    ("button.value", 2000, lambda n: actions(button(value="x" * n))),
    ("button.url", 3000, lambda n: actions(button(url=address(n)))),
    ("button.accessibility_label", 75, lambda n: actions(button(accessibility_label="x" * n))),
    ("button.agent_prompt", 4000, lambda n: actions(button(agent_prompt="x" * n))),
    ("confirm.title", 100, lambda n: actions(button(confirm=confirm(title=plain(n))))),
    ("confirm.text", 300, lambda n: actions(button(confirm=confirm(text=mrkdwn(n))))),
    ("confirm.confirm", 30, lambda n: actions(button(confirm=confirm(confirm=plain(n))))),
    ("confirm.deny", 30, lambda n: actions(button(confirm=confirm(deny=plain(n))))),
    ("option.text", 75, lambda n: actions(select(options=[option(text=plain(n))]))),
    ("option.value", 150, lambda n: actions(select(options=[option(value="x" * n)]))),
    ("option.description", 75, lambda n: actions(select(options=[option(description=plain(n))]))),
    ("option.url", 3000, lambda n: actions({"type": "overflow", "options": [option(url=address(n))]})),
    ("option_group.label", 75, lambda n: actions(select(option_groups=[{"label": plain(n), "options": options(1)}]))),
    ("placeholder", 150, lambda n: actions(select(placeholder=plain(n)))),
    ("input.placeholder", 150, lambda n: asked("plain_text_input", placeholder=plain(n))),
    ("input.label", 2000, lambda n: question(label=plain(n))),
    ("input.hint", 2000, lambda n: question(hint=plain(n))),
    ("plain_text_input.initial_value", 3000, lambda n: asked("plain_text_input", initial_value="x" * n)),
    ("image.alt_text", 2000, lambda n: {"type": "image", "image_url": PICTURE, "alt_text": "x" * n}),
    ("image.image_url", 3000, lambda n: {"type": "image", "image_url": address(n), "alt_text": "a"}),
    ("image.title", 2000, lambda n: {"type": "image", "image_url": PICTURE, "alt_text": "a", "title": plain(n)}),
    ("video.title", 200, lambda n: video(title=plain(n))),
    ("video.description", 200, lambda n: video(description=plain(n))),
    ("video.author_name", 50, lambda n: video(author_name="x" * n)),
    ("video.provider_name", 50, lambda n: video(provider_name="x" * n)),
    ("video.title_url", 2000, lambda n: video(title_url=address(n))),
    ("video.provider_icon_url", 2000, lambda n: video(provider_icon_url=address(n))),
    ("card.title", 150, lambda n: card(title=mrkdwn(n))),
    ("card.subtitle", 150, lambda n: card(subtitle=mrkdwn(n))),
    ("card.body", 200, lambda n: card(body=mrkdwn(n))),
    ("card.subtext", 200, lambda n: card(subtext=mrkdwn(n))),
    ("container.title", 150, lambda n: container(title=plain(n))),
    ("container.subtitle", 150, lambda n: container(subtitle=plain(n))),
    ("chart.title", 50, lambda n: pie_chart(1) | {"title": "x" * n}),
    ("chart.segment.label", 20, lambda n: pie_chart(1, n)),
    ("chart.axis.label", 50, lambda n: line_chart(y_label="x" * n)),
    ("icon_button.value", 2000, lambda n: icon_button(value="x" * n)),
    ("icon_button.accessibility_label", 75, lambda n: icon_button(accessibility_label="x" * n)),
    ("feedback_button.text", 75, lambda n: feedback(text=plain(n))),
    ("feedback_button.value", 2000, lambda n: feedback(value="x" * n)),
    ("auth_provider.value", 150, lambda n: provider(value="x" * n)),
    ("auth_provider.name", 75, lambda n: provider(name=plain(n))),
    ("auth_provider.description", 150, lambda n: provider(description=plain(n))),
]


@pytest.mark.parametrize(("name", "most", "build"), CHARACTERS, ids=[name for name, _, _ in CHARACTERS])
def test_blockkit_character_limit(name: str, most: int, build: Build) -> None:
    assert message_problems({"text": "t", "blocks": [build(most)]}) == []
    problems = message_problems({"text": "t", "blocks": [build(most + 1)]})
    assert len(problems) == 1
    assert problems[0].startswith(f"[ERROR] must be less than {most + 1} characters [json-pointer:/blocks/0/")


ITEMS: list[tuple[str, int, int, Build]] = [
    ("actions.elements", 1, 25, lambda n: actions(*[button(action_id=f"a{i}") for i in range(n)])),
    ("context.elements", 1, 10, lambda n: {"type": "context", "elements": [plain(1)] * n}),
    (
        "context_actions.elements",
        1,
        5,
        lambda n: {"type": "context_actions", "elements": icon_button()["elements"] * n},
    ),
    ("section.fields", 1, 10, lambda n: section(fields=[plain(1)] * n)),
    ("select.options", 1, 100, lambda n: actions(select(options=options(n)))),
    (
        "select.option_groups",
        1,
        100,
        lambda n: actions(select(option_groups=[{"label": plain(1), "options": options(1)}] * n)),
    ),
    (
        "option_group.options",
        1,
        100,
        lambda n: actions(select(option_groups=[{"label": plain(1), "options": options(n)}])),
    ),
    ("overflow.options", 1, 5, lambda n: actions({"type": "overflow", "options": options(n)})),
    ("checkboxes.options", 1, 10, lambda n: actions({"type": "checkboxes", "options": options(n)})),
    ("radio_buttons.options", 1, 10, lambda n: actions({"type": "radio_buttons", "options": options(n)})),
    (
        "dispatch_action_config",
        1,
        2,
        lambda n: asked("plain_text_input", dispatch_action_config={"trigger_actions_on": ["on_enter_pressed"] * n}),
    ),
    ("table.rows", 1, 100, lambda n: {"type": "table", "rows": rows(n)}),
    ("table.columns", 1, 20, lambda n: {"type": "table", "rows": rows(1, n)}),
    ("table.column_settings", 0, 20, lambda n: {"type": "table", "rows": rows(1), "column_settings": [None] * n}),
    ("data_table.rows", 2, 201, lambda n: data_table(rows=rows(n))),
    ("chart.segments", 1, 12, pie_chart),
    ("chart.series", 1, 12, line_chart),
    ("carousel.elements", 1, 10, lambda n: {"type": "carousel", "elements": [card()] * n}),
    ("card.actions", 1, 3, lambda n: card(actions=[button()] * n)),
    ("container.child_blocks", 1, 10, lambda n: container(child_blocks=[section()] * n)),
    (
        "plan.tasks",
        0,
        50,
        lambda n: {
            "type": "plan",
            "title": "p",
            "tasks": [{"type": "task_card", "task_id": "1", "title": "t", "status": "pending"}] * n,
        },
    ),
    ("icon_button.visible_to_user_ids", 0, 10, lambda n: icon_button(visible_to_user_ids=["U1"] * n)),
]


@pytest.mark.parametrize(("name", "least", "most", "build"), ITEMS, ids=[name for name, *_ in ITEMS])
def test_blockkit_item_limit(name: str, least: int, most: int, build: Build) -> None:
    for legal in {least, most}:
        assert message_problems({"text": "t", "blocks": [build(legal)]}) == []
    problems = message_problems({"text": "t", "blocks": [build(most + 1)]})
    assert len(problems) == 1
    assert problems[0].startswith(f"[ERROR] no more than {most} items allowed [json-pointer:/blocks/0/")
    if least:
        problems = message_problems({"text": "t", "blocks": [build(least - 1)]})
        assert any(f"no fewer than {least} items allowed" in problem for problem in problems)


NUMBERS: list[tuple[str, int, int, Build]] = [
    ("plain_text_input.min_length", 0, 3000, lambda n: asked("plain_text_input", min_length=n)),
    ("plain_text_input.max_length", 1, 3000, lambda n: asked("plain_text_input", max_length=n)),
    ("rich_text_input.min_lines", 1, 100, lambda n: asked("rich_text_input", min_lines=n)),
    ("rich_text_input.max_lines", 1, 100, lambda n: asked("rich_text_input", max_lines=n)),
    ("file_input.max_files", 1, 10, lambda n: asked("file_input", max_files=n)),
    ("datetimepicker", 1_000_000_000, 9_999_999_999, lambda n: asked("datetimepicker", initial_date_time=n)),
    ("rich_text_list.indent", 0, 8, lambda n: rich_list(indent=n)),
    ("rich_text_list.border", 0, 1, lambda n: rich_list(border=n)),
]


@pytest.mark.parametrize(("name", "least", "most", "build"), NUMBERS, ids=[name for name, *_ in NUMBERS])
def test_blockkit_number_limit(name: str, least: int, most: int, build: Build) -> None:
    for legal in (least, most):
        assert view_problems(modal(build(legal)), "modal") == []
    assert "greater than or equal to" in view_problems(modal(build(least - 1)), "modal")[0]
    assert "less than or equal to" in view_problems(modal(build(most + 1)), "modal")[0]


@pytest.mark.parametrize(
    ("name", "least", "build"),
    [
        (
            "max_selected_items",
            1,
            lambda n: section(accessory=select(max_selected_items=n) | {"type": "multi_static_select"}),
        ),
        ("min_query_length", 0, lambda n: section(accessory={"type": "external_select", "min_query_length": n})),
        ("page_size", 1, lambda n: data_table(page_size=n)),
        ("row_header_column_index", 0, lambda n: data_table(row_header_column_index=n)),
        ("rich_text_list.offset", 0, lambda n: rich_list(offset=n)),
    ],
)
def test_blockkit_least_number(name: str, least: int, build: Build) -> None:
    assert message_problems({"text": "t", "blocks": [build(least)]}) == []
    assert "must be greater than or equal to" in message_problems({"text": "t", "blocks": [build(least - 1)]})[0]


def modal(*blocks: Json, **fields: Any) -> Json:
    return {"type": "modal", "title": plain(1), "submit": plain(1), "blocks": list(blocks), **fields}


@pytest.mark.parametrize(
    ("name", "most", "build"),
    [
        ("title", 24, lambda n: modal(section(), title=plain(n))),
        ("submit", 24, lambda n: modal(section(), submit=plain(n))),
        ("close", 24, lambda n: modal(section(), close=plain(n))),
        ("private_metadata", 3000, lambda n: modal(section(), private_metadata="x" * n)),
        ("callback_id", 255, lambda n: modal(section(), callback_id="x" * n)),
        ("external_id", 255, lambda n: modal(section(), external_id="x" * n)),
        ("alert.text", 200, lambda n: modal({"type": "alert", "text": plain(n)})),
    ],
)
def test_blockkit_view_character_limit(name: str, most: int, build: Build) -> None:
    assert view_problems(build(most), "modal") == []
    problems = view_problems(build(most + 1), "modal")
    assert len(problems) == 1
    assert f"must be less than {most + 1} characters [json-pointer:/view/" in problems[0]


@pytest.mark.parametrize("kind", ["modal", "home"])
def test_blockkit_view_takes_a_hundred_blocks(kind: Literal["modal", "home"]) -> None:
    view = modal() if kind == "modal" else {"type": "home"}
    assert view_problems(view | {"blocks": [section()] * 100}, kind) == []
    assert view_problems(view | {"blocks": [section()] * 101}, kind) == [
        "[ERROR] no more than 100 items allowed [json-pointer:/view/blocks]"
    ]
    assert view_problems(view | {"blocks": []}, kind) == [
        "[ERROR] no fewer than 1 items allowed [json-pointer:/view/blocks]"
    ]


def test_blockkit_view_is_at_most_250_kilobytes() -> None:
    view = modal(*[section(text=mrkdwn(1)) for _ in range(100)])
    missing = 250 * 1024 - _compact_bytes(view)
    for block in view["blocks"]:
        added = min(missing, 2999)
        block["text"] = mrkdwn(1 + added)
        missing -= added
    assert _compact_bytes(view) == 250 * 1024
    assert view_problems(view, "modal") == []
    view["title"]["text"] += "x"
    assert view_problems(view, "modal") == [
        "[ERROR] view_too_large: must be less than 256001 bytes [json-pointer:/view]"
    ]


def _compact_bytes(view: Json) -> int:
    return len(json.dumps(view, separators=(",", ":")).encode())


def test_blockkit_message_takes_fifty_blocks() -> None:
    assert message_problems({"text": "t", "blocks": [section()] * 50}) == []
    assert message_problems({"text": "t", "blocks": [section()] * 51}) == [
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    ]


def test_blockkit_message_takes_a_hundred_attachments() -> None:
    assert message_problems({"attachments": [{"text": "a"}] * 100}) == []
    assert message_problems({"attachments": [{"text": "a"}] * 101}) == [
        "[ERROR] no more than 100 items allowed [json-pointer:/attachments]"
    ]


@pytest.mark.parametrize(
    ("name", "parts", "most"),
    [
        ("markdown", lambda n: [{"type": "markdown", "text": "x" * (n // 2)}] * 2, 12_000),
        ("table", lambda n: [{"type": "table", "rows": rows(1, characters=n // 2)}] * 2, 10_000),
        ("data_table", lambda n: [data_table(rows=rows(2, characters=n // 4))] * 2, 20_000),
    ],
)
def test_blockkit_characters_of_all_blocks_together(name: str, parts: Callable[[int], list[Json]], most: int) -> None:
    assert message_problems({"text": "t", "blocks": parts(most)}) == []
    problems = message_problems({"text": "t", "blocks": parts(most + 4)})
    assert problems == [
        f"[ERROR] no more than {most} characters of {name} allowed in one message [json-pointer:/blocks/1]"
    ]


def test_blockkit_message_takes_two_charts() -> None:
    assert message_problems({"text": "t", "blocks": [pie_chart(1)] * 2}) == []
    assert message_problems({"text": "t", "blocks": [pie_chart(1)] * 3}) == [
        "[ERROR] no more than 2 blocks of data_visualization allowed in one message [json-pointer:/blocks/2]"
    ]


@pytest.mark.parametrize(("points", "characters", "legal"), [(20, 20, True), (21, 20, False), (20, 21, False)])
def test_blockkit_chart_points_and_labels(points: int, characters: int, legal: bool) -> None:
    chart = line_chart(points=points, characters=characters)
    assert (message_problems({"text": "t", "blocks": [chart]}) == []) is legal


@pytest.mark.parametrize("column", [0, 1, 2])
def test_blockkit_row_header_is_one_of_the_columns(column: int) -> None:
    table = data_table(rows=rows(2, 2), row_header_column_index=column)
    assert (message_problems({"text": "t", "blocks": [table]}) == []) is (column < 2)


def test_blockkit_markdown_text_of_a_message() -> None:
    assert message_problems({"markdown_text": "x" * 12_000}) == []
    assert message_problems({"markdown_text": "x" * 12_001}) == [
        "[ERROR] must be less than 12001 characters [json-pointer:/markdown_text]"
    ]


@pytest.mark.parametrize("rows_on_a_page", [0, 1, 100, 101])
def test_blockkit_page_of_a_data_table_holds_up_to_a_hundred_rows(rows_on_a_page: int) -> None:
    table = data_table(page_size=rows_on_a_page)
    assert (message_problems({"text": "t", "blocks": [table]}) == []) is (1 <= rows_on_a_page <= 100)
