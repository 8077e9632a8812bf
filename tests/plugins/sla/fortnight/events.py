"""What people's deeds change of a ticket, in the model."""

from datetime import datetime, timedelta

from .hours import Rules
from .plan import MUTED, Deed
from .state import Clock, Stay


class Events:
    """The state of one ticket."""

    def __init__(self, rules: Rules, filed: Deed) -> None:
        self.rules, self.number, self.priority = rules, filed.ticket, filed.value
        self.status = "new"
        self.clocks = [Clock("first response"), Clock("resolution")]
        self.stays: list[Stay] = []
        self.in_tier = True
        self.is_private = False
        self.muted: dict[str, datetime] = {}
        """Person → until when reminders to that person are held back."""
        self._enter(filed.queue)

    def target(self, clock: Clock) -> timedelta | None:
        return self.rules.target(self.queue, self.priority, clock.name.replace(" ", "_"))

    def used(self, clock: Clock) -> timedelta:
        """By the hours in force."""
        return clock.used[self.queue]

    @property
    def recipient(self) -> str:
        """Rule 11."""
        return self.assignee or str(self.tier["channel"])

    @property
    def staff(self) -> set[str]:
        """Who works on it: the tier's members, the leads of the queue, the assignee."""
        leads = [tier["lead"] for tier in self.tiers]
        return {one.removeprefix("@") for one in [*self.tier["members"], *leads, self.assignee]}

    def change(self, deed: Deed) -> None:
        """The ticket as it is after the deed."""
        match deed.verb:
            case "claim":
                self.assignee, self.status = deed.actor, self._started()
            case "assign":
                self.assignee, self.status = deed.value, self._started()
            case "priority":
                self.priority = deed.value
            case "reply":
                self._answered()
            case "write" | "thank":
                if deed.verb == "write":
                    self._asked()
                self.status = "in_progress" if self.status == "waiting" else self.status
            case "mute":
                self.muted[deed.actor] = deed.at + MUTED
            case "move":
                self._enter(deed.value)
                self.status = "new"
            case "escalate" | "send_back":
                self.assignee, self.status = deed.value, "in_progress"
                self._stay_in(int(deed.verb == "escalate"))
            case "wait" | "hold" | "resume":
                self.status = {"wait": "waiting", "hold": "on_hold", "resume": "in_progress"}[deed.verb]
            case "resolve" | "cancel" | "reopen" | "object":
                self._end_or_reopen(deed.verb)

    def _end_or_reopen(self, verb: str) -> None:
        self.in_tier = verb in ("reopen", "object")
        self.clocks[1].is_stopped = verb == "resolve"
        if verb == "resolve":
            self._answered()
        self.status = {"resolve": "resolved", "cancel": "cancelled"}.get(verb, "in_progress")
        if self.in_tier:
            self.stays.append(Stay(self.queue, self.tier))
        if verb == "object":
            self._asked()

    def _enter(self, queue: str) -> None:
        rules = self.rules.policy["queues"][queue]
        self.queue, self.tiers, self.assignee = queue, rules["tiers"], ""
        self.is_private = self.is_private or rules.get("private", False)
        self._stay_in(0)

    def _stay_in(self, number: int) -> None:
        self.tier = self.tiers[number]
        self.stays.append(Stay(self.queue, self.tier))

    def _started(self) -> str:
        return "in_progress" if self.status == "new" else self.status

    def _answered(self) -> None:
        for clock in (self.clocks[0], *self.clocks[2:]):
            clock.is_stopped = True

    def _asked(self) -> None:
        exchanges = self.clocks[2:]
        if self.clocks[0].is_stopped and (not exchanges or exchanges[-1].is_stopped):
            self.clocks.append(Clock("next response"))
