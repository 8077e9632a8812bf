"""Slash commands and shortcuts: what the app gets, what the person reads, and what happens when the app is silent."""

import threading
from typing import Any

import pytest
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, SectionBlock

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.journal import DeliveryEntry

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Desk"},
    "features": {
        "bot_user": {"display_name": "Desk"},
        "slash_commands": [
            {"command": "/ticket", "description": "File a request", "should_escape": True},
            {"command": "/raw", "description": "Unescaped"},
        ],
        "shortcuts": [
            {"name": "File a request", "type": "global", "callback_id": "file_request", "description": "Form"},
            {"name": "Make a ticket", "type": "message", "callback_id": "make_ticket", "description": "From here"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {"socket_mode_enabled": True, "interactivity": {"is_enabled": True}},
}


def listeners(app: App) -> None:
    release = threading.Event()

    @app.command("/ticket")
    def ticket(ack: Ack, command: dict[str, Any], respond: Respond) -> None:
        match command["text"].split(" ")[0]:
            case "public":
                ack(text="Announced", response_type="in_channel")
            case "card":
                buttons = ActionsBlock(elements=[ButtonElement(text="Claim", action_id="claim", value="42")])
                ack(text="IT-42 new", blocks=[SectionBlock(text="*IT-42* is _new_"), buttons])
            case "later":
                ack()
                respond("Your ticket is IT-42")
            case "often":
                ack()
                for number in range(6):
                    respond(f"Answer {number}")
            case "illegal":
                ack(text="x", blocks=[{"type": "section"}])
            case "asleep":
                release.wait(10)
                ack("Too late")
            case "wake":
                release.set()
                ack("Awake")
            case "broken":
                raise RuntimeError("the database is away")
            case _:
                ack(f"Filed: {command['text']}")

    @app.command("/raw")
    def raw(ack: Ack, command: dict[str, Any]) -> None:
        ack(f"Raw: {command['text']}")

    @app.action("claim")
    def claim(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="IT-42 claimed", replace_original=True)

    @app.shortcut("file_request")
    def file_request(ack: Ack, shortcut: dict[str, Any], client: WebClient) -> None:
        ack()
        client.chat_postMessage(channel=shortcut["user"]["id"], text="What do you need?")

    @app.shortcut("make_ticket")
    def make_ticket(ack: Ack, shortcut: dict[str, Any], respond: Respond) -> None:
        ack()
        respond(f"Made a ticket of: {shortcut['message']['text']}")


@pytest.fixture(scope="module", params=["socket", "http"])
def commanded(request: pytest.FixtureRequest, connect_bolt: Any) -> Sandbox:
    sandbox: Sandbox = connect_bolt(listeners, request.param, manifest=MANIFEST)
    return sandbox


def last_delivery(sandbox: Sandbox) -> DeliveryEntry:
    return sandbox.journal.deliveries()[-1]


def test_command_payload_and_answer(commanded: Sandbox) -> None:
    answer = commanded.person("ayu").slash("/ticket my VPN & mail are down", in_="#general")
    assert (answer.error, answer.text) == ("", "Filed: my VPN & mail are down")
    payload = last_delivery(commanded).payload
    ayu = commanded.person("ayu").user
    general = commanded.workspace.channel_by_name("general")
    expected = {
        "team_id": commanded.workspace.team_id,
        "team_domain": "acme",
        "channel_id": general.id,
        "channel_name": "general",
        "user_id": ayu.id,
        "user_name": "ayu",
        "command": "/ticket",
        "text": "my VPN &amp; mail are down",
        "api_app_id": commanded.workspace.app.id,
    }
    assert expected.items() <= payload.items()
    assert payload["trigger_id"]
    assert payload["response_url"].startswith(commanded.base_url)


def test_answer_is_for_the_person_alone(commanded: Sandbox) -> None:
    commanded.person("budi").slash("/ticket nobody else reads this", in_="#general")
    seen = commanded.person("budi").sees("nobody else reads this", in_="#general")
    assert seen.ephemeral
    commanded.person("citra").sees_not("nobody else reads this")


def test_public_answer_is_read_by_all_though_the_app_is_no_member(commanded: Sandbox) -> None:
    commanded.person("ayu").slash("/ticket public", in_="#general")
    assert not commanded.person("citra").sees("Announced", in_="#general").ephemeral


def test_button_of_an_answer_replaces_it(commanded: Sandbox) -> None:
    dimas = commanded.person("dimas")
    answer = dimas.slash("/ticket card", in_="#help-it")
    assert (answer.text, answer.fallback, answer.buttons) == ("IT-42 is new", "IT-42 new", ("Claim",))
    dimas.click("Claim", in_=answer)
    payload = last_delivery(commanded).payload
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    assert payload["actions"][0].items() >= {"type": "button", "action_id": "claim", "value": "42"}.items()
    assert dimas.sees("IT-42 claimed", in_="#help-it").ephemeral
    dimas.sees_not("IT-42 is new", in_="#help-it")


def test_response_url_comes_later(commanded: Sandbox) -> None:
    eka = commanded.person("eka")
    assert eka.slash("/ticket later").text == ""
    assert eka.sees("Your ticket is IT-42", in_="dm").ephemeral


def test_response_url_is_good_for_five_answers(commanded: Sandbox) -> None:
    gita = commanded.person("gita")
    gita.slash("/ticket often")
    assert [m.text for m in gita.messages(in_="dm") if m.text.startswith("Answer")] == [f"Answer {n}" for n in range(5)]
    assert commanded.journal.calls("response_url")[-1].outcome == "used_url"


def test_mentions_are_escaped_only_if_the_manifest_says_so(commanded: Sandbox) -> None:
    rina, help_it = commanded.workspace.user_by_handle("rina"), commanded.workspace.channel_by_name("help-it")
    commanded.person("ayu").slash("/ticket assign @rina in #help-it")
    assert last_delivery(commanded).payload["text"] == f"assign <@{rina.id}|rina> in <#{help_it.id}|help-it>"
    commanded.person("ayu").slash("/raw assign @rina <now>")
    assert last_delivery(commanded).payload["text"] == "assign @rina <now>"


def test_direct_and_private_places_have_slacks_names(commanded: Sandbox) -> None:
    commanded.person("ayu").slash("/ticket here", in_="dm")
    assert last_delivery(commanded).payload["channel_name"] == "directmessage"
    commanded.person("rina").slash("/ticket here", in_="#it-l1")
    assert last_delivery(commanded).payload["channel_name"] == "privategroup"


def test_silent_app_shows_operation_timeout(commanded: Sandbox) -> None:
    hendra = commanded.person("hendra")
    try:
        assert hendra.slash("/ticket asleep").error == "operation_timeout"
    finally:
        hendra.slash("/ticket wake")
    assert any("operation_timeout" in error for error in hendra.errors)
    hendra.sees_not("Too late")


def test_broken_app_shows_an_error_and_no_trace(commanded: Sandbox) -> None:
    maya = commanded.person("maya")
    error = maya.slash("/ticket broken").error
    # Over Socket Mode Bolt says nothing at all where it would answer 500.
    assert error == ("operation_timeout" if last_delivery(commanded).transport == "socket" else "dispatch_failed")
    maya.sees_not("database")


def test_illegal_answer_is_refused_and_noted(commanded: Sandbox) -> None:
    assert commanded.person("ayu").slash("/ticket illegal").error == "dispatch_failed"
    assert last_delivery(commanded).illegal


def test_unknown_command_never_reaches_the_app(commanded: Sandbox) -> None:
    before = len(commanded.journal.deliveries())
    assert commanded.person("ayu").slash("/nonsense").error == "invalid_command"
    assert len(commanded.journal.deliveries()) == before


def test_no_command_in_a_thread_nor_where_the_person_is_not(commanded: Sandbox) -> None:
    ayu = commanded.person("ayu")
    root = ayu.says("A question", in_="#help-it")
    with pytest.raises(AssertionError, match="inside a thread"):
        ayu.slash("/ticket x", in_=root)
    with pytest.raises(AssertionError, match="does not see #it-l1"):
        ayu.slash("/ticket x", in_="#it-l1")


def test_global_shortcut_is_hidden_from_guests(commanded: Sandbox) -> None:
    commanded.person("sari").shortcut("File a request")
    payload = last_delivery(commanded).payload
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "file_request")
    assert not {"channel", "response_url"} & payload.keys()
    commanded.person("sari").sees("What do you need?", in_="dm")
    with pytest.raises(AssertionError, match="guest"):
        commanded.person("lukas").shortcut("File a request")
    with pytest.raises(AssertionError, match="only: 'File a request'"):
        commanded.person("sari").shortcut("Make a ticket")


def test_message_shortcut_works_where_the_app_is_no_member(commanded: Sandbox) -> None:
    yohana = commanded.person("yohana")
    message = commanded.person("ayu").says("The printer is on fire", in_="#general")
    yohana.message_shortcut("Make a ticket", message)
    payload = last_delivery(commanded).payload
    assert (payload["type"], payload["message_ts"]) == ("message_action", message.ts)
    assert payload["channel"]["name"] == "general"
    assert yohana.sees("Made a ticket of: The printer is on fire", in_="#general").ephemeral


def test_command_without_an_app_fails() -> None:
    with Sandbox() as alone:
        assert alone.person("ayu").slash("/ticket anyone?").error == "dispatch_failed"


def test_shortcut_needs_interactivity_in_the_manifest() -> None:
    without = MANIFEST | {"settings": {"socket_mode_enabled": True}}
    with Sandbox(manifest=without) as sandbox:
        ayu = sandbox.person("ayu")
        ayu.shortcut("File a request")
        assert ayu.errors == ["shortcut: interactivity_not_enabled"]
