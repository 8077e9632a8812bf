"""The policy in force with the rules of another file, for asking what they would change; names in Slack stay."""

from datetime import date

from slackdesk.policy.file import PolicyFile, QueueSection
from slackdesk.policy.model import Queue, ResolvedPolicy
from slackdesk.policy.resolution import calendar_rules


def with_rules_of(present: ResolvedPolicy, file: PolicyFile, today: date) -> ResolvedPolicy:
    """Calendars and settings of plugins are the file's, and so are calendar and budgets of each queue in both.

    A queue that only the file has has no tickets yet; one that only the policy in force has keeps its hours.
    """
    calendars = present.calendars | {key: calendar_rules(section, today) for key, section in file.calendars.items()}
    queues = {
        key: _changed(queue, file.queues[key]) if key in file.queues else queue for key, queue in present.queues.items()
    }
    return present.model_copy(update={"calendars": calendars, "queues": queues, "plugins": file.plugins})


def _changed(queue: Queue, section: QueueSection) -> Queue:
    budgets = {tier.name: tier.budget for tier in section.tiers}
    tiers = tuple(tier.model_copy(update={"budget": budgets.get(tier.name, tier.budget)}) for tier in queue.tiers)
    return queue.model_copy(update={"calendar": section.calendar, "tiers": tiers})
