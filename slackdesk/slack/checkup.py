"""``/desk doctor``: who may ask how the desk is; a worker answers, since Slack and Redis have to be asked first."""

from slackdesk.errors import NotAllowed
from slackdesk.slack.edge import Asked, ask_later
from slackdesk.slack.payloads import Command

TIMER = "doctor"
"""Name of the work: payload ``person`` and ``channel``."""


def ask_doctor(asked: Asked, given: Command) -> str:
    """Have everything looked at. Raises NotAllowed for whoever is no operator of the policy."""
    operators = asked.tx.policy.desk.operators
    if asked.person not in operators:
        raise NotAllowed("Only the operators of the helpdesk may ask that. Ask <@{operator}>.", operator=operators[0])
    ask_later(asked.tx, TIMER, {"person": asked.person, "channel": given.channel}, key=given.key)
    return asked.t(
        "I am looking at everything. If no answer comes within a minute, run `slackdesk doctor` on the server."
    )
