"""The declaration of the plugin, and its settings."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from slackdesk_plugins.sla.clocks import ClockName
from slackdesk_plugins.sla.tables import Base

from slackdesk.api import BusinessDuration, Plugin, Priority, QueueKey

FOLDER = Path(__file__).parent

TARGET_MAX = timedelta(hours=10_000)
"""Working time of about five years."""


def _rising(percents: list[int]) -> list[int]:
    if sorted(set(percents)) != percents:
        raise ValueError("write each once, the lowest first")
    return percents


def _possible(target: timedelta) -> timedelta:
    if target > TARGET_MAX:
        raise ValueError(f"longer than {TARGET_MAX / timedelta(hours=1):g}h of working time; leave it out")
    return target


Target = Annotated[BusinessDuration, AfterValidator(_possible)]
Percent = Annotated[int, Field(strict=True, ge=1, le=99)]


class Targets(BaseModel):
    """``<priority> = { … }``"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_response: Target | None = Field(None, description="From the filing to the first answer by a person")
    next_response: Target | None = Field(None, description="From an unanswered message to the next answer")
    resolution: Target | None = Field(None, description="From the filing to the solution")


class SlaConfig(BaseModel):
    """``[plugins.sla]``; working time of the queue's calendar. A queue without targets is left alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    targets: dict[QueueKey, dict[Priority, Targets]] = Field({}, description="Queue → priority → targets")
    remind_at_percent: Annotated[list[Percent], AfterValidator(_rising)] = Field(
        [50, 80], description="At so much of a target, whoever has to act is reminded"
    )
    repeat_after_breach: BusinessDuration | None = Field(
        timedelta(hours=4), description="Between two reminders of what is overdue"
    )
    cap: int = Field(4, strict=True, ge=1, le=20, description="Reminders about one clock of a ticket, at most")

    def target(self, queue: str, priority: str, clock: ClockName) -> timedelta | None:
        """Working time; None where nothing is promised."""
        targets = self.targets.get(queue, {}).get(Priority(priority))
        found: timedelta | None = getattr(targets, clock.value, None)
        return found


plugin = Plugin(
    name="sla",
    version="1.0.0",
    api=1,
    config=SlaConfig,
    tables=Base.metadata,
    migrations=FOLDER / "migrations",
    locale=FOLDER / "locale",
)
