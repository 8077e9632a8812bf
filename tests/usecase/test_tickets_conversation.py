"""What is said on which side, and what crosses over."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from slackdesk.dispatch.model import WorkState
from slackdesk.errors import InvalidInput, NotAllowed, WrongState
from slackdesk.tickets import service
from slackdesk.tickets.model import MessageKind, MessageState, Source, Status
from slackdesk.tickets.queries import history_of, messages_of, ticket_at


def test_a_requesters_message_is_shown_to_the_agents(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.says(ticket, cast.ani, "It is a ThinkPad")
    assert len(helpdesk.work("agents_message")) == 1
    assert helpdesk.ticket(ticket.id).status is Status.NEW


def test_the_same_message_twice_is_one(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    for _ in range(2):
        helpdesk.says(ticket, cast.ani, "Hello", ts="1700000001.000001")
    with helpdesk.database.read() as session:
        assert [message.text for message in messages_of(session, ticket.id)] == ["My VPN is down", "Hello"]


def test_an_answer_ends_the_waiting_and_starts_the_promise(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.do(service.wait_for_requester, ticket.id, cast.lena)
    helpdesk.advance(hours=1)
    helpdesk.says(ticket, cast.ani, "ok")
    answered = helpdesk.ticket(ticket.id)
    assert answered.status is Status.IN_PROGRESS
    assert answered.promised_from > ticket.created_at


def test_a_message_reopens_a_resolved_ticket_and_thanks_do_not(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.resolve(ticket, cast.lena)
    for polite in ("Thanks a lot!", "terima kasih kak", "🙏"):
        helpdesk.says(ticket, cast.ani, polite)
    assert helpdesk.ticket(ticket.id).status is Status.RESOLVED
    helpdesk.says(ticket, cast.ani, "thanks but it still fails")
    reopened = helpdesk.ticket(ticket.id)
    assert (reopened.status, reopened.reopened_count, reopened.assignee) == (Status.IN_PROGRESS, 1, cast.lena)
    assert [row.payload["person"] for row in helpdesk.work("person_notice", "reopened")] == [cast.lena]


def test_a_message_on_a_closed_ticket_files_a_linked_one(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file(topic="Laptop")
    helpdesk.resolve(ticket, cast.lena)
    helpdesk.do(service.confirm_ticket, ticket.id, cast.ani)
    assert helpdesk.says(ticket, cast.ani, "thank you").id == ticket.id
    linked = helpdesk.says(ticket, cast.ani, "Now it is broken again")
    assert (linked.follows, linked.status, linked.topic) == (ticket.id, Status.NEW, "Laptop")
    assert helpdesk.says(ticket, cast.ani, "Very broken").id == linked.id
    assert helpdesk.ticket(ticket.id).status is Status.CLOSED
    told = helpdesk.work("requester_notice", "follow_up")
    assert [(row.payload["ticket_id"], row.payload["values"]) for row in told] == [
        (ticket.id, {"number": linked.number})
    ]


def test_a_channels_thread_goes_on_in_the_linked_ticket(helpdesk: Any, cast: Any) -> None:
    place = {"source": Source.CHANNEL, "source_channel": "C0HELP", "source_ts": "1700000000.000100"}
    ticket = helpdesk.file(**place)
    helpdesk.resolve(ticket, cast.lena)
    helpdesk.do(service.close_ticket, ticket.id, cast.lena)
    linked = helpdesk.says(ticket, cast.ani, "Again", channel="C0HELP")
    with helpdesk.database.read() as session:
        found = ticket_at(session, "C0HELP", "1700000000.000100")
    assert found is not None
    assert found[0].id == linked.id != ticket.id


def test_others_in_a_channels_thread_change_no_status(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.resolve(ticket, cast.lena)
    helpdesk.says(ticket, cast.budi, "Me too, it is broken")
    assert helpdesk.ticket(ticket.id).status is Status.RESOLVED


def test_an_agents_word_in_the_requesters_thread_is_a_response(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.says(ticket, cast.lena, "Which laptop?")
    assert helpdesk.ticket(ticket.id).first_response_at is not None
    assert helpdesk.work("requester_message") == []
    with helpdesk.database.read() as session:
        assert messages_of(session, ticket.id)[-1].kind is MessageKind.REPLY


def test_an_edit_and_a_deletion_reach_the_agents(helpdesk: Any, cast: Any) -> None:
    place = {"source": Source.CHANNEL, "source_channel": "C0HELP", "source_ts": "1700000000.000100"}
    ticket = helpdesk.file(**place)
    helpdesk.do(service.edit_message, channel="C0HELP", ts="1700000000.000100", text="My WiFi is down")
    assert helpdesk.ticket(ticket.id).description == "My WiFi is down"
    assert helpdesk.work("agents_notice", "message_edited")[0].payload["values"]["text"] == "My WiFi is down"
    helpdesk.says(ticket, cast.ani, "My password is hunter2", ts="1700000001.000001")
    for _ in range(2):
        helpdesk.do(service.delete_message, channel="D0ANI", ts="1700000001.000001")
    assert len(helpdesk.work("agents_notice", "message_deleted")) == 1
    with helpdesk.database.read() as session:
        assert messages_of(session, ticket.id)[-1].text is None
    assert helpdesk.do(service.edit_message, channel="C0OTHER", ts="1.1", text="x") is None
    assert helpdesk.do(service.delete_message, channel="C0OTHER", ts="1.1") is None


def test_the_agents_thread_never_leaves(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    for number, author in enumerate((cast.lena, cast.theo, cast.budi)):
        helpdesk.do(
            service.record_agent_message,
            ticket_id=ticket.id,
            author=author,
            text="He always breaks it",
            files=(),
            channel="C0L1",
            ts=f"1.{number}",
        )
    with helpdesk.database.read() as session:
        kinds = {message.kind for message in messages_of(session, ticket.id)[1:]}
    assert kinds == {MessageKind.NOTE}
    assert helpdesk.run_timers() == []
    assert helpdesk.work("requester_message") == []
    assert helpdesk.ticket(ticket.id).first_response_at is None


def test_a_queue_may_mirror_and_a_lock_keeps_a_note(helpdesk: Any, cast: Any, policy_with: Any) -> None:
    helpdesk.apply(policy_with(conversation="mirror"))
    ticket = helpdesk.file()

    def writes(author: str, text: str, ts: str) -> None:
        helpdesk.do(
            service.record_agent_message,
            ticket_id=ticket.id,
            author=author,
            text=text,
            files=(),
            channel="C0L1",
            ts=ts,
        )

    writes(cast.lena, "🔒 careful", "1.1")
    writes(cast.lena, ":lock: careful", "1.2")
    writes(cast.mira, "a member of another tier", "1.3")
    writes(cast.lena, "Try again now", "1.4")
    assert helpdesk.run_timers() == ["send_reply"]
    assert len(helpdesk.work("requester_message")) == 1
    with helpdesk.database.read() as session:
        assert [message.kind for message in messages_of(session, ticket.id)[1:]] == ["note", "note", "note", "reply"]


def test_a_reply_counts_when_it_leaves(helpdesk_with_undo: Any, cast: Any) -> None:
    helpdesk = helpdesk_with_undo(timedelta(milliseconds=1))
    ticket = helpdesk.file()
    message = helpdesk.do(service.reply_to_requester, ticket.id, cast.lena, "Try again")
    assert message.state is MessageState.PENDING
    assert helpdesk.ticket(ticket.id).first_response_at is None
    assert helpdesk.work("reply_pending")[0].payload["person"] == cast.lena
    deadline = time.monotonic() + 10
    while not helpdesk.run_timers():
        assert time.monotonic() < deadline
    assert helpdesk.ticket(ticket.id).first_response_at is not None
    assert len(helpdesk.work("requester_message")) == 1
    helpdesk.do(service.send_reply_now, message.id, shown_to_agents=False)  # a timer that runs twice
    assert len(helpdesk.work("requester_message")) == 1
    with pytest.raises(WrongState, match="Too late"):
        helpdesk.do(service.undo_reply, message.id, cast.lena)


def test_an_undone_reply_never_leaves(helpdesk_with_undo: Any, cast: Any) -> None:
    helpdesk = helpdesk_with_undo(timedelta(hours=1))
    ticket = helpdesk.file()
    message = helpdesk.do(service.reply_to_requester, ticket.id, cast.lena, "Wrong window")
    assert helpdesk.run_timers() == []
    helpdesk.advance(hours=2)  # desk time does not make a reply leave: undoing is in real time
    assert helpdesk.run_timers() == []
    with pytest.raises(NotAllowed, match="<@U0LENA>"):
        helpdesk.do(service.undo_reply, message.id, cast.lars)
    for _ in range(2):
        helpdesk.do(service.undo_reply, message.id, cast.lena)
    assert [row.state for row in helpdesk.work("send_reply")] == [WorkState.CANCELLED]
    helpdesk.do(service.send_reply_now, message.id, shown_to_agents=False)
    assert helpdesk.work("requester_message") == []
    with helpdesk.database.read() as session:
        assert [entry.kind for entry in history_of(session, ticket.id)][-2:] == ["reply_written", "reply_undone"]


def test_replies_and_notes_need_words(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    for use_case in (service.reply_to_requester, service.add_note):
        with pytest.raises(InvalidInput) as refused:
            helpdesk.do(use_case, ticket.id, cast.lena, " \n ")
        assert refused.value.field == "text"
    with pytest.raises(NotAllowed):
        helpdesk.do(service.add_note, ticket.id, cast.ani, "I am the requester")


@pytest.mark.parametrize("case", range(5))
def test_undoing_and_leaving_never_both_win(helpdesk_with_undo: Any, cast: Any, case: int) -> None:
    helpdesk = helpdesk_with_undo(timedelta(hours=1))
    ticket = helpdesk.file()
    message = helpdesk.do(service.reply_to_requester, ticket.id, cast.lena, "Try again")
    start = threading.Barrier(2)
    refused: list[WrongState] = []

    def undo() -> None:
        start.wait()
        try:
            helpdesk.do(service.undo_reply, message.id, cast.lena)
        except WrongState as too_late:
            refused.append(too_late)

    def leave() -> None:
        start.wait()
        helpdesk.do(service.send_reply_now, message.id, shown_to_agents=False)

    threads = [threading.Thread(target=act) for act in (undo, leave)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with helpdesk.database.read() as session:
        state = messages_of(session, ticket.id)[-1].state
    left = len(helpdesk.work("requester_message"))
    assert (state, left, len(refused)) in ((MessageState.SENT, 1, 1), (MessageState.UNDONE, 0, 0))
