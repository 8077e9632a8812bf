"""What slack_sdk's models build, and what Slack's reference shows, is legal."""

from typing import Any

import pytest
from slack_sdk.models import blocks as b
from slack_sdk.models.attachments import BlockAttachment
from slack_sdk.models.blocks.basic_components import DispatchActionConfig, SlackFile
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.metadata import Metadata
from slack_sdk.models.views import View

from slackdesk.sandbox.blockkit import message_problems, view_problems

OPTIONS = [b.Option(text="Laptop", value="laptop"), b.Option(text="Network", value="network", description="and VPN")]
GROUPS = [b.OptionGroup(label="Hardware", options=OPTIONS)]
CONFIRM = b.ConfirmObject(
    title="Close?", text="*IT-42* is closed.", confirm="Close ticket", deny="Keep", style="danger"
)
PICTURE = "https://acme.example/chart.png"
PARTS = b.RichTextElementParts

BUTTON = b.ButtonElement(text="Claim", action_id="claim", value="42", style="primary", confirm=CONFIRM)
LINK = b.LinkButtonElement(text="Mail", url="mailto:it@acme.example", action_id="mail")
ICON = b.ImageElement(image_url=PICTURE, alt_text="Chart of open tickets")
OVERFLOW = b.OverflowMenuElement(action_id="more", options=[*OPTIONS, b.Option(text="Help", value="h", url=PICTURE)])

CHOICES: list[b.InputInteractiveElement] = [
    b.CheckboxesElement(action_id="checks", options=OPTIONS, initial_options=OPTIONS[:1]),
    b.RadioButtonsElement(action_id="radio", options=OPTIONS, initial_option=OPTIONS[1]),
    b.DatePickerElement(action_id="date", placeholder="Day", initial_date="2026-12-24"),
    b.TimePickerElement(action_id="time", initial_time="08:30", timezone="Asia/Jakarta"),
    b.StaticSelectElement(action_id="one", placeholder="Topic", options=OPTIONS, initial_option=OPTIONS[0]),
    b.StaticSelectElement(action_id="grouped", option_groups=GROUPS, initial_option=OPTIONS[0]),
    b.StaticMultiSelectElement(action_id="many", option_groups=GROUPS, initial_options=OPTIONS, max_selected_items=2),
    b.ExternalDataSelectElement(action_id="outside", min_query_length=0, initial_option=OPTIONS[0]),
    b.ExternalDataMultiSelectElement(action_id="outsides", initial_options=OPTIONS),
    b.UserSelectElement(action_id="person", initial_user="U1"),
    b.UserMultiSelectElement(action_id="people", initial_users=["U1", "U2"]),
    b.ConversationSelectElement(
        action_id="talk", filter=b.ConversationFilter(include=["public"]), default_to_current_conversation=True
    ),
    b.ConversationMultiSelectElement(action_id="talks", initial_conversations=["C1"]),
    b.ChannelSelectElement(action_id="channel", initial_channel="C1"),
    b.ChannelMultiSelectElement(action_id="channels", initial_channels=["C1"]),
]
WHEN = b.DateTimePickerElement(action_id="when", initial_date_time=1_766_541_600)
TYPED: list[b.InputInteractiveElement] = [
    b.PlainTextInputElement(
        action_id="text",
        multiline=True,
        min_length=0,
        max_length=3000,
        initial_value="My VPN is down",
        dispatch_action_config=DispatchActionConfig(trigger_actions_on=["on_enter_pressed"]),
    ),
    b.EmailInputElement(action_id="mail", placeholder="you@acme.example"),
    b.UrlInputElement(action_id="url"),
    b.NumberInputElement(action_id="number", is_decimal_allowed=True, initial_value=2.5, min_value=-1, max_value=3),
    b.RichTextInputElement(action_id="rich"),
]
FILE_INPUT = FileInputElement(action_id="files", filetypes=["png"], max_files=10)

RICH_TEXT = b.RichTextBlock(
    elements=[
        b.RichTextSectionElement(
            elements=[
                PARTS.Text(text="Ask ", style=PARTS.TextStyle(bold=True)),
                PARTS.User(user_id="U1"),
                PARTS.Channel(channel_id="C1"),
                PARTS.UserGroup(usergroup_id="S1"),
                PARTS.Emoji(name="ticket"),
                PARTS.Link(url="https://acme.example", text="here"),
                PARTS.Date(timestamp=1_766_541_600, format="{date_short} {time}", fallback="24 Dec"),
                PARTS.Broadcast(range="here"),
            ]
        ),
        b.RichTextListElement(
            style="bullet", indent=8, border=1, elements=[b.RichTextSectionElement(elements=[PARTS.Text(text="one")])]
        ),
        b.RichTextQuoteElement(elements=[PARTS.Text(text="quoted")]),
        b.RichTextPreformattedElement(elements=[PARTS.Text(text="ping 10.0.0.1")], border=0),
    ]
)

EVERYWHERE: list[b.Block] = [
    b.SectionBlock(text="*IT-42*", fields=["Status", b.PlainTextObject(text="new", emoji=True)], accessory=BUTTON),
    b.SectionBlock(text=b.MarkdownTextObject(text="*a*", verbatim=True), accessory=ICON, block_id="s2"),
    b.SectionBlock(text="More", accessory=OVERFLOW),
    *(b.SectionBlock(text="Pick", accessory=choice) for choice in CHOICES),
    b.HeaderBlock(text="Open tickets"),
    b.DividerBlock(),
    b.ContextBlock(elements=[ICON, b.MarkdownTextObject(text="updated"), b.PlainTextObject(text="now")]),
    b.ActionsBlock(elements=[BUTTON, LINK, OVERFLOW, WHEN, *CHOICES]),
    b.ImageBlock(image_url=PICTURE, alt_text="Chart", title="Tickets"),
    b.ImageBlock(slack_file=SlackFile(id="F1"), alt_text="Chart"),
    RICH_TEXT,
    b.VideoBlock(
        alt_text="How to", video_url=PICTURE, thumbnail_url=PICTURE, title="How to", title_url=PICTURE, author_name="IT"
    ),
    b.ContainerBlock(title="Details", child_blocks=[b.SectionBlock(text="inside")], is_collapsible=True, icon=ICON),
]
INPUTS: list[b.Block] = [
    b.InputBlock(label="Answer", element=element, optional=True) for element in (*CHOICES, WHEN, *TYPED)
]
MESSAGES_ONLY: list[b.Block] = [
    b.MarkdownBlock(text="**bold**"),
    b.FileBlock(external_id="ABC"),
    b.CallBlock(call_id="R1"),
    b.TableBlock(
        rows=[
            [b.RawTextObject(text="Tier").to_dict(), RICH_TEXT.to_dict()],
            [b.RawNumberObject(value=1, text="1").to_dict()],
        ],
        column_settings=[{"align": "right", "is_wrapped": True}],
    ),
    b.ContextActionsBlock(
        elements=[
            b.FeedbackButtonsElement(
                action_id="f",
                positive_button=b.FeedbackButtonObject(text="Good", value="1", accessibility_label="Good answer"),
                negative_button=b.FeedbackButtonObject(text="Bad", value="0"),
            ),
            b.IconButtonElement(action_id="i", icon="trash", text="Delete", visible_to_user_ids=["U1"]),
        ]
    ),
    b.PlanBlock(title="Plan", tasks=[b.TaskCardBlock(task_id="1", title="Look", status="pending").to_dict()]),
    b.TaskCardBlock(task_id="1", title="Look", status="complete", details=RICH_TEXT.to_dict()),
    b.CardBlock(title="Card", body="Body", hero_image=ICON.to_dict(), actions=[BUTTON]),
    b.CarouselBlock(elements=[b.CardBlock(title="Card")]),
]
DATA_TABLE = {
    "type": "data_table",
    "caption": "Open tickets",
    "page_size": 5,
    "row_header_column_index": 0,
    "rows": [
        [{"type": "raw_text", "text": "Tier"}, {"type": "raw_text", "text": "Open"}],
        [{"type": "raw_text", "text": "L1"}, {"type": "raw_number", "value": 3, "text": "3"}],
    ],
}
LINE_CHART = {
    "type": "data_visualization",
    "title": "Opened",
    "chart": {
        "type": "line",
        "series": [{"name": "IT", "data": [{"label": "Mon", "value": 3}, {"label": "Tue", "value": -1.5}]}],
        "axis_config": {"categories": ["Mon", "Tue"], "x_label": "Day", "y_label": "Tickets"},
    },
}
PIE_CHART = {
    "type": "data_visualization",
    "title": "By tier",
    "chart": {"type": "pie", "segments": [{"label": "L1", "value": 3}]},
}


@pytest.mark.parametrize("block", [*EVERYWHERE, *INPUTS, *MESSAGES_ONLY], ids=lambda block: block.type)
def test_blockkit_accepts_every_block_of_the_sdk_in_a_message(block: b.Block) -> None:
    assert message_problems({"text": "IT-42", "blocks": [block.to_dict()]}) == []


@pytest.mark.parametrize("block", [DATA_TABLE, LINE_CHART, PIE_CHART], ids=lambda block: block["type"])
def test_blockkit_accepts_tables_and_charts(block: dict[str, Any]) -> None:
    assert message_problems({"text": "IT-42", "blocks": [block]}) == []


@pytest.mark.parametrize("block", [*EVERYWHERE, *INPUTS], ids=lambda block: block.type)
def test_blockkit_accepts_every_block_of_the_sdk_in_views(block: b.Block) -> None:
    modal = View(type="modal", title="Help", submit="Send", close="Cancel", callback_id="file", blocks=[block])
    assert view_problems(modal.to_dict(), "modal") == []
    home = View(type="home", blocks=[block], private_metadata="{}", external_id="home-1")
    assert view_problems(home.to_dict(), "home") == []


@pytest.mark.parametrize(
    "block", [b.AlertBlock(text="Saved", level="success"), b.InputBlock(label="Files", element=FILE_INPUT)]
)
def test_blockkit_accepts_in_modals_what_only_modals_take(block: b.Block) -> None:
    modal = View(type="modal", title="Help", submit="Send", blocks=[block], clear_on_close=True, notify_on_close=True)
    assert view_problems(modal.to_dict(), "modal") == []


def test_blockkit_accepts_a_message_with_everything_around_its_blocks() -> None:
    message = {
        "channel": "C1",
        "text": "IT-42 is new",
        "blocks": [block.to_dict() for block in EVERYWHERE],
        "attachments": [
            BlockAttachment(color="#36a64f", blocks=[b.DividerBlock()]).to_dict(),
            {"text": "old", "ts": 1},
        ],
        "metadata": Metadata(event_type="slackdesk_work", event_payload={"work_id": 7}).to_dict(),
        "unfurl_links": False,
        "thread_ts": None,
    }
    assert message_problems(message) == []


@pytest.mark.parametrize("message", [{}, {"text": ""}, {"text": "hello", "blocks": []}, {"markdown_text": "# Hello"}])
def test_blockkit_accepts_messages_without_blocks(message: dict[str, Any]) -> None:
    assert message_problems(message) == []
