"""What a person can be told to do in one JSON object, such as `{"click": "Claim", "in": "IT-42"}`."""

from collections.abc import Callable
from typing import Any

from slackdesk.sandbox.people import Answer, Person
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.seen import SeenMessage, is_conversation


class BadDeed(ValueError):
    """A request that names no deed, or not what the deed needs."""


def perform(person: Person, deed: Json) -> Any:
    """Do the one deed that the object names; returns what came of it, if that is more than what the screen shows.

    `in` says where: "#general", "dm", "home", or a text that a visible message contains (that message, its thread).
    Raises BadDeed, AssertionError where the person could not do this.
    """
    named = DEEDS.keys() & deed.keys()
    if len(named) != 1:
        found = " and ".join(sorted(named)) if named else f"none among {', '.join(sorted(deed)) or 'nothing'}"
        raise BadDeed(f"name exactly one deed of {', '.join(sorted(DEEDS))}; there is {found}")
    name = named.pop()
    return DEEDS[name](person, _Details(name, deed))


class _Details:
    def __init__(self, name: str, deed: Json) -> None:
        self._name = name
        self._deed = deed

    @property
    def value(self) -> Any:
        return self._deed[self._name]

    @property
    def text(self) -> str:
        return self.string(self._name)

    def string(self, key: str, default: str | None = None) -> str:
        value = self._deed.get(key, default)
        if not isinstance(value, str):
            raise BadDeed(f"{self._name}: {key!r} must be a text, not {value!r}")
        return value

    def place(self, default: str = "dm") -> str:
        return self.string("in", default)

    @property
    def anywhere(self) -> str | None:
        return self.place() if "in" in self._deed else None

    @property
    def confirm(self) -> bool:
        return self._deed.get("confirm", True) is True

    @property
    def by_label(self) -> Json:
        if not isinstance(self.value, dict):
            raise BadDeed(f"{self._name} takes an object of labels and values, not {self.value!r}")
        return self.value

    def message(self, person: Person) -> SeenMessage:
        """The message that `in` describes."""
        return person.sees(self.string("in"))

    def composer(self, person: Person) -> str | SeenMessage:
        return self.place() if is_conversation(self.place()) else self.message(person)


def _answer(answer: Answer) -> Json:
    return {"text": answer.text, "buttons": answer.buttons, "error": answer.error}


def _slash(person: Person, how: _Details) -> Json:
    return _answer(person.slash(how.text, in_=how.place()))


def _uploads(person: Person, how: _Details) -> None:
    content = how.string("content", "").encode()
    person.uploads(how.text, content, in_=how.composer(person), text=how.string("text", ""))


def _click(person: Person, how: _Details) -> None:
    if person.has_modal and how.anywhere is None:
        person.modal.click(how.text, confirm=how.confirm)
    else:
        person.click(how.text, in_=how.anywhere, confirm=how.confirm)


def _select(person: Person, how: _Details) -> None:
    for label, choice in how.by_label.items():
        person.select(label, choice, in_=how.anywhere)


def _fill(person: Person, how: _Details) -> None:
    surface = person.home if how.anywhere == "home" else person.modal
    surface.fill(how.by_label)


DEEDS: dict[str, Callable[[Person, _Details], Any]] = {
    "slash": _slash,
    "says": lambda person, how: person.says(how.text, in_=how.composer(person)).ts,
    "uploads": _uploads,
    "edits": lambda person, how: person.edits(how.message(person), how.text).ts,
    "deletes": lambda person, how: person.deletes(person.sees(how.text)),
    "reacts": lambda person, how: person.reacts(how.message(person), how.text),
    "unreacts": lambda person, how: person.unreacts(how.message(person), how.text),
    "joins": lambda person, how: person.joins(how.text),
    "leaves": lambda person, how: person.leaves(how.text),
    "invites": lambda person, how: person.invites(how.text, how.string("in")),
    "click": _click,
    "select": _select,
    "fill": _fill,
    "submit": lambda person, how: person.modal.submit(),
    "close": lambda person, how: person.modal.close(),
    "opens_home": lambda person, how: person.opens_home(),
    "shortcut": lambda person, how: person.shortcut(how.text),
    "message_shortcut": lambda person, how: person.message_shortcut(how.text, how.message(person)),
}
