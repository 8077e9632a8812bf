"""Where a policy names channels and people: the keys as `slackdesk policy check` writes them, and what stands there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from slackdesk.policy.file import PolicyFile, TierSection
from slackdesk.policy.model import ResolvedPolicy, Tier


class Kind(Enum):
    """What is named."""

    CHANNEL = auto()
    PRIVATE_CHANNEL = auto()
    """Of a private queue: nobody else may read it."""
    PEOPLE = auto()
    """A person or a user group."""


@dataclass(frozen=True)
class Place:
    """One name in a policy. ``id`` is what stands there: in force an id of Slack, in the file as it was written."""

    key: str
    id: str
    kind: Kind

    @property
    def is_group(self) -> bool:
        """Whether it is a user group, by its id."""
        return self.kind is Kind.PEOPLE and self.id.startswith("S")

    @property
    def is_person(self) -> bool:
        """Whether it is one person, by its id."""
        return self.kind is Kind.PEOPLE and not self.id.startswith("S")


def places(policy: ResolvedPolicy | PolicyFile) -> list[Place]:
    """All names, in the order of the policy; of lists of people each with the key of the whole list."""
    return list(_places(policy))


def _places(policy: ResolvedPolicy | PolicyFile) -> Iterator[Place]:
    yield from _people("desk.operators", policy.desk.operators)
    for name, queue in policy.queues.items():
        path = f"queues.{name}"
        channel = Kind.PRIVATE_CHANNEL if queue.private else Kind.CHANNEL
        for n, request_channel in enumerate(queue.request_channels):
            yield Place(f"{path}.request_channels[{n}]", request_channel, channel)
        yield from _people(f"{path}.stakeholders", queue.stakeholders)
        yield from _people(f"{path}.validation.people", queue.validation.people)
        tiers: Sequence[Tier | TierSection] = queue.tiers
        for n, tier in enumerate(tiers):
            yield Place(f"{path}.tiers[{n}].channel", tier.channel, channel)
            yield Place(f"{path}.tiers[{n}].lead", tier.lead, Kind.PEOPLE)
            groups = tier.groups if isinstance(tier, Tier) else ()  # in the file they are among the members
            yield from _people(f"{path}.tiers[{n}].members", [*sorted(tier.members), *groups])


def _people(key: str, ids: Sequence[str]) -> Iterator[Place]:
    return (Place(key, one, Kind.PEOPLE) for one in ids)
