"""Files of plugins' messages, whatever Slack, the network and people do meanwhile: seen once, in their place."""

import pytest
from sqlalchemy import select, update

from slackdesk.dispatch.model import LIVE, Work, WorkState, states_sql
from slackdesk.plugin import files
from slackdesk.plugin.checks import checked_files
from slackdesk.plugin.errors import PluginError
from slackdesk.plugin.model import PluginFile
from slackdesk.plugin.values import File
from slackdesk.sandbox import faults
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.slack import uploads

from .conftest import BadDesk, StartDesk

TELLS = """
@plugin.on(TicketFiled)
def handle(event, ctx):
    files = [File("a.csv", b"a;b", "Table"), File("b.png", b"png", "Picture", "A picture")]
    ctx.say({place}, Message("Here is more", files=files), key="k")
"""
IN_THREAD = TELLS.format(place="AgentsThread(event.ticket_id)")
TO_REQUESTER = TELLS.format(place="DirectMessage(event.actor)")
BOTH = ("a.csv", "b.png")


def go_on(desk: BadDesk) -> None:
    """Let everything try again at once, until nothing is left that can leave by itself."""
    for _ in range(8):
        with desk.desk.transaction() as tx:
            waiting = update(Work).where(states_sql(LIVE), Work.held_for.is_(None), Work.due_at <= tx.now)
            tx.session.execute(waiting.values(not_before=tx.real_now))
        desk.settle()


def shares(desk: BadDesk, by: str = "helpdesk-lead", in_: str = "#it-l1") -> list[SeenMessage]:
    return [seen for seen in desk.person(by).messages(in_) if seen.files]


def kept(desk: BadDesk) -> dict[str, bytes | None]:
    with desk.desk.reading() as tx:
        return {file.name: file.content for file in tx.session.scalars(select(PluginFile))}


FAULTS = {
    "announced, dropped": (uploads.UPLOAD, faults.dropped_before()),
    "announced, 500": (uploads.UPLOAD, faults.http_500(applied=True)),
    "announced too often": (uploads.UPLOAD, faults.rate_limited(1)),
    "carried up, dropped before": (faults.UPLOAD, faults.dropped_before()),
    "carried up, dropped after": (faults.UPLOAD, faults.dropped_after()),
    "carried up, 500": (faults.UPLOAD, faults.http_500()),
    "shared, dropped before": (uploads.SHARE, faults.dropped_before()),
    "shared, dropped after": (uploads.SHARE, faults.dropped_after()),
    "shared, 500": (uploads.SHARE, faults.http_500()),
    "shared, 500 after": (uploads.SHARE, faults.http_500(applied=True)),
    "shared, trouble inside": (uploads.SHARE, faults.slack_error("internal_error")),
    "shared too often": (uploads.SHARE, faults.rate_limited(1)),
}


@pytest.mark.parametrize(("method", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_files_are_seen_once(start_desk: StartDesk, method: str, fault: faults.Fault) -> None:
    desk = start_desk(bad=IN_THREAD)
    injection = desk.sandbox.faults.inject(method, fault)
    desk.files()
    desk.settle()
    assert injection.fired == 1
    go_on(desk)
    desk.person("helpdesk-lead").sees("Picture (b.png)", in_="#it-l1")
    go_on(desk)
    [share] = shares(desk)
    card, said = desk.person("helpdesk-lead").sees("My VPN is down"), desk.person("helpdesk-lead").sees("Here is more")
    assert (share.files, share.thread_ts) == (BOTH, said.thread_ts or card.ts)
    assert share.ts > said.ts
    assert share.file("b.png").alt_text == "A picture"
    assert kept(desk) == {"a.csv": None, "b.png": None}
    assert desk.rows("plugin_", WorkState.DEAD) == []


def test_files_whose_upload_slack_has_forgotten_are_carried_up_anew(start_desk: StartDesk) -> None:
    desk = start_desk(bad=IN_THREAD)
    desk.sandbox.faults.inject(uploads.SHARE, faults.http_500())
    desk.files()
    desk.settle()
    desk.sandbox.workspace.files.clear()
    go_on(desk)
    assert [share.files for share in shares(desk)] == [BOTH]


def test_files_that_slack_never_takes_are_given_up_and_forgotten(start_desk: StartDesk) -> None:
    desk = start_desk(bad=IN_THREAD)
    desk.sandbox.faults.inject(uploads.SHARE, faults.slack_error("file_not_found"), times=None)
    desk.files()
    desk.exhaust()
    assert len(desk.sandbox.journal.calls(uploads.SHARE)) == files.AGAIN_MAX + 1
    assert [row.state for row in desk.rows(files.SHARE)][-1] == WorkState.DEAD
    assert kept(desk) == {}
    desk.goes_on()


def test_a_file_that_slack_refuses_does_not_hold_back_the_others(start_desk: StartDesk) -> None:
    desk = start_desk(bad=IN_THREAD)
    refused = faults.slack_error("file_type_not_allowed")
    desk.sandbox.faults.inject(uploads.UPLOAD, refused, times=None, matching=lambda args: args["filename"] == "a.csv")
    desk.files()
    go_on(desk)
    assert [share.files for share in shares(desk)] == [("b.png",)]
    assert kept(desk) == {"b.png": None}


def test_files_of_a_message_that_was_deleted_go_with_it(start_desk: StartDesk) -> None:
    desk = start_desk(bad=TO_REQUESTER)
    desk.sandbox.faults.inject(uploads.SHARE, faults.http_500())
    desk.files()
    desk.settle()
    said = desk.person("maya").sees("Here is more", in_="dm")
    desk.sandbox.workspace.delete(said.message.channel_id, said.ts, desk.sandbox.workspace.bot)
    go_on(desk)
    assert shares(desk, "maya", "dm") == []
    assert kept(desk) == {}
    assert desk.rows("plugin_", WorkState.DEAD) == []


def test_files_for_a_channel_that_is_closed_wait_until_it_is_open(start_desk: StartDesk) -> None:
    desk = start_desk(bad=IN_THREAD)
    desk.sandbox.faults.inject(uploads.SHARE, faults.http_500())
    desk.files()
    desk.settle()
    workspace = desk.sandbox.workspace
    channel, admin = workspace.channel_by_name("it-l1"), workspace.user_by_handle("helpdesk-lead")
    workspace.archive(channel.id, admin)
    go_on(desk)
    assert [row.held_for for row in desk.rows(files.SHARE)] == [channel.id]
    assert shares(desk) == []
    workspace.unarchive(channel.id, admin)
    go_on(desk)
    assert [share.files for share in shares(desk)] == [BOTH]


def test_files_of_a_paused_plugin_wait(start_desk: StartDesk) -> None:
    desk = start_desk(bad=IN_THREAD)
    desk.sandbox.faults.inject(uploads.SHARE, faults.http_500())
    desk.files()
    desk.settle()
    desk.pause("bad", "it was slow")
    go_on(desk)
    assert shares(desk) == []
    desk.resume("bad")
    go_on(desk)
    assert [share.files for share in shares(desk)] == [BOTH]


def test_files_that_wait_in_vain_are_deleted(start_desk: StartDesk) -> None:
    desk = start_desk(bad=IN_THREAD)
    desk.sandbox.faults.inject(uploads.SHARE, faults.http_500())
    desk.files()
    desk.settle()
    with desk.desk.transaction() as tx:
        files.trim(tx.session, tx.now)
        assert len(tx.session.scalars(select(PluginFile)).all()) == 2
        files.trim(tx.session, tx.now + files.KEPT * 2)
    assert kept(desk) == {}


OTHERWISE = {
    "no file": ("report.csv", "in the place of a File"),
    "no name": (File("", b"a", "T"), "name = ''"),
    "no extension": (File("report", b"a", "T"), "name = 'report'"),
    "a path": (File("../a.csv", b"a", "T"), "name = '../a.csv'"),
    "no content": (File("a.csv", b"", "T"), "1 to 1,000,000 bytes"),
    "too much": (File("a.csv", b"a" * 1_000_001, "T"), "1 to 1,000,000 bytes"),
    "a text for bytes": (File("a.csv", "a", "T"), "1 to 1,000,000 bytes"),  # type: ignore[arg-type]
    "no title": (File("a.csv", b"a", " "), "title = ' '"),
    "a picture that nobody describes": (File("a.png", b"a", "T"), "alt_text = None: say in 1 to 1,000"),
    "an endless description": (File("a.png", b"a", "T", "x" * 1001), "say in 1 to 1,000 characters"),
}


@pytest.mark.parametrize(("file", "mistake"), OTHERWISE.values(), ids=OTHERWISE.keys())
def test_a_file_that_cannot_be_sent_is_told(file: File, mistake: str) -> None:
    with pytest.raises(PluginError) as told:
        checked_files("say('k')", [file])
    assert mistake in str(told.value)
    assert str(told.value).startswith("say('k'): ")


def test_five_files_of_different_names_are_enough() -> None:
    several = [File(f"{number}.csv", b"a", "T") for number in range(6)]
    assert len(checked_files("say", several[:5])) == 5
    with pytest.raises(PluginError, match="more than 5 files"):
        checked_files("say", several)
    with pytest.raises(PluginError, match="two files have the same name"):
        checked_files("say", several[:1] * 2)
