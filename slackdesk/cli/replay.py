"""``slackdesk policy replay``: what a changed policy would have made of the tickets of the last weeks."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from slackdesk import bootstrap
from slackdesk.cli.problems import problems_are_told
from slackdesk.plugin.replaying import Replay, Tally, replay
from slackdesk.policy.changed import with_rules_of
from slackdesk.settings import read_settings

_output = Console(highlight=False, soft_wrap=True)


def replay_policy(
    path: Annotated[Path, typer.Argument(help="The changed policy file.")],
    days: Annotated[int, typer.Option(min=1, help="Tickets filed in so many days.")] = 90,
) -> None:
    """Run past tickets through a changed policy: attainment and breaches before and after. Nothing is changed."""
    with problems_are_told():
        settings = read_settings()
        _, file = bootstrap.read_policy_file(path)
        bootstrap.check_plugin_settings(settings, file)
        registry = bootstrap.open_plugins(settings)
        desk = bootstrap.open_desk(settings, registry)
        try:
            with desk.reading() as tx:
                now, changed = tx.now, with_rules_of(tx.policy, file, tx.now.date())
            found = replay(desk, registry, changed, since=now - timedelta(days=days), track=_tracked)
        finally:
            desk.database.close()
    _print(found, days)


def _tracked(ids: Sequence[int]) -> Iterable[int]:
    """With a progress bar, where somebody looks."""
    return track(ids, "Replaying", console=Console(stderr=True), transient=True)


def _print(found: Replay, days: int) -> None:
    tickets = "1 ticket" if found.tickets == 1 else f"{found.tickets} tickets"
    _output.print(f"{tickets} of the last {days} days, under the policy in force → under the changed one:")
    if not found.keys:
        _output.print("Neither promises anything for them.")
        return
    table = Table("Queue", "Priority", "Clock", "Attainment", "Breaches")
    for key in found.keys:
        before, after = found.before[key], found.after[key]
        attainment = f"{_percent(before)} → {_percent(after)}"
        table.add_row(*key, attainment, f"{before.breaches} → {after.breaches}")
    _output.print(table)


def _percent(tally: Tally) -> str:
    percent = tally.attainment_percent
    return "-" if percent is None else f"{percent:.0f} % of {tally.met + tally.missed}"
