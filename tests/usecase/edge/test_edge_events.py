"""Events: what people write, react and change, without pressing anything."""

from typing import Any

import pytest
from sqlalchemy import select

from slackdesk.policy.model import GroupSnapshot
from slackdesk.tickets import people
from slackdesk.tickets.home_tab import has_opened
from slackdesk.tickets.model import Source, Status, Ticket

from .conftest import DESK_BOT, GENERAL, HELP, Door, Json, new_ts, unique


@pytest.fixture
def ticket(door: Door) -> Ticket:
    """IT-1 with its card in L1 and its root in Ani's DM."""
    door.slash("U0ANI", "/ticket my VPN is down")
    return door.tickets()[0]


def test_direct_message_is_a_request_in_its_own_thread(door: Door) -> None:
    ts = door.says("U0ANI", "my VPN is down", "D0ANI")
    [ticket] = door.tickets()
    assert (ticket.source, ticket.source_channel, ticket.source_ts) == (Source.DIRECT_MESSAGE, "D0ANI", ts)


@pytest.mark.parametrize("text", ["hello :wave:", "terima kasih", "👍"])
def test_small_talk_is_answered_with_help(door: Door, text: str) -> None:
    door.says("U0ANI", text, "D0ANI")
    assert door.tickets() == []
    assert door.answers()[0].startswith("Hello! Write what you need")
    assert door.work("answer")[0].payload["channel"] == "U0ANI"


def test_message_in_a_request_channel_is_a_request(door: Door) -> None:
    ts = door.says("U0ANI", "printer jams", HELP)
    [ticket] = door.tickets()
    assert (ticket.source, ticket.source_channel, ticket.source_ts) == (Source.CHANNEL, HELP, ts)
    door.says("U0ANI", "on floor 3", HELP, thread_ts=ts)
    assert [message.text for message in door.messages(1)] == ["printer jams", "on floor 3"]


def test_other_channels_are_left_alone(door: Door) -> None:
    door.says("U0ANI", "printer jams", GENERAL)
    door.says("U0ANI", "thanks all", HELP)
    door.says("U0ANI", "late reply", HELP, thread_ts=new_ts())
    assert door.tickets() == []
    assert door.answers() == []


def test_message_that_mentions_the_app_is_filed_once(door: Door) -> None:
    ts = new_ts()
    text = f"<@{DESK_BOT}> printer jams"
    for kind in ("message", "app_mention"):
        assert door.event({"type": kind, "user": "U0ANI", "text": text, "ts": ts, "channel": HELP}) == 200
    [ticket] = door.tickets()
    assert ticket.description == "printer jams"


def test_mention_in_any_channel_files(door: Door) -> None:
    door.event(
        {"type": "app_mention", "user": "U0ANI", "text": f"<@{DESK_BOT}>: help", "ts": new_ts(), "channel": GENERAL}
    )
    assert door.answers()[0].startswith("Hello!")
    event = {
        "type": "app_mention",
        "user": "U0ANI",
        "text": f"<@{DESK_BOT}> VPN down",
        "ts": new_ts(),
        "channel": GENERAL,
    }
    door.event(event)
    assert door.tickets()[0].description == "VPN down"


def test_apps_are_never_answered(door: Door) -> None:
    door.says("U0ANI", "printer jams", HELP, bot_id="B1")
    door.says(DESK_BOT, "Filed as IT-1", "D0ANI")
    door.event(
        {"type": "message", "subtype": "bot_message", "text": "alert", "ts": new_ts(), "channel": HELP, "bot_id": "B"}
    )
    assert door.tickets() == []


def test_both_sides_of_the_conversation_are_kept(door: Door, ticket: Ticket) -> None:
    root = door.posted(1, "root", "D0ANI")
    card = door.posted(1, "card", "C0L1", "L1")
    file = {"id": "F1", "name": "log.txt", "mimetype": "text/plain", "size": 3, "permalink": "https://x.slack.com/F1"}
    door.says("U0ANI", "", "D0ANI", thread_ts=root, subtype="file_share", files=[file])
    door.says("U0LENA", "looks like <@U0LARS> knows", "C0L1", thread_ts=card)
    _, from_requester, note = door.messages(1)
    assert from_requester.files[0] == {
        "id": "F1",
        "name": "log.txt",
        "mimetype": "text/plain",
        "size_bytes": 3,
        "permalink": "https://x.slack.com/F1",
    }
    assert (note.kind, note.side, note.text) == ("note", "agents", "looks like @U0LARS knows")
    assert door.work("requester_message") == [], "a note never leaves"


def test_redelivered_message_is_kept_once(door: Door, ticket: Ticket) -> None:
    root = door.posted(1, "root", "D0ANI")
    door.says("U0ANI", "still down", "D0ANI", thread_ts=root)
    door.again()
    assert len(door.messages(1)) == 2


def test_edits_and_deletions_reach_the_ticket(door: Door, ticket: Ticket) -> None:
    root = door.posted(1, "root", "D0ANI")
    ts = door.says("U0ANI", "stil down", "D0ANI", thread_ts=root)
    now = {"user": "U0ANI", "text": "still down", "ts": ts, "edited": {"user": "U0ANI", "ts": new_ts()}}
    changed = {"type": "message", "subtype": "message_changed", "channel": "D0ANI", "message": now, "ts": new_ts()}
    preview: Json = {**changed, "message": {"user": "U0ANI", "text": "preview", "ts": ts}}
    assert door.event(preview) == 200
    assert door.messages(1)[-1].text == "stil down", "a preview of a link is no edit"
    assert door.event({**changed, "previous_message": {"text": "stil down"}}) == 200
    assert door.messages(1)[-1].text == "still down"
    deleted = {"type": "message", "subtype": "message_deleted", "channel": "D0ANI", "deleted_ts": ts, "ts": new_ts()}
    assert door.event(deleted) == 200
    assert door.messages(1)[-1].deleted_at is not None


def test_eyes_on_a_card_claim(door: Door, ticket: Ticket) -> None:
    card = door.posted(1, "card", "C0L1", "L1")
    door.reacts("U0LENA", "eyes", GENERAL, new_ts())
    assert door.tickets()[0].assignee is None
    door.reacts("U0LENA", "eyes", "C0L1", card)
    assert door.tickets()[0].assignee == "U0LENA"
    door.reacts("U0LARS", "eyes::skin-tone-2", "C0L1", card)
    assert "already claimed" in door.answers()[-1]


def test_check_mark_offers_to_resolve(door: Door, ticket: Ticket) -> None:
    card = door.posted(1, "card", "C0L1", "L1")
    door.reacts("U0LENA", "white_check_mark", "C0L1", card)
    assert door.tickets()[0].status is Status.NEW
    payload = door.work("answer")[-1].payload
    assert (payload["blocks"], payload["values"]["ticket_id"]) == ("resolve", 1)


def test_outbox_sends_only_ones_own_message(door: Door, ticket: Ticket) -> None:
    card = door.posted(1, "card", "C0L1", "L1")
    ts = door.says("U0LENA", "please restart", "C0L1", thread_ts=card)
    door.reacts("U0LARS", "outbox_tray", "C0L1", ts)
    assert "Only <@U0LENA>" in door.answers()[-1]
    assert [message.kind for message in door.messages(1)] == ["request", "note"]
    door.reacts("U0LENA", "outbox_tray", "C0L1", ts)
    assert (door.messages(1)[-1].kind, door.messages(1)[-1].text) == ("reply", "please restart")


def history_with(*messages: Json) -> Any:
    return lambda given: {"ok": True, "messages": [one for one in messages if one["ts"] == given["latest"]]}


def test_ticket_emoji_files_for_the_author(door: Door) -> None:
    ts = new_ts()
    door.api.answers["conversations.history"] = history_with(
        {"type": "message", "user": "U0BUDI", "text": "VPN?", "ts": ts}
    )
    door.reacts("U0LENA", "ticket", GENERAL, ts)
    assert door.tickets() == [], "the text is fetched by a worker"
    door.run_timer("file_from_reaction")
    door.run_timer("file_from_reaction")
    [ticket] = door.tickets()
    assert (ticket.requester, ticket.filed_by, ticket.source) == ("U0BUDI", "U0LENA", Source.REACTION)
    assert (ticket.source_channel, ticket.source_ts) == (GENERAL, ts)


def test_ticket_emoji_on_a_reply_is_fetched_from_its_thread(door: Door) -> None:
    root, ts = new_ts(), new_ts()
    reply = {"type": "message", "user": "U0ANI", "text": "VPN?", "ts": ts, "thread_ts": root}
    door.api.answers["conversations.history"] = {"ok": True, "messages": []}
    door.api.answers["conversations.replies"] = history_with(reply)
    door.reacts("U0ANI", "ticket", GENERAL, ts)
    door.run_timer("file_from_reaction")
    assert door.tickets()[0].source_ts == root


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"ok": False, "error": "not_in_channel"}, "The app cannot read this message."),
        ({"ok": True, "messages": []}, "The message to which you added 🎫 is gone."),
    ],
)
def test_ticket_emoji_that_cannot_be_followed_is_told(door: Door, answer: Json, told: str) -> None:
    door.api.answers["conversations.history"] = answer
    door.api.answers["conversations.replies"] = {"ok": False, "error": "thread_not_found"}
    door.reacts("U0LENA", "ticket", GENERAL, new_ts())
    door.run_timer("file_from_reaction")
    assert door.answers()[-1].startswith(told)


def test_ticket_emoji_of_somebody_else_needs_an_agent(door: Door) -> None:
    ts = new_ts()
    door.api.answers["conversations.history"] = history_with(
        {"type": "message", "user": "U0BUDI", "text": "VPN?", "ts": ts}
    )
    door.reacts("U0ANI", "ticket", GENERAL, ts)
    door.run_timer("file_from_reaction")
    assert door.tickets() == []
    assert "Only agents file on behalf of somebody" in door.answers()[-1]


def test_home_is_drawn_when_opened(door: Door) -> None:
    assert door.event({"type": "app_home_opened", "user": "U0ANI", "channel": "D0ANI", "tab": "messages"}) == 200
    assert door.work("home") == []
    assert door.event({"type": "app_home_opened", "user": "U0ANI", "channel": "D0ANI", "tab": "home"}) == 200
    assert [row.payload for row in door.work("home")] == [{"person": "U0ANI"}]
    with door.desk.reading() as tx:
        assert has_opened(tx.session, "U0ANI")


def test_changes_of_people_are_remembered(door: Door) -> None:
    user = {
        "id": "U0ANI",
        "name": "ani",
        "profile": {"display_name": "Ani S."},
        "tz": "Asia/Makassar",
        "locale": "id-ID",
    }
    assert door.event({"type": "user_change", "user": user}) == 200
    with door.desk.reading() as tx:
        ani = people.person(tx.session, "U0ANI")
        assert ani is not None
        assert (ani.name, ani.timezone, ani.locale) == ("Ani S.", "Asia/Makassar", "id")


def test_archived_channel_is_told_to_operators(door: Door) -> None:
    assert door.event({"type": "channel_archive", "channel": GENERAL, "user": "U0ANI"}) == 200
    assert door.answers() == []
    assert door.event({"type": "group_archive", "channel": "C0L1", "user": "U0ANI"}) == 200
    assert [row.payload["person"] for row in door.work("answer")] == ["U0OPER"]


def test_groups_outside_the_policy_are_ignored(door: Door) -> None:
    assert door.event({"type": "subteam_members_changed", "subteam_id": unique("S")}) == 200
    assert door.work("refresh_group") == []


def test_message_that_is_refused_is_told_and_accepted(door: Door) -> None:
    door.says("U0ANI", "x" * 50_000, "D0ANI")
    assert door.tickets() == []
    assert "50000" in door.answers()[0]
    door.again()
    assert len(door.answers()) == 1
    with door.desk.reading() as tx:
        assert tx.session.scalars(select(Ticket)).all() == []


def test_groups_of_the_policy_are_read_again(door: Door, helpdesk: Any) -> None:
    with door.desk.reading() as tx:
        it = tx.policy.queue("it")
        grouped = it.tiers[0].model_copy(update={"members": frozenset(), "groups": ("S0L1",)})
        queues = {**tx.policy.queues, "it": it.model_copy(update={"tiers": (grouped, *it.tiers[1:])})}
        groups = {"S0L1": GroupSnapshot(handle="it-l1", members=("U0LENA",))}
        policy = tx.policy.model_copy(update={"queues": queues, "user_groups": groups})
    helpdesk.apply(policy)
    door.api.answers["usergroups.users.list"] = {"ok": True, "users": ["U0LENA", "U0NEW"]}
    assert door.event({"type": "subteam_members_changed", "subteam_id": "S0L1", "added_users": ["U0NEW"]}) == 200
    door.run_timer("refresh_group")
    door.slash("U0ANI", "/ticket my VPN is down")
    assert door.slash("U0NEW", "/ticket claim 1") == "IT-1 is yours."
