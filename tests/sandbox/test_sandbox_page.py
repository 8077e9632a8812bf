"""The page under /sandbox, read and used as a browser does: by its links and forms."""

import re
import struct
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox

from .page_browser import Browser
from .small_desk import NEED, button, field, listen, plain


def _options(group: str, *texts: str) -> dict[str, Any]:
    return {
        "label": plain(group),
        "options": [{"text": plain(text), "value": f"{group}/{text}".lower()} for text in texts],
    }


TOPICS = [_options("IT", "Laptop", "VPN & more", "Other"), _options("People", "Payroll", "Other")]
BOXES = _options("box", "Somebody waits")["options"]
FORM = (
    NEED,
    field("topic", "Topic", {"type": "static_select", "option_groups": TOPICS}),
    field("for", "For", {"type": "users_select"}),
    field("tell", "Also tell", {"type": "multi_conversations_select"}, optional=True),
    field("waits", "Urgent?", {"type": "checkboxes", "options": BOXES, "initial_options": BOXES}, optional=True),
    field("until", "Until", {"type": "datetimepicker"}, optional=True),
    {"type": "actions", "elements": [button("Check", "check"), {"type": "datepicker", "action_id": "day"}]},
)
submissions: list[dict[str, Any]] = []
checked: list[str] = []
opened: list[str] = []


def _home(*numbers: str) -> dict[str, Any]:
    rows = [{"type": "section", "text": plain(n), "accessory": button("Open", "open", value=n)} for n in numbers]
    return {"type": "home", "blocks": rows}


def listeners(app: App) -> None:
    listen(app, FORM, submissions)

    @app.action("check")
    def check(ack: Any, body: dict[str, Any]) -> None:
        checked.append(body["view"]["state"]["values"]["need"]["it"]["value"])
        ack()

    @app.action("open")
    def open_one(ack: Any, body: dict[str, Any]) -> None:
        opened.append(body["actions"][0]["value"])
        ack()

    @app.event("app_home_opened")
    def home_opened(event: dict[str, Any], client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view=_home("IT-1", "IT-2", "IT-3"))

    @app.event("message")
    def talked() -> None: ...


@pytest.fixture(scope="module")
def sandbox(connect_bolt: Callable[..., Sandbox]) -> Sandbox:
    return connect_bolt(listeners, "http", rate_scale=1000)


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
    browser.sends(**{"field:What do you need?": "A chair", "press": '["Check", "check", ""]'})
    assert checked == ["A chair"]
    assert ">\nA chair</textarea>" in browser.html
    browser.sends(close="1")


def test_everything_of_a_form_can_be_filled_in_on_the_page(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "jonas")
    browser.sends(text="/ticket")
    chosen = {"field:Topic": "Laptop", "field:For": "maya", "field:Until": "2026-12-24T18:30"}
    need = {"field:What do you need?": "A screen\r\nand a cable"}  # as browsers send lines
    browser.sends(**chosen, **need, **{"field:Urgent?": "Somebody waits", "press": '["Check", "check", ""]'})
    assert '<option value="Somebody waits" selected>' in browser.html
    assert 'type="datetime-local" name="field:Until" value="2026-12-24T18:30"' in browser.html
    browser.sends(**chosen, **need, submit="1")
    assert submissions[-1]["need"]["value"] == "A screen\nand a cable"
    assert submissions[-1]["waits"]["selected_options"] == [], "a box whose tick was taken away is not sent at all"
    berlin = datetime(2026, 12, 24, 18, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert submissions[-1]["until"]["selected_date_time"] == berlin.timestamp()


def test_a_button_of_a_list_acts_on_what_it_stands_beside_on_the_page(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "maya", "home")
    browser.sends(opens_home="1")
    for number in ("IT-2", "IT-3", "IT-1"):
        browser.presses("Open", beside=f">{number}<")
        assert browser.status == 200
    assert opened == ["IT-2", "IT-3", "IT-1"]
    browser.sends(click='["Open", "open", "IT-4"]')
    assert browser.status == 409
    assert opened == ["IT-2", "IT-3", "IT-1"], "what has gone from the list is not taken for another"


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
    client.files_upload_v2(channel=channel, filename="a/../chart.png", content=png, alt_txt='Chart: "5" opened')
    browser = Browser(sandbox, "ratna", "#leadership")
    image = re.search(r'<img src="([^"]+)" alt="([^"]+)">', browser.html)
    assert image is not None
    assert unescape(image[2]) == 'Chart: "5" opened'
    assert "/../" not in image[1], "which browsers would walk"
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
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": "IT <help>"}},
        {"type": "section", "text": mrkdwn(f"*Due soon*\n• *IT-1* a*b*c 2 * 3 * 4 &lt;b&gt; <@{lead}>")},
        {"type": "section", "fields": [mrkdwn("*Status*\nNew"), mrkdwn("*Tier*\nL1")]},
        {"type": "context", "elements": [mrkdwn("times are *working* hours")]},
        {
            "type": "section",
            "text": mrkdwn("*Quoted*\n> See *<https://acme.example/|the page>* or <https://acme.example/?*q*|this>"),
        },
    ]
    client = WebClient(sandbox.bot_token, sandbox.api_url, retry_handlers=[])
    client.chat_postMessage(channel=sandbox.workspace.channel_id("it-l3"), text="all of it", blocks=blocks)
    html = Browser(sandbox, "bayu", "#it-l3").html
    assert '<h2 class="text">IT &lt;help&gt;</h2>' in html
    assert "<b>Due soon</b>\n• <b>IT-1</b> a*b*c 2 * 3 * 4 &lt;b&gt; @helpdesk-lead</div>" in html
    assert '<div class="fields"><div><b>Status</b>\nNew</div><div><b>Tier</b>\nL1</div></div>' in html
    assert '<small class="text">times are working hours</small>' in html
    assert "<b>Quoted</b>\n&gt; See <b>the page</b> or this</div>" in html


def test_attachments_are_drawn_on_the_page(sandbox: Sandbox) -> None:
    attached = {"blocks": [{"type": "section", "text": plain("Build <7> failed"), "accessory": button("Again", "x")}]}
    client = WebClient(sandbox.bot_token, sandbox.api_url, retry_handlers=[])
    client.chat_postMessage(channel=sandbox.workspace.channel_id("it-l3"), text="CI:", attachments=[attached])
    html = Browser(sandbox, "bayu", "#it-l3").html
    assert html.index(">CI:<") < html.index(">Build &lt;7&gt; failed<") < html.index(">Again</button>")


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
    sandbox.controls["Let an hour pass"] = lambda: 1 / 0
    browser.sends(control="Let an hour pass")
    assert (browser.status, "Let an hour pass: division by zero" in browser.text) == (409, True)


@pytest.mark.parametrize("path", ["as/ayu", "act"])
def test_pages_of_other_sites_do_nothing(sandbox: Sandbox, path: str) -> None:
    said = {"sec-fetch-site": "cross-site"}
    data = b'{"person": "ayu", "says": "x", "in": "#help-it"}' if path == "act" else b"in=%23help-it&text=x"
    before = sandbox.person("ayu").messages("#help-it")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(f"{sandbox.base_url}/sandbox/{path}", data, said), timeout=20)  # noqa: S310
    with refused.value:
        assert refused.value.code == 403
    assert sandbox.person("ayu").messages("#help-it") == before


def test_what_cannot_be_done_is_said_on_the_page(sandbox: Sandbox) -> None:
    browser = Browser(sandbox, "gita")
    browser.sends(ts="1.000001", click='["Claim", "claim", ""]')
    assert browser.status == 409
    assert "this message is not there any more" in browser.text
    browser.sends(click="Claim")
    assert "there is no button 'Claim'" in browser.text
    assert "Write, or type a command" in browser.text, "and the page goes on"
