"""How fast requests are accepted over HTTP, beside a bare Bolt app in the same server on the same database."""

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from beside import HERE, company, postgresql, redis, running, sqlite, wait_until
from outcome import Bench, Figure, Target
from servers import free_port
from sqlalchemy import create_engine, func, select
from traffic import Measured, at_a_pace, at_full_speed, listens, signed_requests

from slackdesk.demo.stage import Stage
from slackdesk.tickets.model import Ticket

DATABASES = {"SQLite": sqlite, "PostgreSQL": postgresql}
ROUNDS = 5
ROUND_SECONDS = 3.0
REQUESTS_PER_ROUND = 20_000
PACE_PER_SECOND = 100.0
PACE_SECONDS = 20.0
SHARE_WANTED = 0.5
P99_WANTED_MILLISECONDS = 150.0
CAUSE = (
    "a filing runs a dozen statements in one transaction (ticket, message, stay, history, two sends, its inbox key, "
    "looks for the policy, the person and the same request), the bare app one; with the plugin of service levels there "
    "are one more row of work and, for the promise in the answer, a snapshot of its own with five statements; of the "
    "processor time that it takes without plugins, SQLAlchemy has half, SQLite an eighth, slackdesk's own lines a tenth"
)


@dataclass(frozen=True)
class Apps:
    """slackdesk's app, the process at the edge alone, and the bare one; each on a port of its own."""

    stage: Stage
    desk_port: int
    bare_port: int
    payloads: dict[str, dict[str, Any]]
    people: list[str]

    def requests(self, door: str, count: int) -> list[bytes]:
        """Signed now: Slack's signatures are good for five minutes."""
        return signed_requests(self.payloads[door], self.people, count, self.stage.sandbox.signing_secret)

    def tickets(self) -> int:
        """How many there are."""
        engine = create_engine(self.stage.environment["DATABASE_URL"])
        with engine.connect() as connection:
            count: int = connection.execute(select(func.count()).select_from(Ticket)).scalar_one()
        engine.dispose()
        return count


@contextmanager
def two_apps(database_url: str) -> Iterator[Apps]:
    """Both apps on the same database; nobody sweeps and no worker runs, so that the edge alone is measured."""
    with tempfile.TemporaryDirectory() as name, redis() as redis_url:
        folder, bare_port = Path(name), free_port()
        environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SLACKDESK_CLOCK": "real"}
        stage = Stage(folder, transport="http", environment=environment, workspace=company())
        stage.policy_file.write_text(files("slackdesk.policy").joinpath("example.toml").read_text("utf-8"))
        with stage.sandbox:
            done = stage.command("migrate")
            assert done.returncode == 0, done.stderr
            words = ("-m", "slackdesk", "app", "--port", str(stage.port))
            with (
                running(*words, environment=stage.environment, folder=folder),
                running(str(HERE / "bare.py"), "app", str(bare_port), environment=stage.environment, folder=folder),
            ):
                wait_until(lambda: listens(stage.port) and listens(bare_port), "both apps listen")
                stage.sandbox.deliver_over_http(f"http://127.0.0.1:{stage.port}/slack/events")
                people = [user.id for user in stage.sandbox.workspace.users.values() if not user.is_bot]
                yield Apps(stage, stage.port, bare_port, _captured(stage), people)


def _captured(stage: Stage) -> dict[str, dict[str, Any]]:
    """What Slack delivers when somebody files by form and by command, as the simulated workspace delivered it."""
    person = stage.person("maya")
    person.slash("/ticket My VPN drops")
    person.slash("/ticket")
    person.modal.fill({"What is it about?": "Network and VPN", "What do you need?": "Please mend my VPN"}).submit()
    payloads = [delivery.payload for delivery in stage.sandbox.journal.deliveries()]
    return {
        "command": next(payload for payload in payloads if payload.get("text") == "My VPN drops"),
        "form": next(payload for payload in payloads if payload.get("type") == "view_submission"),
    }


def _rates(apps: Apps, door: str) -> tuple[float, float]:
    """Medians of both apps, of rounds that take turns."""
    desk: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        bare.append(at_full_speed(apps.bare_port, apps.requests(door, REQUESTS_PER_ROUND), ROUND_SECONDS).rate)
        before = apps.tickets()
        measured = at_full_speed(apps.desk_port, apps.requests(door, REQUESTS_PER_ROUND), ROUND_SECONDS)
        assert apps.tickets() - before == measured.answered, "what was acknowledged is not what was filed"
        desk.append(measured.rate)
    return statistics.median(desk), statistics.median(bare)


def _rate_figure(rates: dict[str, tuple[float, float]]) -> Figure:
    shares = {door: desk / bare for door, (desk, bare) in rates.items()}
    text = "; ".join(
        f"{door}: {shares[door]:.0%} ({desk:.0f}/s beside {bare:.0f}/s)" for door, (desk, bare) in rates.items()
    )
    return Figure(text, min(shares.values()) >= SHARE_WANTED)


def _pace_figure(paced: dict[str, Measured]) -> Figure:
    count = round(PACE_PER_SECOND * PACE_SECONDS)
    text = "; ".join(
        f"{door}: median {one.percentile_milliseconds(50):.0f} ms, 99 % {one.percentile_milliseconds(99):.0f} ms, "
        f"{one.answered} of {count} accepted"
        for door, one in paced.items()
    )
    slowest = max(one.percentile_milliseconds(99) for one in paced.values())
    return Figure(text, slowest < P99_WANTED_MILLISECONDS and all(one.answered == count for one in paced.values()))


def measure() -> Sequence[Figure]:
    """Rates at full speed, then answers at a pace, on each database."""
    figures = []
    for database in DATABASES.values():
        with database() as url, two_apps(url) as apps:
            paced = {}
            for door in apps.payloads:
                requests = apps.requests(door, round(PACE_PER_SECOND * PACE_SECONDS))
                paced[door] = at_a_pace(apps.desk_port, requests, PACE_PER_SECOND)
            rates = {door: _rates(apps, door) for door in apps.payloads}
        figures += [_rate_figure(rates), _pace_figure(paced)]
    return figures


BENCH = Bench(
    tuple(
        target
        for name in DATABASES
        for target in (
            Target(
                f"Accepting a request over HTTP at full speed, {name}",
                "≥ 50 % of the rate of a bare Bolt app that commits one row",
                CAUSE,
            ),
            Target(f"Accepting 100 requests a second over HTTP, {name}", "99 % within 150 ms", CAUSE),
        )
    ),
    measure,
)
