"""A simulated fortnight: what people read is what a plain model of the written rules expects, and nothing else.

By default a few tickets over a few days, around the night on which Berlin's clocks are turned back. The whole of it:
``SLACKDESK_TEST_TICKETS=300 SLACKDESK_TEST_DAYS=14``, with another ``SLACKDESK_TEST_SEED`` for other deeds. The same on
a desk whose processes are killed and whose Redis loses everything: ``SLACKDESK_TEST_STRUCK_TICKETS=300
SLACKDESK_TEST_STRUCK_DAYS=14 SLACKDESK_TEST_FLUSHES=10 SLACKDESK_TEST_KILLS=60``, which takes an hour.

Desk time stands while the desk works, so that each message is due in one minute, however busy the machine is.
"""

import logging
import os
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from slackdesk.dispatch.model import Work, WorkState
from slackdesk.sandbox import Workspace
from slackdesk.sandbox.company import acme
from slackdesk.testing.desk import PluginDesk, policy_text

from .conftest import SLA as FOLDER
from .fortnight.compared import differences
from .fortnight.hours import Rules
from .fortnight.mishaps import Mishaps
from .fortnight.model import expected
from .fortnight.plan import VERBS, Deed, plan
from .fortnight.played import HEADS, Played
from .fortnight.policy import ALONE, SLA, ZONES, policy_around, switch_after
from .fortnight.running import RunningDesk


def _number(name: str, default: int) -> int:
    return int(os.environ.get(f"SLACKDESK_TEST_{name}", default))


BY_DEFAULT = 20, 6, 111
TICKETS, DAYS, SEED = map(_number, ("TICKETS", "DAYS", "SEED"), BY_DEFAULT)
MANY = 100
STRUCK_TICKETS, STRUCK_DAYS = _number("STRUCK_TICKETS", 4), _number("STRUCK_DAYS", 6)
FLUSHES, KILLS = _number("FLUSHES", 2), _number("KILLS", 3)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Play:
    """So many tickets in so many days around the switch."""

    tickets: int
    days: int

    @property
    def policy(self) -> str:
        return policy_around(self._switch)

    @property
    def begin(self) -> datetime:
        return datetime.combine(self._switch, time(), UTC) - timedelta(days=self.days // 2)

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(days=self.days, seconds=30)

    @property
    def deeds(self) -> list[Deed]:
        return plan(tomllib.loads(self.policy), SEED, self.tickets, self.begin, self.days)

    @property
    def _switch(self) -> date:
        return switch_after(datetime.now(UTC))

    def compare(self, played: Played) -> None:
        """Each line that is due was read once, in its minute; nothing else was."""
        lines = expected(Rules(tomllib.loads(self.policy), SLA, ZONES), played.done, self.end)
        logger.info("%s", dict(Counter(deed.verb for deed in played.done)))
        logger.info("%s deeds, %s messages, %s lines", len(played.done), len(played.messages), len(played.read))
        assert lines, "nothing was due"
        if found := differences(lines, played.read, played.done):
            pytest.fail("\n".join([f"{len(found)} differences", *found]))
        assert [message for message, count in Counter(played.messages).items() if count > 1] == []


def test_the_model_shares_nothing_with_slackdesk() -> None:
    folder, model = Path(__file__).parent / "fortnight", {"model", "events", "state", "hours", "plan"}
    for name in model:
        used = re.findall(r"^(?:from|import) (\S+)", (folder / f"{name}.py").read_text("utf-8"), re.MULTILINE)
        assert {one.removeprefix(".") for one in used if one.startswith(".")} <= model
        assert [one for one in used if one.startswith("slackdesk")] == []


def test_the_plan_has_in_it_what_a_fortnight_may_bring() -> None:
    play = Play(TICKETS, DAYS)
    begin, end, policy = play.begin, play.end, tomllib.loads(play.policy)
    offsets = {zone: [at.astimezone(ZoneInfo(zone)).utcoffset() for at in (begin, end)] for zone in ZONES.values()}
    assert any(first != last for first, last in offsets.values()), "a switch of clocks"
    assert len({first for first, _ in offsets.values()}) > 2, "people in several time zones"
    assert len({calendar["timezone"] for calendar in policy["calendars"].values()}) == 2
    dates = [
        (date.fromisoformat(day), texts)
        for calendar in policy["calendars"].values()
        for day, texts in calendar.get("dates", {}).items()
    ]
    assert any(not texts and day.weekday() < 5 and begin.date() < day < end.date() for day, texts in dates), "a holiday"
    assert {deed.verb for deed in play.deeds} == set(VERBS)
    assert {deed.queue for deed in play.deeds if deed.verb == "file"} == set(policy["queues"])


def test_everybody_reads_what_the_rules_say_and_nothing_else(tmp_path: Path, database_url: str) -> None:
    play = Play(TICKETS, DAYS)
    desk = PluginDesk(FOLDER, tmp_path, SLA, database_url=database_url, policy=play.policy, stands_from=play.begin)
    _settle_people(desk.sandbox.workspace, play.policy)
    with desk:
        played = Played(desk)
        played.play(play.deeds, play.end)
        assert desk.sandbox.journal.illegal() == []
    play.compare(played)
    planned = {deed.verb for deed in play.deeds}
    assert {deed.verb for deed in played.done} == planned, "some button was never there to be pressed"
    if BY_DEFAULT != (TICKETS, DAYS, SEED) and TICKETS < MANY:
        return  # others of few tickets may lack what follows
    assert {one.head for one in played.read} == set(HEADS)
    assert {one.is_named for one in played.read if not one.more} == {True, False}, "private tickets have no title"


def test_they_read_the_same_when_redis_loses_everything_and_processes_are_killed(tmp_path: Path) -> None:
    play = Play(STRUCK_TICKETS, STRUCK_DAYS)
    workspace = acme()
    _settle_people(workspace, play.policy)
    policy = policy_text("sla", SLA, policy=play.policy) + ALONE
    deeds = play.deeds
    with RunningDesk(tmp_path, workspace, policy, play.begin) as desk:
        mishaps = Mishaps(desk.stage, SEED, steps=len(deeds), flushes=FLUSHES, kills=KILLS)
        desk.meanwhile = mishaps.strike
        played = Played(desk, before=mishaps.begin)
        played.play(deeds, play.end)
        assert desk.sandbox.journal.illegal() == []
        with desk.desk.reading() as tx:
            dead = select(Work.name, Work.last_error).where(Work.state == WorkState.DEAD)
            assert tx.session.execute(dead).all() == []
    logger.info("%s", dict(mishaps.happened))
    assert mishaps.left == 0
    play.compare(played)


def _settle_people(workspace: Workspace, policy: str) -> None:
    """Everybody who can be told anything in the own zone, and in the channels of the tiers."""
    for handle, zone in ZONES.items():
        workspace.update_user(workspace.user_by_handle(handle).id, tz=zone, locale="en-US")
    tiers = [tier for queue in tomllib.loads(policy)["queues"].values() for tier in queue["tiers"]]
    for tier in tiers:
        channel = next(one for one in workspace.channels.values() if f"#{one.name}" == tier["channel"])
        people = [workspace.user_by_handle(name.removeprefix("@")).id for name in (*tier["members"], tier["lead"])]
        channel.members += [person for person in people if person not in channel.members]
