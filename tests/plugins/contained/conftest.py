"""A desk with plugins that break, written as files, beside one that does not; and people who go on working."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import slackdesk_plugins
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty
from sqlalchemy import func, select, update

from slackdesk import bootstrap
from slackdesk.dispatch import work
from slackdesk.dispatch.jobs import QUEUES
from slackdesk.dispatch.model import UNTRIED, Work, WorkState, states_sql
from slackdesk.dispatch.retries import take_back
from slackdesk.plugin import states
from slackdesk.plugin.loading import in_path, load
from slackdesk.plugin.model import PluginState
from slackdesk.plugin.registry import Found, Registry, Status
from slackdesk.plugin.running import ensure_recurring
from slackdesk.policy.store import apply_policy
from slackdesk.testing.desk import PluginDesk, policy_text
from slackdesk.testing.loading import loaded
from slackdesk.tickets import service
from slackdesk.tickets.model import Source

CSAT = Path(next(iter(slackdesk_plugins.__path__))) / "csat"

JOB_SECONDS = 6
"""RQ's time for a job here: a function in a worker then has two thirds of it."""

BEGINNING = """
import os, sys, time
from slackdesk.api import *
from slack_sdk.models.blocks import *
plugin = Plugin(name={name!r}, version="1", api=1)
"""


def write_plugin(folder: Path, name: str, source: str, beginning: str = BEGINNING) -> Path:
    """A plugin of one file; its source goes on after the declaration."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(beginning.format(name=name) + dedent(source))
    return path


class BadDesk(PluginDesk):
    """A whole desk with csat and every plugin of a folder."""

    def __init__(self, plugins: Path, folder: Path, database_url: str, sections: dict[str, dict[str, Any]]) -> None:
        csat = loaded(in_path(CSAT), {})
        super().__init__(csat, folder, database_url=database_url)
        self.registry = load(sections, [plugins])
        self._policy = policy_text("csat", {}) + "".join(
            f"[plugins.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in section.items())
            for name, section in sections.items()
        )

    def found(self, name: str) -> Found:
        """What became of a plugin."""
        return next(one for one in self.registry.found if one.name == name)

    def work_in_jobs(self) -> None:
        """Do what is due as workers do: under the alarm that RQ sets for each job."""
        with UnixSignalDeathPenalty(JOB_SECONDS, JobTimeoutException):  # type: ignore[no-untyped-call]
            self._work()

    def run_in_a_process_that_ends(self) -> None:
        """Do what is due in a process of its own, as workers do, which does not come back from it."""
        child = os.fork()
        if child == 0:
            try:
                self.desk.database.forget_connections()
                self._work()
                self._work()
            finally:
                os._exit(0)
        os.waitpid(child, 0)

    def take_back(self) -> None:
        """The leases of what is running have run out: the beat takes it back."""
        with self.desk.transaction() as tx:
            for row in work.expired(tx.session, tx.real_now + timedelta(hours=1), limit=100):
                take_back(tx.session, row, tx.real_now)

    def run_only(self, name: str) -> None:
        """Do the work of that name that is due, and nothing else."""
        for row in self.rows(name, WorkState.PENDING):
            for executor in self._executors:
                executor.run([row.id])

    def pause(self, plugin: str, reason: str) -> None:
        """The plugin did harm."""
        with self.desk.transaction() as tx:
            states.pause(tx, plugin, reason)

    def resume(self, plugin: str) -> None:
        """An operator resumes it."""
        with self.desk.transaction() as tx:
            assert states.resume(tx.session, plugin, now=tx.now, real_now=tx.real_now) == [plugin]

    def make_older(self, plugin: str, hours: int) -> None:
        """Time passes: what the plugin asked for was asked for so much earlier."""
        with self.desk.transaction() as tx:
            state = tx.session.get_one(PluginState, plugin)
            assert state.hour_began_at is not None
            state.hour_began_at -= timedelta(hours=hours)

    def do_chores(self) -> None:
        """What the beat does now and then for recurring work."""
        with self.desk.transaction() as tx:
            ensure_recurring(self.registry)(tx.session, tx.now)

    def quarantine(self, plugin: str, reason: str) -> None:
        """The desk was started again, and this time the plugin does not run."""
        self._start_again([self._without(one, plugin, reason) for one in self.registry.found])

    def mend(self, plugin: str) -> None:
        """It was started again, and the plugin runs."""
        mended = {one.name: one for one in self._before if one.name == plugin}
        self._start_again([mended.get(one.name, one) for one in self.registry.found])
        with self.desk.transaction() as tx:
            states.let_go(tx.session, self.registry.active, now=tx.now, real_now=tx.real_now)
        self.settle()

    def _without(self, found: Found, plugin: str, reason: str) -> Found:
        return replace(found, status=Status.QUARANTINED, reason=reason) if found.name == plugin else found

    def _start_again(self, found: list[Found]) -> None:
        self._before, self.registry = self.registry.found, Registry(found)
        self._executors = [
            bootstrap.build_executor(self._settings(), self.desk, self.registry, queue) for queue in QUEUES
        ]

    def switch_off(self, plugin: str) -> None:
        """Somebody applies a policy in which the plugin is switched off."""
        with self.desk.transaction() as tx:
            sections = tx.policy.plugins | {plugin: {"enabled": False}}
            apply_policy(tx.session, tx.policy.model_copy(update={"plugins": sections}), "", "test", tx.now)

    def hurry(self) -> None:
        """Let the pauses between attempts be over."""
        with self.desk.transaction() as tx:
            waiting = update(Work).where(states_sql(UNTRIED), Work.not_before > tx.real_now)
            tx.session.execute(waiting.values(not_before=tx.real_now))

    def exhaust(self) -> None:
        """Work on, without the pauses between attempts, until nothing that is due is left but for halted plugins."""
        for _ in range(30):
            self.settle()
            if not self._waits_for_an_attempt():
                return
            self.hurry()
        raise AssertionError("work is tried again and again")

    def _waits_for_an_attempt(self) -> bool:
        with self.desk.reading() as tx:
            soon = (Work.not_before > tx.real_now, Work.not_before < tx.real_now + states.STANDSTILL / 2)
            return bool(
                tx.session.scalar(select(func.count()).where(states_sql(UNTRIED), Work.due_at <= tx.now, *soon))
            )

    def rows(self, prefix: str, *in_states: WorkState) -> list[Work]:
        """Rows of work whose name begins so, oldest first."""
        with self.desk.reading() as tx:
            named = select(Work).where(Work.name.startswith(prefix)).order_by(Work.id)
            return [row for row in tx.session.scalars(named) if not in_states or row.state in in_states]

    def paused(self) -> dict[str, str]:
        """Plugin → why it is paused."""
        with self.desk.reading() as tx:
            return states.paused(tx.session)

    def state(self, plugin: str) -> PluginState | None:
        """What the core remembers of a plugin."""
        with self.desk.reading() as tx:
            return tx.session.get(PluginState, plugin)

    def files(self, text: str = "My VPN is down", by: str = "maya") -> str:
        """Somebody asks for something; its number, once the card is there."""
        found = re.search(r"[A-Z]+-\d+", self.person(by).slash(f"/ticket {text}").text)
        assert found is not None
        self.person("helpdesk-lead").sees(found[0], in_="#it-l1")
        return found[0]

    def has_a_request(self) -> None:
        """A ticket is there, and nobody has looked yet: what it leads to is due, and not begun."""
        maya = self.person("maya").user.id
        with self.desk.transaction() as tx:
            about: dict[str, Any] = {"queue": "it", "topic": None, "text": "My VPN is down", "source": Source.FORM}
            service.file_ticket(tx, requester=maya, filed_by=maya, **about)

    def card(self, number: str) -> str:
        """The card as the lead sees it: all its blocks, and buttons in brackets."""
        cards = [one for one in self.person("helpdesk-lead").messages("#it-l1") if number in one.text]
        card = next(one for one in cards if one.thread_ts is None)
        return "\n".join([card.text, *(f"[{button}]" for button in card.buttons)])

    def can_be_claimed(self, number: str) -> None:
        """An agent claims the ticket, and its card says so."""
        self.person("helpdesk-lead").slash(f"/ticket claim {number}")
        self.settle()
        assert "In progress" in self.card(number)

    def goes_on(self) -> None:
        """A ticket is filed, claimed, resolved and closed, and csat asks about it: nothing of it is held up."""
        number = self.files("Please help")
        self.solve(number)
        assert not self.person("maya").slash(f"/ticket close {number}").error
        self.advance("31m")
        self.person("maya").sees(f"How was the help with {number}?", in_="dm")

    def operators_read(self, text: str) -> None:
        """The operators were told by direct message."""
        self.person("helpdesk-lead").sees(text, in_="dm")

    def lawful(self) -> bool:
        """Whether Slack was sent nothing that it refuses."""
        return self.sandbox.journal.illegal() == []


StartDesk = Callable[..., BadDesk]


@pytest.fixture
def start_desk(tmp_path: Path, database_url: str) -> Iterator[StartDesk]:
    """Starts a desk with plugins: name → source; sections are name → settings."""
    with ExitStack() as stack:

        def start(sections: dict[str, dict[str, Any]] | None = None, **plugins: str) -> BadDesk:
            folder = tmp_path / "plugins"
            folder.mkdir()
            for name, source in plugins.items():
                write_plugin(folder, name, source)
            return stack.enter_context(BadDesk(folder, tmp_path, database_url, sections or {}))

        yield start
