"""Reports over ninety days, as the command lines of slackdesk make them."""

import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta

from people_at_work import Act, AtWork
from slackdesk_plugins.digest.periods import parse_period
from slackdesk_plugins.digest.report import Report, make_report

from slackdesk.plugin import replaying
from slackdesk.plugin.context import Context
from slackdesk.plugin.unit_of_work import run

DAYS = 90
PROGRESS_AFTER = 10_000
"""Tickets after which a line says how far it is."""


def summary(side: AtWork) -> Act:
    """What ``slackdesk report --period 90d`` counts, the ninety days before for comparison included."""

    def make(ctx: Context) -> Report:
        reader = ctx.reader()
        return make_report(ctx, reader, parse_period("90d", ctx.now, reader.timezone), list(ctx.policy.queues))

    return lambda: run(side.desk, side.registry, side.registry.active["digest"], make)


def replay(side: AtWork) -> Act:
    """What ``slackdesk policy replay`` measures: each ticket of ninety days under the policy in force and another one.

    Its targets are the same: as much is to be computed under each.
    """
    with side.desk.reading() as tx:
        policy, since = tx.policy, tx.now - timedelta(days=DAYS)
    return lambda: replaying.replay(side.desk, side.registry, policy, since=since, track=_told)


def _told(ids: Sequence[int]) -> Iterator[int]:
    for number, ticket_id in enumerate(ids):
        if number % PROGRESS_AFTER == 0:
            print(f"replaying {number:,} of {len(ids):,} …", file=sys.stderr)
        yield ticket_id
