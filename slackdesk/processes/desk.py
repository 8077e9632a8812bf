"""``slackdesk run``: one machine, one command."""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from slackdesk import bootstrap
from slackdesk.embedded_redis import EmbeddedRedis
from slackdesk.errors import ConfigurationError
from slackdesk.migrations import migrate
from slackdesk.processes.app import require_transport, run_app
from slackdesk.processes.loops import run_beat_process, run_worker_process
from slackdesk.processes.policy_at_start import put_policy_file_in_force
from slackdesk.processes.supervisor import Child, Supervisor
from slackdesk.settings import Settings

log = logging.getLogger(__name__)


def run_desk(settings: Settings, *, port: int, workers: int, say: Callable[[str], None]) -> None:
    """Run app, beat and workers until SIGTERM or Ctrl-C; afterwards no process of them is left.

    Brings the schema up to date and applies the policy file first. Raises ConfigurationError when a setting is missing,
    when the data folder is in use by another desk, or when there is no policy to work by.
    """
    require_transport(settings)
    with _data_folder(settings.data), _redis(settings) as (settings, keep_redis_alive):
        database = bootstrap.open_database(settings)
        migrate(database)
        database.close()
        put_policy_file_in_force(settings, say)
        children = [
            Child("app", lambda: run_app(settings, port=port)),
            Child("beat", lambda: run_beat_process(settings)),
            *(Child(f"worker-now-{n}", lambda: run_worker_process(settings, "now")) for n in range(1, workers + 1)),
            Child("worker-slow", lambda: run_worker_process(settings, "slow")),
        ]
        supervisor = Supervisor(
            children,
            stop_seconds=settings.job_timeout_seconds + 10,
            register=settings.data / "processes.json",
            watch=keep_redis_alive,
        )
        supervisor.run(on_started=lambda: say("The desk is running. Ctrl-C or SIGTERM ends it."))
        say("The desk has ended.")


@contextmanager
def _data_folder(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                "SLACKDESK_DATA",
                str(folder),
                "another `slackdesk run` uses this folder; end it, or name another folder",
            ) from None
        yield


@contextmanager
def _redis(settings: Settings) -> Iterator[tuple[Settings, Callable[[], None] | None]]:
    """The settings with a Redis URL, and what keeps an embedded server alive."""
    if settings.redis_url is not None:
        yield settings, None
        return
    server = EmbeddedRedis(settings.data)
    url = server.start()

    def keep_alive() -> None:
        if not server.is_running():
            log.warning("the embedded Redis server ended; it is started again")
            server.start()

    try:
        yield settings.model_copy(update={"redis_url": url}), keep_alive
    finally:
        server.stop()
