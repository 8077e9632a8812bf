"""Requests come in through every door, again and again until their people were told a number."""

import time
from collections.abc import Callable, Sequence

from slackdesk.demo.actors import NUMBER
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import SeenMessage

from .plan import PLACE_OF_REACTIONS, WRITER, Door, Step
from .scene import Scene

RETYPED_SECONDS = 110.0
"""The same text within two minutes is the same request; a little less, since that counts from the commit."""


def file(scene: Scene, step: Step) -> None:
    """File the request; afterwards the requester was told its number."""
    journey, text = scene.expected.journey, step.text
    doors: dict[Door, Callable[[], str]] = {
        Door.COMMAND: lambda: _by_command(scene, journey.requester, text),
        Door.FORM: lambda: _by_form(scene, journey.requester, text),
        Door.DIRECT_MESSAGE: lambda: _by_message(scene, journey.requester, text, "dm"),
        Door.CHANNEL: lambda: _by_message(scene, journey.requester, text, "#help-it"),
        Door.REACTION: lambda: _by_reaction(scene, step.by, text),
    }
    scene.expected.numbers.append(doors[journey.door]())


def retype(scene: Scene, step: Step) -> None:
    """Type the same again right away: there is one request."""
    filed_at = time.monotonic()
    number = _by_command(scene, step.by, scene.expected.text)
    if number != scene.expected.number and time.monotonic() - filed_at > RETYPED_SECONDS:
        scene.expected.numbers.append(number)
    elif number != scene.expected.number:
        scene.expected.trouble = f"typed again, the request was {number}, before it was {scene.expected.number}"


def _by_command(scene: Scene, handle: str, text: str) -> str:
    while True:
        with scene.company.hands_of(handle) as person:
            answer = person.slash(f"/ticket {text}")
        if not answer.error and (number := NUMBER.search(answer.text)):
            return number.group()
        scene.try_again(f"/ticket was answered with {answer.error or answer.text!r}")


def _by_form(scene: Scene, handle: str, text: str) -> str:
    answers = {"What is it about?": "Other", "What do you need?": text}
    twice = scene.expected.journey.submits_twice
    with scene.company.hands_of(handle) as person:
        while True:
            modal = scene.fill(handle, lambda person: person.slash("/ticket"), answers, twice=twice)
            number = NUMBER.search(modal.title)
            if person.has_modal:
                person.modal.close(all_views=True)
            if number is not None:
                return number.group()
            scene.try_again(f"the form was answered with {modal.title!r}")


def _by_message(scene: Scene, handle: str, text: str, place: str) -> str:
    said: list[SeenMessage] = []
    while True:
        with scene.company.hands_of(handle) as person:
            said.append(person.says(text, in_=place))
        if scene.accepted(lambda: scene.company.acknowledgements.of_message(said[-1]), "a message"):
            scene.expected.may_be_asked_before(len(said) - 1)
            return _number_answering(scene, handle, said)
        scene.try_again("the message was given up by Slack")


def _by_reaction(scene: Scene, handle: str, text: str) -> str:
    with scene.company.hands_of(WRITER) as writer:
        message = writer.says(text, in_=PLACE_OF_REACTIONS)
    react(scene, handle, message, "ticket")
    return _number_answering(scene, WRITER, [message])


def react(scene: Scene, handle: str, message: SeenMessage, emoji: str) -> None:
    """Add an emoji, again when Slack could not deliver it."""
    outcome = scene.company.acknowledgements.of_reaction
    while True:
        if _is_done(scene, handle, lambda person: person.reacts(message, emoji)):
            if scene.accepted(lambda: outcome(message, emoji), f":{emoji}:"):
                return
            _is_done(scene, handle, lambda person: person.unreacts(message, emoji))
        scene.try_again(f":{emoji}: was not taken")


def _is_done(scene: Scene, handle: str, act: Callable[[Person], None]) -> bool:
    """False where Slack does not let the person do it now."""
    with scene.company.hands_of(handle) as person:
        try:
            act(person)
        except AssertionError:
            return False
    return True


def _number_answering(scene: Scene, handle: str, said: Sequence[SeenMessage]) -> str:
    """The number in the thread of one of these messages, which say the same."""
    person = scene.person(handle)

    def look() -> str | None:
        with person.workspace.lock:
            for answer in (answer for message in said for answer in person.eyes.messages(message)):
                if answer.user_id == person.workspace.bot.id and (found := NUMBER.search(answer.text)):
                    return found.group()
        return None

    return scene.wait(look, f"a number in answer to {said[0].text!r}")
