"""``slackdesk run | app | worker | beat``: the processes of a desk, together or one by one."""

import signal
from enum import StrEnum

import typer
from rich.console import Console

from slackdesk.logs import configure_logging
from slackdesk.processes.app import require_transport, run_app
from slackdesk.processes.desk import run_desk
from slackdesk.processes.loops import run_beat_process, run_worker_process
from slackdesk.processes.plugins_at_start import prepare_plugins
from slackdesk.processes.policy_at_start import put_policy_file_in_force
from slackdesk.settings import Settings, read_settings

PORT = typer.Option(3000, min=1, max=65535, help="Port for /slack/events and /healthz, in HTTP mode")
HEALTH_PORT = typer.Option(
    None, min=1, max=65535, help="Serve /healthz and /metrics on this port, to this machine alone"
)


class WorkQueue(StrEnum):
    """Which work a worker takes: what a person waits for, or summaries, exports and other bulk."""

    NOW = "now"
    SLOW = "slow"


def run(
    port: int = PORT,
    health_port: int | None = HEALTH_PORT,
    workers: int = typer.Option(1, min=1, help="How many workers take what a person waits for"),
) -> None:
    """Run the whole desk on this machine until Ctrl-C or SIGTERM.

    App, beat, workers, and a Redis-compatible server where REDIS_URL is not set. With SLACK_APP_TOKEN Slack delivers
    over Socket Mode, else, with SLACK_SIGNING_SECRET, over signed HTTP.
    """
    # While it starts, Ctrl-C ends it like SIGTERM: what Python's own handler raises is lost in a destructor.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    run_desk(_settings(health_port), port=port, workers=workers, say=_say)


def app(port: int = PORT, health_port: int | None = HEALTH_PORT) -> None:
    """Run the process at Slack's edge alone, for desks on several machines."""
    configure_logging("app")
    settings = _settings(health_port)
    require_transport(settings, port)
    put_policy_file_in_force(settings, _say)
    prepare_plugins(settings, _say)
    run_app(settings, port=port)


def worker(queue: WorkQueue = typer.Option(WorkQueue.NOW, help="Which work to take")) -> None:
    """Run one worker alone, for desks on several machines."""
    configure_logging(f"worker-{queue.value}")
    run_worker_process(read_settings(), queue.value)


def beat() -> None:
    """Run the beat alone; a second one on another machine takes over when the first one ends."""
    configure_logging("beat")
    run_beat_process(read_settings())


def _settings(health_port: int | None) -> Settings:
    settings = read_settings()
    return settings if health_port is None else settings.model_copy(update={"health_port": health_port})


def _say(line: str) -> None:
    Console(highlight=False, soft_wrap=True).print(line, markup=False)
