"""``slackdesk run``: one machine, one command."""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import RedisError

from slackdesk import bootstrap
from slackdesk.dispatch.redis_access import connect
from slackdesk.embedded_redis import EmbeddedRedis
from slackdesk.errors import ConfigurationError
from slackdesk.migrations import migrate
from slackdesk.processes.app import require_transport, run_app
from slackdesk.processes.loops import run_beat_process, run_worker_process
from slackdesk.processes.plugins_at_start import prepare_plugins
from slackdesk.processes.policy_at_start import put_policy_file_in_force
from slackdesk.processes.supervisor import Child, Supervisor
from slackdesk.settings import Settings

log = logging.getLogger(__name__)

REDIS_TIMEOUT_SECONDS = 2.0
"""How long a start waits for the first answer of a Redis server."""


def run_desk(settings: Settings, *, port: int, workers: int, say: Callable[[str], None]) -> None:
    """Run app, beat and workers until SIGTERM or Ctrl-C; afterwards no process of them is left.

    Brings the schema up to date and applies the policy file first. Raises ConfigurationError when a setting is missing,
    when the data folder is in use by another desk, or when there is no policy to work by.
    """
    require_transport(settings, port)
    with _data_folder(settings.data), _redis(settings, say) as (settings, keep_redis_alive):
        database = bootstrap.open_database(settings)
        migrate(database)
        database.close()
        put_policy_file_in_force(settings, say)
        prepare_plugins(settings, say)
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
        way = "Socket Mode" if settings.slack_app_token is not None else f"signed HTTP on port {port}"
        url = database.url.render_as_string(hide_password=True)
        say(f"Slack delivers over {way}. Everything is kept in {url}.")
        supervisor.run(on_started=lambda: say("The desk is running. Ctrl-C or SIGTERM ends it."))
        say("The desk has ended.")


@contextmanager
def _data_folder(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        remedy = f"{error.strerror}; name a folder that this user may write"
        raise ConfigurationError("SLACKDESK_DATA", str(folder), remedy) from None
    with lock:
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
def _redis(settings: Settings, say: Callable[[str], None]) -> Iterator[tuple[Settings, Callable[[], None] | None]]:
    """The settings with a Redis URL, and what keeps an embedded server alive."""
    if settings.redis_url is not None:
        _warn_if_away(settings.redis_url, say)
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


def _warn_if_away(redis_url: str, say: Callable[[str], None]) -> None:
    """A desk starts without its Redis server, too: what people file is kept, and leaves when the server is back."""
    with connect(redis_url, REDIS_TIMEOUT_SECONDS) as client:
        try:
            client.ping()
        except (RedisError, OSError) as error:
            say(f"Warning: REDIS_URL does not answer ({error}). Requests are kept, cards and replies wait for it.")
