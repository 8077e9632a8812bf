"""A desk with the plugin on it, and people who file, solve and close."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import slackdesk_plugins
from sqlalchemy import delete

from slackdesk.dispatch import work
from slackdesk.dispatch.jobs import QUEUES
from slackdesk.dispatch.model import Work, WorkState
from slackdesk.plugin.erasing import erase
from slackdesk.policy.durations import parse_duration
from slackdesk.processes.policy_at_start import put_policy_file_in_force
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.testing.desk import DeskPerson, PluginDesk

CSAT = Path(next(iter(slackdesk_plugins.__path__))) / "csat"
RATINGS = ("1 · very bad", "2 · bad", "3 · so-so", "4 · good", "5 · very good")
POLL = re.compile(r"Rate it from|You rated|^The poll about|nothing to rate")
IT = "[queues.it]\n"
ANONYMOUS_IT = f"{IT}anonymous_csat = true\n"
COMMENT = "What went well, what should be better?"


class CsatDesk(PluginDesk):
    """Its IT queue may be anonymous."""

    def __init__(self, folder: Path, config: Mapping[str, Any], database_url: str, *, anonymous: bool) -> None:
        super().__init__(CSAT, folder, config, database_url=database_url)
        if anonymous:
            assert IT in self._policy
            self._policy = self._policy.replace(IT, ANONYMOUS_IT)

    def stands_still(self, duration: str) -> None:
        """Time passes in which no worker does anything."""
        with self.desk.database.begin() as session:
            self.desk.clock.advance(session, parse_duration(duration))

    def work_side_by_side(self) -> None:
        """Do what is due as two workers do, each with a half of it."""
        with self.desk.reading() as tx:
            due = work.due_heads(tx.session, now=tx.now, until=tx.real_now, queues=tuple(QUEUES), limit=100)
            ids = [row.id for row in due]
        workers = [
            threading.Thread(target=executor.run, args=(ids[half::2],))
            for executor in self._executors
            for half in (0, 1)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def apply_policy(self, old: str, new: str) -> None:
        """Operators change the policy file and apply it."""
        settings = self._settings()
        text = settings.policy.read_text("utf-8")
        assert old in text
        settings.policy.write_text(text.replace(old, new), "utf-8")
        put_policy_file_in_force(settings, lambda _: None)


class Company:
    """What happens around a poll, by people."""

    def __init__(self, desk: CsatDesk) -> None:
        self.desk = desk
        workspace = desk.sandbox.workspace  # her days have 24 hours in each season
        workspace.update_user(workspace.user_by_handle("maya").id, tz="America/Bogota")
        self.requester, self.agent = desk.person("maya"), desk.person("rina")
        self.lead = desk.person("helpdesk-lead")

    def files(self, text: str = "My VPN is down", requester: DeskPerson | None = None) -> str:
        """A filed ticket's number."""
        answer = (requester or self.requester).slash(f"/ticket {text}", in_="dm")
        found = re.search(r"[A-Z]+-\d+", answer.text)
        assert found is not None, answer.text
        return found[0]

    def files_with_people_team(self, text: str) -> str:
        """A private request; its queue is anonymous."""
        self.requester.slash("/ticket")
        self.requester.modal.fill({"What is it about?": "Payroll", "What do you need?": text}).submit()
        title = self.requester.modal.title
        self.requester.modal.close()
        return re.search(r"HR-\d+", title)[0]  # type: ignore[index]

    def solves(self, number: str, agent: DeskPerson | None = None) -> None:
        """Claim and resolve it."""
        self.desk.solve(number, by=(agent or self.agent).handle)

    def closes(self, number: str, requester: DeskPerson | None = None) -> None:
        """The requester says that it is solved."""
        (requester or self.requester).slash(f"/ticket close {number}", in_="dm")

    def reopens(self, number: str) -> None:
        """The requester says that it is not."""
        self.requester.slash(f"/ticket reopen {number}", in_="dm")
        self.desk.settle()

    def is_helped(self, text: str = "My VPN is down", requester: DeskPerson | None = None) -> str:
        """File, solve and close; the number."""
        number = self.files(text, requester)
        self.solves(number)
        self.closes(number, requester)
        return number

    def is_polled(self, text: str = "My VPN is down") -> str:
        """The same, and the poll has come."""
        number = self.is_helped(text)
        self.desk.advance("31m")
        return number

    def rates(self, score: int, poll: SeenMessage | None = None, comment: str | None = None) -> None:
        """Press a number on a poll, by default the newest; a low one opens the window for the comment."""
        self.requester.click(RATINGS[score - 1], poll or self.polls()[-1])
        if self.requester.has_modal:
            modal = self.requester.modal
            modal.fill({COMMENT: comment}).submit() if comment else modal.close()
        self.desk.settle()

    def polls(self, person: DeskPerson | None = None) -> list[SeenMessage]:
        """Messages of polls that a person sees, in every state."""
        seen = (person or self.requester).messages("dm")
        return [one for one in seen if not one.ephemeral and POLL.search(one.text)]

    def reminders(self) -> list[SeenMessage]:
        """Those that the requester sees."""
        return [one for one in self.requester.messages("dm") if re.search("[Rr]emind", one.text) and not one.ephemeral]

    def told_lead(self) -> list[SeenMessage]:
        """What the lead reads of low scores."""
        return [one for one in self.lead.messages("dm") if re.search(r"rated the help|low rating", one.text)]

    def late_click(self, label: str, after: str) -> str:
        """What is answered to a press on the newest poll that comes before any worker has redrawn it."""
        poll, before = self.polls()[-1], len(self.requester.messages("dm"))
        self.desk.stands_still(after)
        self.device().click(label, poll)
        return next(one.text for one in self.requester.messages("dm")[before:] if one.ephemeral)

    def device(self) -> Person:
        """Another device of the requester, on which nothing is waited for."""
        return self.desk.sandbox.person(self.requester.handle)

    def erase(self, person: DeskPerson) -> None:
        """Operators erase a person's text."""
        report = erase(self.desk.desk, self.desk.registry, person.user.id)
        assert report.tickets
        assert (report.failures, report.left_tables) == ([], [])
        self.desk.settle()

    def wait_until(self, clock: str) -> None:
        """The next time that the requester's clock shows it."""
        now = self.desk.now.astimezone(ZoneInfo(self.requester.user.tz))
        hour, minute = map(int, clock.split(":"))
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        then += timedelta(days=1 if then <= now else 0)
        self.desk.advance(then.astimezone(UTC) - now.astimezone(UTC) + timedelta(seconds=1))


StartCompany = Callable[..., Company]


@pytest.fixture
def start_company(tmp_path: Path, database_url: str) -> Iterator[StartCompany]:
    """Starts a desk with settings of one's own."""
    with ExitStack() as stack:

        def start(*, anonymous: bool = False, **config: Any) -> Company:
            desk = stack.enter_context(CsatDesk(tmp_path, config, database_url, anonymous=anonymous))
            stack.callback(lambda: _check(desk))
            return Company(desk)

        yield start


@pytest.fixture
def company(start_company: StartCompany) -> Company:
    """A desk with the defaults."""
    return start_company()


def _check(desk: PluginDesk) -> None:
    assert desk.sandbox.journal.illegal() == []
    assert desk.sandbox.journal.missing_fallback_text() == []


@pytest.fixture
def forget_timers() -> Callable[[Company], None]:
    """Leaves a desk as it is when a poll was sent before there were timers that end one."""

    def forget(company: Company) -> None:
        with company.desk.desk.database.begin() as session:
            session.execute(delete(Work).where(Work.name == "csat.end", Work.state == WorkState.PENDING))

    return forget
