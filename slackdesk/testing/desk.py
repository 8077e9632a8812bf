"""A desk in this process, in a simulated workspace, with one plugin on it: to try a plugin on in about a second.

Edge, drawings, worker code and database are those of ``slackdesk run``; there is no Redis, and no process besides.
What people do is answered at once; what workers do is done as soon as somebody looks, so that nothing has to be
waited for. ``slackdesk.demo.stage.Stage`` is the same with all the processes.
"""

import contextlib
import io
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import Any, Self, TypeVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from pydantic import SecretStr

from slackdesk import bootstrap
from slackdesk.dispatch import work
from slackdesk.dispatch.jobs import QUEUES
from slackdesk.i18n import translator
from slackdesk.migrations import migrate
from slackdesk.plugin.command_line import as_command
from slackdesk.plugin.loading import in_path
from slackdesk.plugin.migrating import migrate_plugins
from slackdesk.plugin.registry import Found, Registry
from slackdesk.plugin.running import ensure_recurring
from slackdesk.plugin.unit_of_work import run_and_write
from slackdesk.policy.durations import parse_duration
from slackdesk.processes.policy_at_start import put_policy_file_in_force
from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import Place, SeenMessage
from slackdesk.settings import Settings
from slackdesk.slack.http import HttpFront
from slackdesk.slack.manifest import EVENTS_PATH, build_manifest
from slackdesk.testing.loading import loaded

RATE_SCALE = 1000.0
"""Nothing is paced here, so nothing may be limited."""
ANSWERED_SECONDS = 10.0
"""How long what was delivered may take to be answered."""
ROWS_AT_ONCE = 50
ROUNDS_MAX = 200
"""As often as work may lead to other work before it is said to go on for ever."""
LOOK_AGAIN_SECONDS = 0.1
POLL_SECONDS = 0.01

T = TypeVar("T")


class PluginDesk:
    """A desk with one plugin, as a context manager; the company is that of ``slackdesk.sandbox.company.acme``.

    ``plugin`` is the plugin's folder or file, ``config`` its section of the policy file; ``folder`` keeps database and
    policy file. ``database_url`` names another database, by default an SQLite file there; ``policy`` is the text of a
    policy file without plugins, in the place of the example's. With ``stands_from``, desk time begins there and moves
    by ``advance`` alone. Raises whatever is wrong with the plugin when it is
    entered.
    """

    def __init__(
        self,
        plugin: Path | Found,
        folder: Path,
        config: Mapping[str, Any] | None = None,
        *,
        database_url: str | None = None,
        policy: str | None = None,
        stands_from: datetime | None = None,
    ) -> None:
        section = dict(config or {})
        found = plugin if isinstance(plugin, Found) else loaded(in_path(plugin.resolve()), section)
        self.registry = Registry([found])
        self.plugin = self.registry.active[found.name]
        self.folder = folder
        self._stands_from = stands_from
        self._database_url = database_url or f"sqlite:///{folder / 'slackdesk.sqlite3'}"
        self.sandbox = Sandbox(
            manifest=build_manifest("http://127.0.0.1", self.plugin.scopes),
            rate_scale=RATE_SCALE,
            redelivery_scale=RATE_SCALE,
        )
        self._policy = policy_text(found.name, section, policy=policy)
        self._people: dict[str, DeskPerson] = {}
        self._is_working = False

    def __enter__(self) -> Self:
        self.sandbox.start()
        try:
            self._open()
        except BaseException:
            self.sandbox.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.sandbox.stop()
        self.desk.database.close()

    def person(self, handle: str) -> "DeskPerson":
        """Somebody of the company, to be driven: ``slackdesk.sandbox.people.Person``."""
        if handle not in self._people:
            self._people[handle] = DeskPerson(self, handle)
        return self._people[handle]

    def solve(self, number: str, by: str = "helpdesk-lead") -> None:
        """Let somebody claim a ticket of the IT queue and resolve it; its requester is asked then."""
        person = self.person(by)
        t = translator(person.user.locale)
        person.slash(f"/ticket claim {number}")
        person.slash(f"/ticket resolve {number}")
        answers = {t("What was it about?"): "Other", t("What solved it?"): "It was turned off and on again."}
        person.modal.fill(answers).submit()
        self.settle()

    def command_line(self, name: str, *words: str) -> str:
        """What ``slackdesk name …`` of the plugin prints; what it changes is kept. Raises what the command raises."""
        function, key = self.plugin.command_lines[name], f"command:{uuid.uuid4()}"
        command = as_command(
            name, function, lambda rest: run_and_write(self.desk, self.registry, self.plugin, rest, inbox_key=key)
        )
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            command.main(list(words), prog_name=f"slackdesk {name}", standalone_mode=False)
        return printed.getvalue()

    @property
    def now(self) -> datetime:
        """Desk time."""
        with self.desk.reading() as tx:
            return tx.now

    def advance(self, duration: str | timedelta) -> None:
        """Move desk time forward, such as ``"90m"`` or ``"14d"``, and do what has become due."""
        with self.desk.database.begin() as session:
            self.desk.clock.advance(session, parse_duration(duration))
        self.settle()

    def settle(self) -> None:
        """Wait until everything delivered is answered, and do all work that is due. People who look do it, too.

        Work that failed waits for its next attempt, as it does on a real desk. Raises AssertionError when the desk does
        not come to rest.
        """
        if self._is_working:
            return
        self._is_working = True
        try:
            for _ in range(ROUNDS_MAX):
                if not self.sandbox.delivery.wait_until_answered(ANSWERED_SECONDS):
                    raise AssertionError(f"deliveries were not answered within {ANSWERED_SECONDS:g} s")
                if not self._work():
                    return
        finally:
            self._is_working = False
        raise AssertionError(f"work leads to other work without end: {self.plugin.name} should schedule less")

    @contextlib.contextmanager
    def looking(self) -> Iterator[None]:
        """Do no work in this block: whoever looks keeps the workspace from answering."""
        was_working, self._is_working = self._is_working, True
        try:
            yield
        finally:
            self._is_working = was_working

    def _work(self) -> bool:
        with self.desk.reading() as tx:
            due = work.due_heads(tx.session, now=tx.now, until=tx.real_now, queues=tuple(QUEUES), limit=ROWS_AT_ONCE)
            ids = [row.id for row in due]
        for executor in self._executors:
            executor.run(ids)
        return bool(ids)

    def _open(self) -> None:
        settings = self._settings()
        database = bootstrap.open_database(settings)
        migrate(database)
        migrate_plugins(database, self.registry, strict=True)
        database.close()
        settings.policy.write_text(self._policy, "utf-8")
        put_policy_file_in_force(settings, lambda _: None)
        desk = replace(bootstrap.open_desk(settings, self.registry), nudge=lambda _ids, _yields: None)
        self.desk = desk
        with desk.transaction() as tx:
            ensure_recurring(self.registry)(tx.session, tx.now)
        self._executors = [bootstrap.build_executor(settings, desk, self.registry, queue) for queue in QUEUES]
        front = HttpFront(bootstrap.build_app(settings, desk, self.registry))
        self._server = make_server("127.0.0.1", 0, front, _Server, _Quiet)
        threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        self.sandbox.deliver_over_http(f"http://127.0.0.1:{self._server.server_port}{EVENTS_PATH}")

    def _settings(self) -> Settings:
        return Settings(
            slack_bot_token=SecretStr(self.sandbox.bot_token),
            slack_signing_secret=SecretStr(self.sandbox.signing_secret),
            slack_api_url=self.sandbox.api_url,
            database_url=self._database_url,
            redis_url=f"unix://{self.folder / 'no-redis.sock'}",
            policy=self.folder / "slackdesk.toml",
            data=self.folder,
            clock="shiftable",
            clock_stands_from=self._stands_from,
            rate_scale=RATE_SCALE,
            undo_seconds=0.0,
        )


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the console."""


class DeskPerson(Person):
    """Somebody who, before looking, lets the desk do what is due."""

    def __init__(self, desk: PluginDesk, handle: str) -> None:
        super().__init__(desk.sandbox, desk.sandbox.workspace.user_by_handle(handle))
        self._desk = desk

    def wait_for(self, look: Callable[[], T | None], within_seconds: float, complaint: Callable[[], str]) -> T:
        """What `look` finds. Raises AssertionError with the complaint when the time is over."""
        deadline = time.monotonic() + within_seconds
        while True:
            self._desk.settle()
            left_seconds = deadline - time.monotonic()
            try:
                with self._desk.looking():
                    return super().wait_for(look, min(left_seconds, LOOK_AGAIN_SECONDS), complaint)
            except AssertionError:
                if left_seconds <= LOOK_AGAIN_SECONDS:
                    raise

    def messages(self, in_: Place = None) -> list[SeenMessage]:
        """What is visible there, oldest first."""
        self._desk.settle()
        return super().messages(in_)

    def sees_not(self, text: str, in_: Place = None) -> None:
        """Raises AssertionError that shows the message if one contains the text."""
        self._desk.settle()
        super().sees_not(text, in_)


def policy_text(
    plugin: str, section: Mapping[str, Any], plugin_dirs: Sequence[Path] = (), *, policy: str | None = None
) -> str:
    """The example of a policy file, or another one, with this section for the plugin and none for others."""
    example = policy or files("slackdesk.policy").joinpath("example.toml").read_text("utf-8").partition("[plugins.")[0]
    folders = json.dumps([str(folder) for folder in plugin_dirs])
    keys = "".join(f"{key} = {_toml(value)}\n" for key, value in section.items())
    return f"{example.replace('plugin_dirs = []', f'plugin_dirs = {folders}')}[plugins.{plugin}]\n{keys}"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
