"""The beat's and the workers' processes."""

import logging

from slackdesk import bootstrap
from slackdesk.dispatch.worker import run_worker
from slackdesk.doctor.report import timers as doctor_timers
from slackdesk.errors import Unavailable
from slackdesk.i18n import load_languages
from slackdesk.policy.store import latest_version
from slackdesk.settings import Settings
from slackdesk.stopping import Stop

log = logging.getLogger(__name__)

POLICY_PAUSE_SECONDS = 0.5
"""Between two looks for the first policy of a new desk."""


def run_worker_process(settings: Settings, queue: str) -> None:
    """Take work from the queue ``now`` or ``slow`` until SIGTERM; what is in hand is finished first."""
    stop = Stop()
    stop.on_signals()
    if not _policy_comes(settings, stop):
        return
    plugins = bootstrap.open_plugins(settings)
    desk = bootstrap.open_desk(settings, plugins)
    executor = bootstrap.build_executor(settings, desk, plugins, queue)
    executor.runners.timers |= doctor_timers(settings, plugins)
    load_languages()
    run_worker(executor, redis_url=bootstrap.redis_url(settings), clock=desk.clock, stop=stop)


def run_beat_process(settings: Settings) -> None:
    """Sweep until SIGTERM."""
    stop = Stop()
    stop.on_signals()
    if not _policy_comes(settings, stop):
        return
    plugins = bootstrap.open_plugins(settings)
    desk = bootstrap.open_desk(settings, plugins)
    bootstrap.build_beat(settings, desk, plugins).run(stop)
    desk.database.close()


def _policy_comes(settings: Settings, stop: Stop) -> bool:
    """Wait for a policy: a new desk's first one is put in force by its app, which may start last.

    Without it, plugins would run here as nobody has set them. False when told to stop.
    """
    told = ""
    with bootstrap.current_database(settings) as database:
        while not stop.is_set():
            try:
                with database.read() as session:
                    if latest_version(session) is not None:
                        return True
                why = "no policy is in force yet; waiting for `slackdesk app` or `slackdesk policy apply`"
            except Unavailable as away:
                why = f"the database is away; waiting for it: {away}"
            if why != told:
                log.warning("%s", why)
            told = why
            stop.wait(POLICY_PAUSE_SECONDS)
    return False
