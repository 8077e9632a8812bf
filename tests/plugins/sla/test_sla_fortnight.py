"""A simulated fortnight: what people read is what a plain model of the written rules expects, and nothing else.

By default a few tickets over a few days, around the night on which Berlin's clocks are turned back. The whole of it:
``SLACKDESK_TEST_TICKETS=300 SLACKDESK_TEST_DAYS=14``, with another ``SLACKDESK_TEST_SEED`` for other deeds.
"""

import logging
import os
import tomllib
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from slackdesk.testing.desk import PluginDesk

from .conftest import SLA as FOLDER
from .fortnight.compared import differences
from .fortnight.hours import Rules
from .fortnight.model import expected
from .fortnight.plan import plan
from .fortnight.played import Played
from .fortnight.policy import SLA, ZONES, policy_around, switch_after

TICKETS = int(os.environ.get("SLACKDESK_TEST_TICKETS", "12"))
DAYS = int(os.environ.get("SLACKDESK_TEST_DAYS", "4"))
SEED = int(os.environ.get("SLACKDESK_TEST_SEED", "20"))

logger = logging.getLogger(__name__)


def test_everybody_reads_what_the_rules_say_and_nothing_else(tmp_path: Path, database_url: str) -> None:
    switch = switch_after(datetime.now(UTC))
    text = policy_around(switch)
    begin = datetime.combine(switch, time(), UTC) - timedelta(days=DAYS // 2)
    end = begin + timedelta(days=DAYS, seconds=30)
    policy = tomllib.loads(text)
    desk = PluginDesk(FOLDER, tmp_path, SLA, database_url=database_url, policy=text)
    for handle, zone in ZONES.items():
        user = desk.sandbox.workspace.user_by_handle(handle)
        desk.sandbox.workspace.update_user(user.id, tz=zone, locale="en-US")
    with desk:
        desk.advance(begin - desk.now)
        played = Played(desk)
        played.play(plan(policy, SEED, TICKETS, begin, DAYS), end)
        assert desk.sandbox.journal.illegal() == []
    lines = expected(Rules(policy, SLA, ZONES), played.done, end)
    logger.info("%s deeds, %s messages, %s lines", len(played.done), len(played.messages), len(played.read))
    assert lines, "nothing was due"
    assert "\n".join(differences(lines, played.read, played.done)) == ""
    assert [message for message, count in Counter(played.messages).items() if count > 1] == []
