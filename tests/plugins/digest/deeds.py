"""What random people do with random tickets."""

from collections.abc import Callable
from random import Random
from typing import Any

from slackdesk.errors import Refused
from slackdesk.tickets import service

PEOPLE = ("maya", "rina", "agus", "dewi", "bayu", "helpdesk-lead")
ACTS: dict[str, Callable[[Any, int, str, Random], object]] = {
    "claim": lambda world, one, who, _: world.claim(one, who),
    "take over": lambda world, one, who, _: world.do(service.take_over_ticket, one, world.id_of(who)),
    "assign": lambda world, one, who, chance: world.do(
        service.assign_ticket, one, world.id_of(who), world.id_of(chance.choice(PEOPLE[1:]))
    ),
    "reply": lambda world, one, who, _: world.reply(one, who),
    "wait": lambda world, one, who, _: world.wait(one, who),
    "hold": lambda world, one, who, _: world.do(service.hold_ticket, one, world.id_of(who), "A part is missing"),
    "resume": lambda world, one, who, _: world.resume(one, who),
    "escalate": lambda world, one, who, _: world.escalate(one, who),
    "urgent": lambda world, one, who, _: world.do(service.set_priority, one, world.id_of(who), "urgent"),
    "accept": lambda world, one, who, _: world.accept(one, who),
    "send back": lambda world, one, who, _: world.send_back(one, who),
    "resolve": lambda world, one, who, chance: world.resolve(one, who, chance.choice(["Laptop", "Other"])),
    "close": lambda world, one, who, _: world.close(one, who),
    "reopen": lambda world, one, who, _: world.reopen(one, who),
    "cancel": lambda world, one, who, _: world.do(service.cancel_ticket, one, world.id_of(who)),
    "not a request": lambda world, one, who, _: world.do(service.mark_not_a_request, one, world.id_of(who)),
    "move": lambda world, one, who, chance: world.move(one, chance.choice(["it", "hr"]), "Other", who),
}


def something_happens(world: Any, tickets: list[int], chance: Random) -> None:
    """Somebody files a request, or does with one of the latest what can be done with it."""
    if not tickets or chance.random() < 0.2:
        tickets.append(
            world.file(what=f"Request {len(tickets)} of {world.desk.now}", topic=chance.choice([None, "Laptop"]))
        )
        return
    for _ in range(30):  # until somebody has the right to do what can be done
        act = ACTS[chance.choice(list(ACTS))]
        try:
            act(world, chance.choice(tickets[-6:]), chance.choice(PEOPLE), chance)
        except Refused:
            continue
        return
