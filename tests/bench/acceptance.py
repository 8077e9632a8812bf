"""How fast requests are accepted over HTTP, beside a bare Bolt app in the same server on the same database."""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, select

from bench_servers import DATABASES, free_port, listens, redis, running, wait_until
from slackdesk.demo.stage import Stage
from slackdesk.tickets.model import Ticket
from traffic import Measured, at_a_pace, at_full_speed, signed_requests

ROUNDS = 3
ROUND_SECONDS = 3.0
REQUESTS_PER_ROUND = 6_000
PACE_PER_SECOND = 100.0
PACE_SECONDS = 20.0
DOORS = {"form": "view_submission that files a ticket", "command": "/ticket with text"}


@contextmanager
def two_apps(database_url: str) -> Iterator[tuple[Stage, int, int]]:
    """slackdesk's app (the process at the edge alone) and the bare one; the stage, and their ports."""
    with tempfile.TemporaryDirectory() as name, redis() as redis_url:
        folder, bare_port = Path(name), free_port()
        stage = Stage(folder, transport="http", environment={"DATABASE_URL": database_url, "REDIS_URL": redis_url})
        stage.policy_file.write_text(files("slackdesk.policy").joinpath("example.toml").read_text("utf-8"))
        with stage.sandbox:
            words = ("-m", "slackdesk", "app", "--port", str(stage.port))
            done = stage.command("migrate")
            assert done.returncode == 0, done.stderr
            with (
                running(*words, environment=stage.environment, folder=folder),
                running(str(BARE), "app", str(bare_port), environment=stage.environment, folder=folder),
            ):
                for port in (stage.port, bare_port):
                    wait_until(lambda port=port: listens(port), (folder / "log").read_text)
                stage.sandbox.deliver_over_http(f"http://127.0.0.1:{stage.port}/slack/events")
                yield stage, stage.port, bare_port


BARE = Path(__file__).parent / "bare.py"


def captured(stage: Stage) -> dict[str, dict[str, Any]]:
    """What Slack delivers when somebody files by form and by command, as the simulated workspace delivered it."""
    person = stage.person("maya")
    person.slash("/ticket My VPN drops")
    person.slash("/ticket")
    person.modal.fill({"What is it about?": "Network and VPN", "What do you need?": "Please mend my VPN"}).submit()
    deliveries = stage.sandbox.journal.deliveries()
    return {
        "command": next(one.payload for one in deliveries if one.payload.get("text") == "My VPN drops"),
        "form": next(one.payload for one in deliveries if one.payload.get("type") == "view_submission"),
    }


def accepted(stage: Stage) -> int:
    """Tickets in the database."""
    engine = create_engine(stage.environment["DATABASE_URL"])
    with engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(Ticket)).scalar_one()
    engine.dispose()
    return count


def rates(stage: Stage, door: str, ports: tuple[int, int], rounds: int = ROUNDS):
    payload = captured(stage)[door]
    people = [user.id for user in stage.sandbox.workspace.users.values() if not user.is_bot]
    secret = stage.sandbox.signing_secret
    found = ([], [])
    for _ in range(rounds):
        for side, port in enumerate(ports):
            requests = signed_requests(payload, people, REQUESTS_PER_ROUND, secret)
            before = accepted(stage)
            measured = at_full_speed(port, requests, ROUND_SECONDS)
            assert accepted(stage) - before == (measured.answered if side == 0 else 0)
            found[side].append(measured.rate)
    return found

if __name__ == "__main__":
    for name, database in DATABASES.items():
        with database() as url, two_apps(url) as (stage, a, b):
            for door in DOORS:
                ours, bare = rates(stage, door, (a, b))
                print(name, door, ours, bare, statistics.median(ours) / statistics.median(bare))
