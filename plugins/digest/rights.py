"""Who may see the numbers of which queue."""

from slackdesk.api import ReadContext


def visible_queues(ctx: ReadContext, person: str) -> list[str]:
    """Keys of the queues whose numbers the person may see, in the order of the policy.

    Those of which the person is an agent, a lead or a stakeholder; for operators, all that are not private, too. Guests
    and people who have left see none.
    """
    if (known := ctx.person(person)) is not None and (known.is_guest or known.is_deleted):
        return []
    is_operator = person in ctx.policy.desk.operators
    return [
        key
        for key, queue in ctx.policy.queues.items()
        if person in queue.stakeholders
        or any(person in tier.members or person == tier.lead for tier in queue.tiers)
        or (is_operator and not queue.private)
    ]
