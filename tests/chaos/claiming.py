"""Making a ticket one's own: by button, command or reaction, at the same moment as somebody else, or from somebody."""

import time

from . import filing
from .plan import AGENTS, Step
from .scene import Scene, together


def claim(scene: Scene, step: Step, *, times: int = 1) -> None:
    """By the button, pressed so often at the same moment."""
    scene.press(step.by, "Claim", scene.card, lambda: scene.card_says(Assignee=f"@{step.by}"), times)
    scene.expected.claimed(step.by)


def claim_by_command(scene: Scene, step: Step) -> None:
    """`/ticket claim 42`."""
    slash(scene, step.by, f"/ticket claim {scene.expected.number}", "{number} is yours.")
    scene.expected.claimed(step.by)


def claim_by_reaction(scene: Scene, step: Step) -> None:
    """👀 on the card."""
    card = scene.wait(scene.card, "a card")
    filing.react(scene, step.by, card, "eyes")
    scene.wait(lambda: scene.card_says(Assignee=f"@{step.by}"), f"{step.by} as assignee")
    scene.expected.claimed(step.by)


def race(scene: Scene, step: Step) -> None:
    """Two claim at once: one has it, the other reads who was first."""
    started, acknowledged = time.time(), set()

    def press(by: str) -> None:
        if scene.pressed(by, "Claim", scene.card, lambda: assignee(scene) is not None):
            acknowledged.add(by)

    together(*(lambda by=by: press(by) for by in AGENTS))
    scene.press(step.by, "Claim", scene.card, lambda: assignee(scene) is not None)
    winner = assignee(scene)
    for loser in acknowledged - {winner}:
        scene.wait(lambda loser=loser: scene.refusals(loser, started), f"a word to {loser}, who claimed too late")
    scene.expected.claimed(winner or "")


def assignee(scene: Scene) -> str | None:
    """Which of the first tier's agents the card names."""
    return next((agent for agent in AGENTS if scene.card_says(Assignee=f"@{agent}")), None)


def take_over(scene: Scene, step: Step) -> None:
    """With the button, whose question is answered with yes."""
    scene.press(step.by, "Take over", scene.card, lambda: scene.card_says(Assignee=f"@{step.by}"))
    scene.expected.taken_over(step.by)


def slash(scene: Scene, handle: str, command: str, done: str) -> None:
    """A command that may be repeated, until it was answered with that sentence."""
    sentence = scene.t[handle](done, number=scene.expected.number)
    while True:
        with scene.company.hands_of(handle) as person:
            answer = person.slash(command)
        if not answer.error and sentence.replace("*", "") in answer.text:
            return
        scene.try_again(f"{command} was answered with {answer.error or answer.text!r}")
