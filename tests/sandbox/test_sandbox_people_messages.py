"""What people do in conversations: the events that the app gets for it, and the buttons and menus that it put there."""

from typing import Any

import pytest
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.people import Person

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*texts: str) -> list[Json]:
    return [{"text": plain(text), "value": text.lower()} for text in texts]


CONFIRM = {"title": plain("Close?"), "text": plain("It is gone then"), "confirm": plain("Close"), "deny": plain("Keep")}
CARD: list[Json] = [
    {"type": "header", "text": plain("IT-42 VPN is down")},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "*Status:* new, see <https://kb.example/vpn|the guide>"},
        "accessory": {
            "type": "overflow",
            "action_id": "more",
            "options": options("Escalate", "Send back"),
        },
    },
    {
        "type": "actions",
        "elements": [
            {"type": "button", "text": plain("Claim"), "action_id": "claim", "value": "42"},
            {"type": "button", "text": plain("Close"), "action_id": "close", "value": "42", "confirm": CONFIRM},
            {
                "type": "static_select",
                "placeholder": plain("Priority"),
                "action_id": "priority",
                "options": options("Low", "High"),
            },
            {"type": "users_select", "placeholder": plain("Assign"), "action_id": "assign"},
            {"type": "external_select", "placeholder": plain("System"), "action_id": "system"},
        ],
    },
]


FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "score",
            "positive_button": {"text": plain("Solved"), "value": "good"},
            "negative_button": {"text": plain("Not solved"), "value": "bad"},
        },
        {"type": "icon_button", "icon": "trash", "text": plain("Forget"), "action_id": "score2", "value": "none"},
    ],
}


def listeners(app: App) -> None:
    @app.event("message")
    def message(event: Json, client: WebClient) -> None:
        if event.get("text") == "card please":
            client.chat_postMessage(channel=event["channel"], text="IT-42 VPN is down", blocks=CARD)
        elif event.get("text") == "poll please":
            client.chat_postMessage(channel=event["channel"], text="Did this help?", blocks=[FEEDBACK])
        elif event.get("text") == "whisper":
            client.chat_postEphemeral(channel=event["channel"], user=event["user"], text="Only you read this")
        elif event.get("text") == "remember me":
            client.chat_postMessage(channel=event["user"], text="I do")

    for kind in (
        "app_mention",
        "channel_created",
        "file_shared",
        "member_joined_channel",
        "reaction_added",
        "reaction_removed",
    ):

        @app.event(kind)
        def noted() -> None:
            """What was delivered is in the journal."""

    @app.options("system")
    def systems(ack: Ack) -> None:
        ack(options=options("Payroll", "Wiki"))

    for action_id in ("claim", "close", "more", "priority", "assign", "system", "score", "score2"):

        @app.action(action_id)
        def used(ack: Ack, action: Json, body: Json, respond: Respond) -> None:
            ack()
            if action["action_id"] == "claim":
                respond(text=f"Claimed by <@{body['user']['id']}>", replace_original=True)
            elif action["action_id"] == "close":
                respond(delete_original=True)


@pytest.fixture(scope="module", params=["socket", "http"])
def chatting(request: pytest.FixtureRequest, connect_bolt: Any) -> Sandbox:
    sandbox: Sandbox = connect_bolt(listeners, request.param)
    return sandbox


def events(sandbox: Sandbox, kind: str, **expected: Any) -> list[Json]:
    """The events of this type that were delivered and hold these values, each once, oldest first."""
    assert sandbox.delivery.wait_until_answered()
    first = [entry.payload for entry in sandbox.journal.deliveries("events_api") if entry.attempt == 0]
    found = [payload["event"] for payload in first if payload["event"]["type"] == kind]
    return [event for event in found if expected.items() <= event.items()]


def actions(sandbox: Sandbox) -> list[Json]:
    deliveries = sandbox.journal.deliveries("interactive")
    return [entry.payload for entry in deliveries if entry.payload["type"] == "block_actions"]


def card_of(sandbox: Sandbox, handle: str) -> tuple[Person, Any]:
    person = sandbox.person(handle)
    person.says("card please", in_="dm")
    return person, person.sees("IT-42", in_="dm")


def test_event_wrapper(chatting: Sandbox) -> None:
    said = chatting.person("ayu").says("hello & <bye> @rina", in_="#help-it")
    assert said.text == "hello & <bye> @rina"
    [event] = events(chatting, "message", ts=said.ts)
    workspace = chatting.workspace
    rina = workspace.user_by_handle("rina").id
    assert event["text"] == f"hello &amp; &lt;bye&gt; <@{rina}>"
    assert (event["channel_type"], event["blocks"][0]["type"], "bot_id" in event) == ("channel", "rich_text", False)
    assert "thread_ts" not in event
    [payload] = [
        e.payload for e in chatting.journal.deliveries("events_api") if e.payload["event"].get("ts") == said.ts
    ]
    assert payload["type"] == "event_callback"
    assert payload["event_id"].startswith("Ev")
    assert (payload["team_id"], payload["api_app_id"]) == (workspace.team_id, workspace.app.id)
    [authorization] = payload["authorizations"]
    assert (authorization["user_id"], authorization["is_bot"]) == (workspace.bot.id, True)


def test_reply_is_told_with_its_root(chatting: Sandbox) -> None:
    budi, citra = chatting.person("budi"), chatting.person("citra")
    root = budi.says("Who knows the printer?", in_="#help-it")
    reply = citra.says("I do", in_=root)
    [event] = events(chatting, "message", ts=reply.ts)
    assert (event["thread_ts"], event["parent_user_id"]) == (root.ts, budi.user.id)
    assert [message.text for message in root.thread()] == ["I do"]
    assert budi.sees("I do", in_=root).thread_ts == root.ts
    shown = citra.says("For all", in_=root, also_to_channel=True)
    [broadcast] = events(chatting, "message", ts=shown.ts)
    assert (broadcast["subtype"], broadcast["root"]["ts"]) == ("thread_broadcast", root.ts)


def test_edit_and_deletion_are_told(chatting: Sandbox) -> None:
    dimas = chatting.person("dimas")
    said = dimas.says("The moniter is dark", in_="#help-it")
    assert dimas.edits(said, "The monitor is dark").text == "The monitor is dark"
    [changed] = [e for e in events(chatting, "message", subtype="message_changed") if e["message"]["ts"] == said.ts]
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == (
        "The monitor is dark",
        "The moniter is dark",
    )
    assert changed["message"]["edited"]["user"] == dimas.user.id
    assert "user" not in changed
    dimas.deletes(said)
    [deleted] = events(chatting, "message", subtype="message_deleted", deleted_ts=said.ts)
    assert deleted["previous_message"]["text"] == "The monitor is dark"
    dimas.sees_not("monitor is dark")
    with pytest.raises(AssertionError, match="cant_update_message"):
        dimas.edits(chatting.person("ayu").says("mine", in_="#help-it"), "yours")


def test_link_preview_changes_a_message_without_being_an_edit(chatting: Sandbox) -> None:
    wei_ling = chatting.person("wei-ling")
    said = wei_ling.says("see https://kb.example/vpn", in_="#help-it")
    preview = {"title": "VPN guide", "title_link": "https://kb.example/vpn", "text": "Restart *first*"}
    chatting.workspace.unfurl(said.message.channel_id, said.ts, preview)
    changed = [e for e in events(chatting, "message", subtype="message_changed") if e["message"]["ts"] == said.ts]
    assert [event["message"]["text"] == event["previous_message"]["text"] for event in changed] == [True]
    assert "edited" not in changed[0]["message"]
    assert wei_ling.sees("Restart first", in_="#help-it").text.splitlines()[1:] == ["VPN guide", "Restart first"]


def test_reactions_are_told(chatting: Sandbox) -> None:
    eka = chatting.person("eka")
    said = chatting.person("farhan").says("Please file this", in_="#help-it")
    eka.reacts(said, "ticket")
    [event] = events(chatting, "reaction_added", user=eka.user.id)
    assert event["item"] == {"type": "message", "channel": said.message.channel_id, "ts": said.ts}
    assert (event["reaction"], event["item_user"]) == ("ticket", said.message.user_id)
    assert eka.sees("Please file this").reactions == {"ticket": ("eka",)}
    eka.unreacts(said, ":ticket:")
    assert len(events(chatting, "reaction_removed", user=eka.user.id)) == 1


def test_file_is_told_as_file_share(chatting: Sandbox) -> None:
    gita = chatting.person("gita")
    shared = gita.uploads("vpn.log", b"no route", in_="dm", text="the log")
    [event] = events(chatting, "message", ts=shared.ts)
    assert (event["subtype"], event["files"][0]["name"], event["channel_type"]) == ("file_share", "vpn.log", "im")
    assert shared.files == ("vpn.log",)


def test_mention_gives_two_events(chatting: Sandbox) -> None:
    said = chatting.person("hendra").says("@slackdesk can you help?", in_="#help-it")
    [message], [mention] = events(chatting, "message", ts=said.ts), events(chatting, "app_mention", ts=said.ts)
    assert message["text"] == mention["text"] == f"<@{chatting.workspace.bot.id}> can you help?"
    assert "channel_type" not in mention


def test_app_hears_nothing_where_it_is_no_member(chatting: Sandbox) -> None:
    jonas = chatting.person("jonas")
    unheard = [jonas.says("among us", in_="#general"), jonas.says("between us", in_="dm:maya")]
    heard = jonas.says("to the app", in_="dm")
    told = {event["ts"] for event in events(chatting, "message") if "ts" in event}
    assert heard.ts in told
    assert not told & {message.ts for message in unheard}


def test_own_posts_are_echoed_with_the_bots_id(chatting: Sandbox) -> None:
    chatting.person("maya").says("remember me", in_="dm")
    chatting.person("maya").sees("I do", in_="dm")
    echo = events(chatting, "message", text="I do", bot_id=chatting.workspace.app.bot_id)[0]
    assert (echo["user"], "subtype" in echo) == (chatting.workspace.bot.id, False)


def test_people_see_what_they_are_in(chatting: Sandbox) -> None:
    rina, lukas, ayu = (chatting.person(handle) for handle in ("rina", "lukas", "ayu"))
    rina.says("internal note", in_="#it-l1")
    rina.says("news for all", in_="#general")
    chatting.person("agus").sees("internal note", in_="#it-l1")
    ayu.sees_not("internal note")
    ayu.sees("news for all")
    lukas.sees_not("news for all")
    with pytest.raises(AssertionError, match=r"does not see 'internal note' within 0 s, but:\n"):
        ayu.sees("internal note", within_seconds=0)
    with pytest.raises(AssertionError, match="does not see #general"):
        lukas.messages(in_="#general")
    chatting.workspace.add_channel("random", members=[rina.user])
    with pytest.raises(AssertionError, match="not_in_channel"):
        ayu.says("may I?", in_="#random")
    ayu.joins("#random")
    ayu.says("now I may", in_="#random")
    rina.invites("slackdesk", "#random")
    assert events(chatting, "member_joined_channel", user=chatting.workspace.bot.id)[0]["inviter"] == rina.user.id


def test_reader_gets_words_without_marks(chatting: Sandbox) -> None:
    _, card = card_of(chatting, "prakash")
    assert card.text == "IT-42 VPN is down\nStatus: new, see the guide"
    assert (card.fallback, card.author, card.channel) == ("IT-42 VPN is down", "slackdesk", "dm")
    assert card.buttons == ("Escalate", "Send back", "Claim", "Close")


def test_click_on_a_message(chatting: Sandbox) -> None:
    sari, card = card_of(chatting, "sari")
    sari.click("Claim", in_="IT-42")
    payload = actions(chatting)[-1]
    place = {"type": "message", "message_ts": card.ts, "channel_id": card.message.channel_id, "is_ephemeral": False}
    assert payload["container"] == place
    assert (payload["message"]["ts"], payload["channel"]["name"]) == (card.ts, "directmessage")
    assert payload["team"]["id"] == chatting.workspace.team_id
    [action] = payload["actions"]
    assert (action["type"], action["action_id"], action["value"], bool(action["block_id"])) == (
        "button",
        "claim",
        "42",
        True,
    )
    assert sari.sees("Claimed by @sari", in_=card).buttons == ()
    with pytest.raises(AssertionError, match="finds no 'Claim' to use"):
        sari.click("Claim", in_=card, within_seconds=0)


def test_confirmation_may_be_declined(chatting: Sandbox) -> None:
    yohana, card = card_of(chatting, "yohana")
    before = len(actions(chatting))
    yohana.click("Close", in_=card, confirm=False)
    assert len(actions(chatting)) == before
    yohana.click("Close", in_=card)
    assert len(actions(chatting)) == before + 1
    yohana.sees_not("IT-42", in_="dm")
    with pytest.raises(AssertionError, match="no confirmation dialog"):
        card_of(chatting, "yohana")[0].click("Claim", confirm=False)


def test_menus_of_a_message(chatting: Sandbox) -> None:
    ratna, card = card_of(chatting, "ratna")
    ratna.click("Send back", in_=card)
    assert actions(chatting)[-1]["actions"][0]["selected_option"] == options("Send back")[0]
    ratna.select("Priority", "High", in_=card)
    assert actions(chatting)[-1]["actions"][0]["selected_option"] == options("High")[0]
    ratna.select("Assign", "rina", in_="dm")
    payload = actions(chatting)[-1]
    rina = chatting.workspace.user_by_handle("rina").id
    assert payload["actions"][0]["selected_user"] == rina
    values = [value for block in payload["state"]["values"].values() for value in block.values()]
    assert values == [
        {"type": "static_select", "selected_option": options("High")[0]},
        {"type": "users_select", "selected_user": rina},
        {"type": "external_select", "selected_option": None},
    ]
    ratna.select("System", "Wiki", in_=card)
    asked = chatting.journal.deliveries("interactive")[-2].payload
    assert (asked["type"], asked["value"], asked["message"]["ts"]) == ("block_suggestion", "Wiki", card.ts)
    assert actions(chatting)[-1]["actions"][0]["selected_option"] == options("Wiki")[0]


def test_feedback_and_icon_buttons(chatting: Sandbox) -> None:
    maya = chatting.person("maya")
    maya.says("poll please", in_="dm")
    maya.click("Not solved")
    assert actions(chatting)[-1]["actions"][0]["value"] == "bad"
    maya.click("Forget")
    assert actions(chatting)[-1]["actions"][0]["value"] == "none"


def test_ephemeral_is_dismissed_and_takes_no_reaction(chatting: Sandbox) -> None:
    indah = chatting.person("indah")
    indah.says("whisper", in_="#help-it")
    whisper = indah.sees("Only you", in_="#help-it")
    assert whisper.ephemeral
    for forbidden in (
        lambda: indah.reacts(whisper, "eyes"),
        lambda: indah.says("reply", in_=whisper),
        lambda: indah.message_shortcut("Make a ticket", whisper),
    ):
        with pytest.raises(AssertionError, match="ephemeral"):
            forbidden()
    chatting.person("ayu").sees_not("Only you")
    indah.deletes(whisper)
    indah.sees_not("Only you")


def test_acts_are_noted(chatting: Sandbox) -> None:
    chatting.person("dewi").says("for the record", in_="dm")
    act = chatting.journal.acts("dewi")[-1]
    assert (act.act, act.details["text"]) == ("says", "for the record")
