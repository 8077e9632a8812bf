"""A desk with the plugin on it, and people who file, solve and close."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
import slackdesk_plugins

from slackdesk.testing.desk import DeskPerson, PluginDesk

CSAT = Path(next(iter(slackdesk_plugins.__path__))) / "csat"


class Company:
    """What happens around a poll, by people."""

    def __init__(self, desk: PluginDesk) -> None:
        self.desk = desk
        self.requester, self.agent = desk.person("maya"), desk.person("helpdesk-lead")

    def files(self, text: str = "My VPN is down", requester: DeskPerson | None = None) -> str:
        """A filed ticket's number."""
        answer = (requester or self.requester).slash(f"/ticket {text}", in_="dm")
        found = re.search(r"[A-Z]+-\d+", answer.text)
        assert found is not None, answer.text
        return found[0]

    def solves(self, number: str, agent: DeskPerson | None = None) -> None:
        """Claim and resolve it."""
        agent = agent or self.agent
        assert not agent.slash(f"/ticket claim {number}", in_="#it-l1").error
        agent.slash(f"/ticket resolve {number}", in_="#it-l1")
        agent.modal.fill({"What was it about?": "Other", "What solved it?": "A restart"})
        agent.modal.submit()

    def closes(self, number: str, requester: DeskPerson | None = None) -> None:
        """The requester says that it is solved."""
        (requester or self.requester).slash(f"/ticket close {number}", in_="dm")

    def is_helped(self, text: str = "My VPN is down") -> str:
        """File, solve and close; the number."""
        number = self.files(text)
        self.solves(number)
        self.closes(number)
        return number

    def is_polled(self) -> str:
        """The same, and the poll has come."""
        number = self.is_helped()
        self.desk.advance("31m")
        return number

    def polls(self, person: DeskPerson | None = None) -> list[Any]:
        """Messages of polls that a person sees, in every state."""
        person = person or self.requester
        person_sees = [seen for seen in person.messages("dm") if not seen.ephemeral]
        return [one for one in person_sees if re.search(r"Rate it from|You rated|poll about", one.text)]


@pytest.fixture
def company(tmp_path: Path, database_url: str) -> Iterator[Company]:
    """A desk with the defaults."""
    with PluginDesk(CSAT, tmp_path, database_url=database_url) as desk:
        yield Company(desk)


StartCompany = Callable[..., Company]


@pytest.fixture
def start_company(tmp_path: Path, database_url: str) -> Iterator[StartCompany]:
    """Starts a desk with settings of one's own."""
    with ExitStack() as stack:

        def start(**config: Any) -> Company:
            desk: AbstractContextManager[PluginDesk] = PluginDesk(CSAT, tmp_path, config, database_url=database_url)
            return Company(stack.enter_context(desk))

        yield start
