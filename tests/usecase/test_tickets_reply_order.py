"""Replies leave in the order in which they were written, however many workers there are."""

from datetime import UTC, datetime, timedelta
from typing import Any

from slackdesk.dispatch import work
from slackdesk.tickets import service

LATER = datetime(2100, 1, 1, tzinfo=UTC)


def is_taken(helpdesk: Any, work_id: int) -> bool:
    with helpdesk.database.begin() as session:
        lease = timedelta(minutes=1)
        row = work.claim(session, work_id, queue="now", holder="one", now=LATER, real_now=LATER, lease=lease)
        return row is not None


def test_a_reply_waits_for_the_one_before_it(helpdesk_with_undo: Any, cast: Any) -> None:
    helpdesk = helpdesk_with_undo(timedelta(seconds=10))
    ticket, other = helpdesk.file(), helpdesk.file(text="Something else")
    for text in ("Restart it", "Then log in"):
        helpdesk.do(service.reply_to_requester, ticket.id, cast.lena, text)
    helpdesk.do(service.reply_to_requester, other.id, cast.lena, "On its way")
    first, second, of_other = helpdesk.work("send_reply")
    assert not is_taken(helpdesk, second.id)
    assert is_taken(helpdesk, of_other.id)
    assert is_taken(helpdesk, first.id)
    assert not is_taken(helpdesk, second.id), "the first one is under way"


def test_a_reply_does_not_wait_for_one_that_was_taken_back(helpdesk_with_undo: Any, cast: Any) -> None:
    helpdesk = helpdesk_with_undo(timedelta(seconds=10))
    ticket = helpdesk.file()
    first = helpdesk.do(service.reply_to_requester, ticket.id, cast.lena, "Wrong window")
    helpdesk.do(service.reply_to_requester, ticket.id, cast.lena, "Restart it")
    helpdesk.do(service.undo_reply, first.id, cast.lena)
    assert is_taken(helpdesk, helpdesk.work("send_reply")[-1].id)
