"""Reports over ninety days, as the command lines of slackdesk make them."""

from people_at_work import Act, AtWork
from slackdesk_plugins.digest.periods import parse_period
from slackdesk_plugins.digest.report import Report, make_report

from slackdesk.plugin.context import Context
from slackdesk.plugin.unit_of_work import run


def summary(side: AtWork) -> Act:
    """What ``slackdesk report --period 90d`` counts, the ninety days before for comparison included."""

    def make(ctx: Context) -> Report:
        reader = ctx.reader()
        return make_report(ctx, reader, parse_period("90d", ctx.now, reader.timezone), list(ctx.policy.queues))

    return lambda: run(side.desk, side.registry, side.registry.active["digest"], make)
