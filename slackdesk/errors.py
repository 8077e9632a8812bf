"""The one tree of errors.

SlackdeskError
├── ConfigurationError     an operator has to change a key; names the key, the value and the remedy
├── Refused                a person asked for something that the desk does not do; the text is for that person
│   ├── NotAllowed         the person lacks the right
│   ├── NotFound           no such ticket, queue, person
│   ├── WrongState         the ticket is not in a state for it (closed, already escalated, …)
│   ├── AlreadyClaimed     somebody else was first
│   └── InvalidInput       a field of what the person sent is wrong; ``field`` says which
├── AlreadyAccepted        the same delivery was accepted before; carries the answer given then
└── Unavailable            a part is away for the moment; the same request may succeed later
    ├── DatabaseBusy
    ├── RedisUnavailable
    ├── TooEarly           what an event is about may still be on its way
    └── Blocked            Slack lets nothing pass at a place until somebody mends it
"""

from collections.abc import Callable, Mapping


class SlackdeskError(Exception):
    """Base of all errors that slackdesk raises on purpose."""


class ConfigurationError(SlackdeskError):
    """A setting or a policy key is wrong, or missing: value None. ``str()`` is the whole sentence for the operator."""

    def __init__(self, key: str, value: object, remedy: str) -> None:
        self.key, self.value, self.remedy = key, value, remedy
        super().__init__(f"{key}: {remedy}" if value is None else f"{key} = {value!r}: {remedy}")


class Refused(SlackdeskError):
    """A person's request was refused. ``template`` is an English sentence with ``{names}``, filled from ``values``.

    The edge shows ``text(translate)`` in the person's own language; ``str()`` is the English sentence.
    """

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        self.values: Mapping[str, object] = values
        super().__init__(template.format(**values))

    def text(self, translate: Callable[..., str]) -> str:
        """The sentence through ``translate(template, **values)``."""
        return translate(self.template, **self.values)


class NotAllowed(Refused):
    """The person lacks the right (DESIGN: rights are checked in the use case)."""


class NotFound(Refused):
    """What the person named does not exist, or is not visible to that person."""


class WrongState(Refused):
    """The ticket is not in a state in which that can be done."""


class AlreadyClaimed(Refused):
    """Somebody else claimed the ticket first."""

    def __init__(self, template: str, *, assignee: str, **values: object) -> None:
        self.assignee = assignee
        super().__init__(template, assignee=assignee, **values)


class InvalidInput(Refused):
    """A field of what the person sent is wrong."""

    def __init__(self, field: str, template: str, **values: object) -> None:
        self.field = field
        super().__init__(template, **values)


class AlreadyAccepted(SlackdeskError):
    """The same delivery (inbox key) was accepted before. ``answer`` is what was answered then, if anything."""

    def __init__(self, key: str, answer: dict[str, object] | None) -> None:
        self.key, self.answer = key, answer
        super().__init__(f"already accepted: {key}")


class Unavailable(SlackdeskError):
    """A part is away for the moment; the same request may succeed later."""


class DatabaseBusy(Unavailable):
    """The database is locked, slow or away; nothing was written."""


class RedisUnavailable(Unavailable):
    """The Redis server does not answer; work waits in SQL."""


class TooEarly(Unavailable):
    """What an event is about may still be on its way: it has to be looked at again (``slackdesk.slack.too_early``)."""


class Blocked(Unavailable):
    """Slack lets nothing pass at ``place`` (``slackdesk.dispatch.blockages``): work for it waits, without an end."""

    def __init__(self, place: str, error: str) -> None:
        self.place, self.error = place, error
        super().__init__(f"nothing passes at {place}: {error}")
