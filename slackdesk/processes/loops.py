"""The beat's and the workers' processes."""

import signal
import threading

from slackdesk import bootstrap
from slackdesk.dispatch.worker import run_worker
from slackdesk.doctor.report import timers as doctor_timers
from slackdesk.i18n import load_languages
from slackdesk.settings import Settings


def run_worker_process(settings: Settings, queue: str) -> None:
    """Take work from the queue ``now`` or ``slow`` until SIGTERM; what is in hand is finished first."""
    plugins = bootstrap.open_plugins(settings)
    desk = bootstrap.open_desk(settings, plugins)
    executor = bootstrap.build_executor(settings, desk, plugins, queue)
    executor.runners.timers |= doctor_timers(settings, plugins)
    load_languages()
    run_worker(executor, redis_url=bootstrap.redis_url(settings), clock=desk.clock)


def run_beat_process(settings: Settings) -> None:
    """Sweep until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    plugins = bootstrap.open_plugins(settings)
    desk = bootstrap.open_desk(settings, plugins)
    bootstrap.build_beat(settings, desk, plugins).run(stop)
    desk.database.close()
