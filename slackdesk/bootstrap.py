"""The only place that builds database, desk, Slack client, executor, beat and app out of the settings.

Nothing is built on import; a process calls what it needs once, after its fork.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from multiprocessing.util import Finalize
from pathlib import Path

from prometheus_client import Histogram
from slack_bolt import App
from slack_sdk import WebClient
from sqlalchemy import make_url

from slackdesk.clock import Clock
from slackdesk.database import Database
from slackdesk.dispatch import heartbeats
from slackdesk.dispatch.beat import Beat
from slackdesk.dispatch.execution import Executor
from slackdesk.dispatch.nudge import Nudge
from slackdesk.dispatch.pacing import Pacing
from slackdesk.dispatch.runners import Runners
from slackdesk.embedded_redis import running_url
from slackdesk.errors import ConfigurationError, Unavailable
from slackdesk.logs import configure_logging
from slackdesk.migrations import require_current_schema
from slackdesk.parentage import die_with_parent
from slackdesk.plugin import files
from slackdesk.plugin.extensions import PluginExtensions
from slackdesk.plugin.loading import load as load_plugins
from slackdesk.plugin.messages import plugin_drawings
from slackdesk.plugin.migrating import require_current_tables
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.running import ensure_recurring, note_end, wait_or_fail
from slackdesk.plugin.running import handlers as plugin_handlers
from slackdesk.plugin.running import timers as plugin_timers
from slackdesk.policy.directory import Directory, read_directory
from slackdesk.policy.file import PolicyFile
from slackdesk.policy.reading import PolicyError, read_policy
from slackdesk.policy.resolution import people_references
from slackdesk.policy.store import current_policy, extend_holidays
from slackdesk.settings import Settings, read_settings
from slackdesk.slack.app import build_bolt_app
from slackdesk.slack.body_first import BodyFirst
from slackdesk.slack.drawings import drawings_with
from slackdesk.slack.health import Health, serving
from slackdesk.slack.http import HttpFront
from slackdesk.slack.metrics import acknowledgement_seconds
from slackdesk.slack.people_sync import timers as slack_timers
from slackdesk.slack.sender import SlackSender
from slackdesk.slack.trouble import tell_blocked
from slackdesk.tickets.timers import TIMERS
from slackdesk.tickets.transaction import Desk

log = logging.getLogger(__name__)

EDGE_THREADS = 16
"""Threads that receive deliveries; each holds one database connection while it works."""
EDGE_TIMEOUT_SECONDS = 2
"""For the one call at the edge, opening a view: its trigger lives for three seconds."""
HEARTBEAT_SECONDS = 5.0
"""How often a process says in SQL that it lives."""


def open_database(settings: Settings) -> Database:
    """The database of the settings; its schema may be old or missing.

    Raises ConfigurationError when its driver is not installed, or an SQLite file can have no folder.
    """
    url = settings.effective_database_url
    try:
        return Database(url)
    except ImportError as error:
        remedy = f"{error.name} is not installed: pip install 'slackdesk[postgresql]'"
    except OSError as error:
        remedy = f"{error.strerror}; name a file in a folder that this user may write"
    raise ConfigurationError("DATABASE_URL", make_url(url).render_as_string(hide_password=True), remedy) from None


@contextmanager
def current_database(settings: Settings) -> Iterator[Database]:
    """The database of the settings, for one command. Raises ConfigurationError when its schema is not current."""
    database = open_database(settings)
    try:
        require_current_schema(database)
        yield database
    finally:
        database.close()


def open_clock(settings: Settings) -> Clock:
    """The clocks of the settings."""
    return Clock(shiftable=settings.clock == "shiftable", stands_from=settings.clock_stands_from)


def open_desk(settings: Settings | None = None, plugins: Registry | None = None) -> Desk:
    """Database, clock and nudge behind one door, by default of the environment's settings and with its plugins.

    Raises ConfigurationError when the schema is not the current one.
    """
    settings = settings or read_settings()
    database = open_database(settings)
    require_current_schema(database)
    return Desk(
        database=database,
        clock=open_clock(settings),
        undo=timedelta(seconds=settings.undo_seconds),
        nudge=_nudge(settings),
        subscribers=(plugins or open_plugins(settings)).subscribers(),
    )


def _nudge(settings: Settings) -> Callable[[list[int], bool], None]:
    """What a command leaves to do waits, where no Redis server is known, until the desk runs again."""
    url = settings.redis_url or running_url(settings.data)
    return Nudge(url, settings.job_timeout_seconds) if url else lambda _ids, _yields: None


def open_plugins(settings: Settings) -> Registry:
    """The plugins that this process runs: those that can be found and hold together, with their tables up to date.

    Raises ConfigurationError when the schema of the core is not the current one; with ``strict_plugins``, whatever is
    wrong with a plugin.
    """
    with current_database(settings) as database:
        registry, is_strict = find_plugins(settings, database)
        return require_current_tables(database, registry, strict=is_strict)


def find_plugins(settings: Settings, database: Database) -> tuple[Registry, bool]:
    """The plugins that can be found under the policy in force, their tables unchecked; and whether it is strict."""
    try:
        with database.read() as session:
            policy = current_policy(session)
    except ConfigurationError:  # no policy yet: what is bundled and installed is there all the same
        return load_plugins({}), False
    folders = [settings.policy.parent / folder for folder in policy.desk.plugin_dirs]
    is_strict = policy.desk.strict_plugins
    return load_plugins(policy.plugins, folders, strict=is_strict, queues=policy.queues), is_strict


def redis_url(settings: Settings) -> str:
    """``REDIS_URL``, else the embedded server that `slackdesk run` keeps in the data folder.

    Raises ConfigurationError when there is neither.
    """
    url = settings.redis_url or running_url(settings.data)
    if url is None:
        raise ConfigurationError("REDIS_URL", None, "set REDIS_URL, or start the desk with `slackdesk run`")
    return url


def bot_token(settings: Settings) -> str:
    """The bot token. Raises ConfigurationError when it is not set."""
    if settings.slack_bot_token is None:
        raise ConfigurationError("SLACK_BOT_TOKEN", None, "set the bot token (xoxb-…) of the installed app")
    return settings.slack_bot_token.get_secret_value()


def slack_client(settings: Settings, timeout_seconds: int) -> WebClient:
    """A Web API client that never repeats a call by itself: measured, the SDK's default posts twice after a reset."""
    return WebClient(bot_token(settings), settings.slack_api_url, timeout=timeout_seconds, retry_handlers=[])


def build_app(settings: Settings, desk: Desk, plugins: Registry, *, acknowledgements: Histogram | None = None) -> App:
    """The Bolt app at the edge."""
    os.environ.pop("SLACK_BOT_TOKEN", None)  # Bolt would read it by itself, and warn that it does not use it
    secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else None
    return build_bolt_app(
        desk,
        client=slack_client(settings, EDGE_TIMEOUT_SECONDS),
        signing_secret=secret,
        extensions=PluginExtensions(plugins, desk),
        acknowledgements=acknowledgements,
    )


def build_edge(settings: Settings, desk: Desk, plugins: Registry) -> tuple[App, Health]:
    """The Bolt app of a process of the kind ``app``, and what tells how it does."""
    acknowledgements = acknowledgement_seconds()
    app = build_app(settings, desk, plugins, acknowledgements=acknowledgements)
    return app, Health(desk, redis_url(settings), [acknowledgements])


def build_executor(settings: Settings, desk: Desk, plugins: Registry, queue: str) -> Executor:
    """What a worker of that queue runs work with."""
    client = slack_client(settings, int(settings.slack_timeout_seconds) or 1)
    runners = Runners(
        sender=SlackSender(bot_token(settings), settings.slack_api_url, settings.slack_timeout_seconds),
        drawings=drawings_with(PluginExtensions(plugins, desk)) | plugin_drawings(),
        handlers=plugin_handlers(plugins),
        timers=TIMERS | slack_timers(client) | plugin_timers(plugins),
        unknown=wait_or_fail(plugins),
        ended=note_end(plugins),
        blocked=tell_blocked,
    )
    pacing = Pacing(redis_url(settings), settings.rate_scale)
    return Executor(desk=desk, runners=runners, pacing=pacing, settings=settings, queue=queue)


def build_beat(settings: Settings, desk: Desk, plugins: Registry) -> Beat:
    """The beat of this process, which also copies the holidays of coming years into the policy in time."""
    return Beat(
        database=desk.database,
        clock=desk.clock,
        redis_url=redis_url(settings),
        settings=settings,
        chores=(extend_holidays, ensure_recurring(plugins), files.trim),
    )


def rsgi() -> BodyFirst:
    """Factory of what granian serves: ``/slack/events`` and ``/healthz``; called in the server's worker process."""
    die_with_parent(signal.SIGTERM)
    configure_logging("app")
    settings = read_settings()
    plugins = open_plugins(settings)
    desk = open_desk(settings, plugins)
    app, health = build_edge(settings, desk, plugins)
    until_the_end = ExitStack()
    until_the_end.enter_context(watched(settings, desk, health))
    Finalize(None, until_the_end.close, exitpriority=0)  # the server ends this process without `atexit`
    return BodyFirst(health.in_front_of(HttpFront(app)), EDGE_THREADS)


@contextmanager
def watched(settings: Settings, desk: Desk, health: Health) -> Iterator[None]:
    """While in the block, this process says in SQL that an ``app`` lives, and answers on the health port."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat_heart, args=(desk, "app", stop), daemon=True)
    with serving(health, settings.health_host, settings.health_port):
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _beat_heart(desk: Desk, kind: str, stop: threading.Event) -> None:
    process = f"{kind}:{socket.gethostname()}:{os.getpid()}"
    while True:
        try:
            with desk.database.begin() as session:
                heartbeats.say_alive(session, process, kind, desk.clock.now(session).real)
        except Unavailable as away:
            log.warning("%s could not say that it lives: %s", kind, away)
        if stop.wait(HEARTBEAT_SECONDS):
            break
    try:
        with desk.database.begin() as session:
            heartbeats.say_ended(session, process)
    except Unavailable as away:
        log.warning("%s could not say that it ended: %s", kind, away)


def read_policy_file(path: Path) -> tuple[str, PolicyFile]:
    """Text and content. Raises ConfigurationError when there is no such file, PolicyError when it is wrong."""
    try:
        source = path.read_text("utf-8")
    except OSError as error:
        remedy = f"{error.strerror}; name the file, or write one: slackdesk policy example > slackdesk.toml"
        raise ConfigurationError("policy file", str(path), remedy) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError("policy file", str(path), f"not UTF-8 ({error.reason}); save it as UTF-8") from None
    return source, read_policy(source)


def plugins_of_file(settings: Settings, file: PolicyFile) -> Registry:
    """The plugins that can be found under a policy file, their tables unchecked."""
    folders = [settings.policy.parent / folder for folder in file.desk.plugin_dirs]
    return load_plugins(file.plugins, folders, queues=file.queues)


def check_plugin_settings(settings: Settings, file: PolicyFile) -> None:
    """Raise PolicyError with what is wrong with the sections of the plugins that can be found."""
    if problems := [one.problem for one in plugins_of_file(settings, file).found if one.problem is not None]:
        raise PolicyError(problems)


def slack_directory(settings: Settings, file: PolicyFile) -> Directory:
    """Channels, people and user groups that the file names, as Slack knows them."""
    references: Collection[str] = people_references(file)
    return read_directory(slack_client(settings, int(settings.slack_timeout_seconds) or 1), references)
