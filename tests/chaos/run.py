"""The long run, from the command line: `python tests/chaos/run.py --seed 7 --requests 1000 [--postgresql]`.

Prints the plan before it is run, then how far it is, how often each fault fired, and the account. Exit code 1 when
anything differs, with the command that plays the same plan again; the evidence is kept then.
"""

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.chaos.campaign import Outcome, new_plan, run_campaign
from tests.chaos.faults import FAULTS
from tests.chaos.night import policy
from tests.chaos.plan import Plan
from tests.chaos.world import World

DIFFERENCES_SHOWN = 20
console = Console(highlight=False, soft_wrap=True)


def main(
    seed: int = typer.Option(..., help="What the plan of deeds and faults is drawn from"),
    requests: int = typer.Option(1000, min=1, help="How many requests people file"),
    strikes: int | None = typer.Option(None, min=0, help="How many faults strike; one for four requests by default"),
    postgresql: bool = typer.Option(False, "--postgresql", help="On a PostgreSQL server of its own, else on SQLite"),
    http: bool = typer.Option(False, "--http", help="Slack delivers over signed HTTP, else over Socket Mode"),
    rate_scale: float = typer.Option(60.0, min=0.1, help="Multiple of Slack's pace"),
    folder: Annotated[Path | None, typer.Option(help="Where the desk works; a new folder by default")] = None,
) -> None:
    """Run the plan of a seed, and draw the account."""
    own_folder = Path(tempfile.mkdtemp(prefix="slackdesk-chaos-")) if folder is None else folder
    world = World(
        own_folder,
        database="postgresql" if postgresql else "sqlite",
        transport="http" if http else "socket",
        rate_scale=rate_scale,
        policy=policy(datetime.now(UTC)),
    )
    strikes = max(1, requests // 4) if strikes is None else strikes
    plan = new_plan(world, seed, requests, FAULTS, strikes)
    console.print(str(plan), markup=False)
    outcome = _played(world, plan)
    _show(outcome)
    if not outcome.account.differences:
        if folder is None:
            shutil.rmtree(own_folder)
        return
    for difference in outcome.account.differences[:DIFFERENCES_SHOWN]:
        console.print(f"- {difference}", markup=False)
    console.print(f"{len(outcome.account.differences)} differences; the evidence is in {own_folder}")
    flags = "".join(f" --{name}" for name, given in (("postgresql", postgresql), ("http", http)) if given)
    console.print(
        f"again: python tests/chaos/run.py --seed {seed} --requests {requests} --strikes {strikes} "
        f"--rate-scale {rate_scale:g}{flags}"
    )
    raise typer.Exit(1)


def _played(world: World, plan: Plan) -> Outcome:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        deeds = progress.add_task("deeds", total=plan.deed_count)
        journeys = progress.add_task("requests", total=len(plan.journeys))

        def tell(deeds_begun: int, journeys_done: int) -> None:
            progress.update(deeds, completed=deeds_begun)
            if journeys_done > progress.tasks[journeys].completed:
                progress.update(journeys, completed=journeys_done)
                if not console.is_terminal and journeys_done % 50 == 0:
                    console.print(f"{journeys_done} requests, {deeds_begun} deeds")

        with world:
            return run_campaign(world, plan, FAULTS, tell)


def _show(outcome: Outcome) -> None:
    table = Table("fault", "struck", "fired", title="Faults")
    for name, struck in outcome.struck.items():
        table.add_row(name, str(struck), str(outcome.fired[name]))
    console.print(table)
    table = Table("compared", "count", title="Account")
    for name, count in outcome.account.counts.items():
        table.add_row(name, str(count))
    table.add_row("tried again by people", str(outcome.tried_again))
    table.add_row("differences", str(len(outcome.account.differences)))
    console.print(table)
    console.print(f"{outcome.traffic_seconds:.0f} s of traffic, {outcome.rest_seconds:.0f} s until all was at rest")


if __name__ == "__main__":
    typer.run(main)
