"""The page under /sandbox, read and used as a browser does: by its links and forms."""

import re
import struct
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox

BUTTON = {"type": "button", "action_id": "claim", "text": {"type": "plain_text", "text": "Claim"}}
CLAIM: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "plain_text", "text": "IT-1 My VPN is down"}},
    {"type": "actions", "elements": [BUTTON]},
]


def _input(block_id: str, label: str, element: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "plain_text", "text": label}
    return {"type": "input", "block_id": block_id, "label": text, "element": element | {"action_id": "it"}}


def _options(group: str, *texts: str) -> dict[str, Any]:
    options = [{"text": {"type": "plain_text", "text": text}, "value": f"{group}/{text}".lower()} for text in texts]
    return {"label": {"type": "plain_text", "text": group}, "options": options}


TOPICS = [_options("IT", "Laptop", "VPN & more", "Other"), _options("People", "Payroll", "Other")]
CHECK = BUTTON | {"action_id": "check", "text": {"type": "plain_text", "text": "Check"}}


FORM = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "New request"},
    "submit": {"type": "plain_text", "text": "File"},
    "callback_id": "file",
    "blocks": [
        _input("need", "What do you need?", {"type": "plain_text_input", "multiline": True}),
        _input("topic", "Topic", {"type": "static_select", "option_groups": TOPICS}),
        _input("for", "For", {"type": "users_select"}),
        _input("tell", "Also tell", {"type": "multi_conversations_select"}) | {"optional": True},
        {"type": "actions", "elements": [CHECK]},
    ],
}
submissions: list[dict[str, Any]] = []
checked: list[str] = []


def listeners(app: App) -> None:
    @app.command("/ticket")
    def file(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        if not body.get("text"):
            client.views_open(trigger_id=body["trigger_id"], view=FORM)
            ack()
            return
        client.chat_postMessage(channel=body["user_id"], text="IT-1 My VPN is down", blocks=CLAIM)
        ack("Filed as IT-1")

    @app.action("claim")
    def claim(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        client.chat_update(channel=body["channel"]["id"], ts=body["container"]["message_ts"], text="Claimed")
        ack()

    @app.action("check")
    def check(ack: Any, body: dict[str, Any]) -> None:
        checked.append(body["view"]["state"]["values"]["need"]["it"]["value"])
        ack()

    @app.view("file")
    def submitted(ack: Any, view: dict[str, Any]) -> None:
        values = {block_id: value["it"] for block_id, value in view["state"]["values"].items()}
        if values["need"]["value"] == "help":
            ack(response_action="errors", errors={"need": "Say a bit more"})
            return
        submissions.append(values)
        ack()

    @app.event("message")
    def talked() -> None: ...


@pytest.fixture(scope="module")
def sandbox(connect_bolt: Callable[..., Sandbox]) -> Sandbox:
    return connect_bolt(listeners, "http", rate_scale=1000)


class Browser:
    """Somebody's page; after each act it is what the server answered, redirects followed."""

    def __init__(self, sandbox: Sandbox, handle: str, place: str = "dm") -> None:
        self.url, self.place = f"{sandbox.base_url}/sandbox/as/{handle}", place
        self.opens(f"{self.url}?{urlencode({'in': place})}")

    def opens(self, url: str, data: bytes | None = None) -> None:
        try:
            with urllib.request.urlopen(url, data, timeout=20) as response:  # noqa: S310
                self.status, self.html = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                self.status, self.html = error.code, error.read().decode()

    def sends(self, **fields: str) -> None:
        self.opens(self.url, urlencode({"in": self.place} | fields).encode())

    @property
    def text(self) -> str:
        return unescape(re.sub(r"<[^>]+>", "\n", self.html))

    def presses(self, label: str) -> None:
        """The button of the newest message that has it."""
        forms = re.findall(r'<form method="post">(.*?)</form>', self.html, re.DOTALL)
        form = next(form for form in reversed(forms) if f">{label}</button>" in form)
        found = re.search(r'name="ts" value="([^"]+)"', form)
        assert found is not None
        self.sends(ts=found[1], click=label)


def test_a_command_is_sent_and_its_button_clicked_on_the_page(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "ayu")
    browser.sends(text="/ticket my VPN is down")
    assert "Filed as IT-1" in browser.text
    assert "IT-1 My VPN is down" in browser.text
    browser.presses("Claim")
    assert browser.status == 200
    assert "Claimed" in browser.text
    assert ">Claim</button>" not in browser.html


def test_a_form_is_filled_in_on_the_page_and_its_errors_are_read(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "budi")
    browser.sends(text="/ticket")
    assert "New request" in browser.text
    filled = {"field:Topic": "VPN & more", "field:For": "maya", "field:Also tell": "#help-it"}
    browser.sends(**filled, **{"field:What do you need?": "help", "submit": "1"})
    assert "Say a bit more" in browser.text
    assert '<option value="VPN &amp; more" selected>' in browser.html, "what was typed is still there"
    assert '<option value="#help-it" selected>' in browser.html
    browser.sends(**filled, **{"field:What do you need?": "help me please", "submit": "1"})
    assert "New request" not in browser.text
    values = submissions[-1]
    workspace = sandbox.workspace
    assert values["need"]["value"] == "help me please"
    assert values["topic"]["selected_option"]["value"] == "it/vpn & more"
    assert values["for"]["selected_user"] == workspace.user_by_handle("maya").id
    assert values["tell"]["selected_conversations"] == [workspace.channel_id("help-it")]


def test_a_topic_called_like_another_one_can_be_chosen_on_the_page(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "yohana")
    browser.sends(text="/ticket")
    chosen = {"field:Topic": "People: Other", "field:For": "maya"}
    browser.sends(**chosen, **{"field:What do you need?": "help", "submit": "1"})
    assert '<option value="People: Other" selected>' in browser.html
    assert '<option value="Other">' in browser.html
    browser.sends(**chosen, **{"field:What do you need?": "A raise", "submit": "1"})
    assert submissions[-1]["topic"]["selected_option"]["value"] == "people/other"


def test_a_button_in_a_form_keeps_what_was_typed_on_the_page(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "prakash")
    browser.sends(text="/ticket")
    browser.sends(**{"field:What do you need?": "A chair", "press": "Check"})
    assert checked == ["A chair"]
    assert ">A chair</textarea>" in browser.html
    browser.sends(close="1")


def test_a_form_is_closed_on_the_page(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "citra")
    browser.sends(text="/ticket")
    assert "New request" in browser.text
    browser.sends(close="1")
    assert "New request" not in browser.text


def test_a_picture_is_shown_with_its_words_where_it_was_posted(sandbox: Sandbox) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    client = WebClient(sandbox.bot_token, sandbox.api_url, retry_handlers=[])
    channel = sandbox.workspace.channel_id("leadership")
    client.files_upload_v2(channel=channel, filename="a chart.png", content=png, alt_txt='Chart: "5" opened')
    browser = Browser(sandbox, "ratna", "#leadership")
    image = re.search(r'<img src="([^"]+)" alt="([^"]+)">', browser.html)
    assert image is not None
    assert unescape(image[2]) == 'Chart: "5" opened'
    with urllib.request.urlopen(f"{sandbox.base_url}{unescape(image[1])}", timeout=20) as response:  # noqa: S310
        assert response.headers["content-type"] == "image/png"
        assert response.headers["content-security-policy"] == "sandbox"
        assert response.read() == png
    browser.opens(f"{sandbox.base_url}{unescape(image[1])}".replace("/as/ratna/", "/as/ayu/"))
    assert browser.status == 404, "who is not in the channel gets no file of it"


def test_what_people_write_is_text_on_the_page(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "dimas", "#help-it")
    browser.sends(text='<script>alert("1")</script> & <b>bold</b>')
    assert "<script" not in browser.html
    assert '<script>alert("1")</script> & <b>bold</b>' in unescape(browser.html)


def test_blocks_are_drawn_on_the_page(sandbox: Sandbox) -> None:
    def mrkdwn(text: str) -> dict[str, str]:
        return {"type": "mrkdwn", "text": text}

    lead = sandbox.workspace.user_by_handle("helpdesk-lead").id
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "IT <help>"}},
        {"type": "section", "text": mrkdwn(f"*Due soon*\n• *IT-1* a*b*c 2 * 3 * 4 &lt;b&gt; <@{lead}>")},
        {"type": "section", "fields": [mrkdwn("*Status*\nNew"), mrkdwn("*Tier*\nL1")]},
        {"type": "context", "elements": [mrkdwn("times are *working* hours")]},
    ]
    client = WebClient(sandbox.bot_token, sandbox.api_url, retry_handlers=[])
    client.chat_postMessage(channel=sandbox.workspace.channel_id("it-l3"), text="all of it", blocks=blocks)
    html = Browser(sandbox, "bayu", "#it-l3").html
    assert '<h2 class="text">IT &lt;help&gt;</h2>' in html
    assert "<b>Due soon</b>\n• <b>IT-1</b> a*b*c 2 * 3 * 4 &lt;b&gt; @helpdesk-lead</div>" in html
    assert '<div class="fields"><div><b>Status</b>\nNew</div><div><b>Tier</b>\nL1</div></div>' in html
    assert '<small class="text">times are working hours</small>' in html


def test_a_thread_is_answered_on_the_page(sandbox: Sandbox) -> None:
    eka = sandbox.person("eka")
    root = eka.says("Who has the key?", in_="#help-it")
    browser = Browser(sandbox, "farhan", "#help-it")
    browser.sends(ts=root.ts, text="I do")
    assert [reply.text for reply in root.thread()] == ["I do"]


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/sandbox", 200, "Ayu Lestari"),
        ("/sandbox/as/nobody", 404, "nobody here is called 'nobody'"),
        ("/sandbox/as/ayu?in=%23it-l1", 409, "ayu does not see #it-l1"),
        ("/sandbox/as/ayu?in=home", 200, "Open the Home tab"),
    ],
)
def test_the_page_says_who_and_what_there_is(sandbox: Sandbox, address: str, status: int, said: str) -> None:
    browser = Browser(sandbox, "ayu")
    browser.opens(f"{sandbox.base_url}{address}")
    assert browser.status == status
    assert said in browser.text


def test_whoever_runs_the_workspace_may_add_buttons_to_the_page(sandbox: Sandbox) -> None:
    passed: list[str] = []
    sandbox.controls["Let an hour pass"] = lambda: passed.append("1h")
    browser = Browser(sandbox, "hendra")
    assert '<button name="control" value="Let an hour pass">' in browser.html
    browser.sends(control="Let an hour pass")
    assert passed == ["1h"]
    browser.sends(control="Let a year pass")
    assert "there is no 'Let a year pass'" in browser.text


def test_what_cannot_be_done_is_said_on_the_page(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "gita")
    browser.sends(ts="1.000001", click="Claim")
    assert browser.status == 409
    assert "this message is not there any more" in browser.text
    assert "Write, or type a command" in browser.text, "and the page goes on"
