"""Messages of ours that somebody deletes: what comes later still finds its reader, in its place."""

import pytest

from slackdesk.demo.actors import NUMBER, Actor
from slackdesk.demo.stage import Stage
from slackdesk.sandbox import faults
from slackdesk.sandbox.seen import SeenMessage


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_message_for_a_deleted_card_comes_below_a_new_card(stage: Stage, is_answered: bool) -> None:
    """Slack posts a reply to a vanished message into the channel; it is taken back, and said below a new card.

    Also when Slack's answer is lost, and the message has to be looked for.
    """
    gita, lead = Actor(stage, "gita"), Actor(stage, "helpdesk-lead")
    room = f"floor {9 if is_answered else 8}"
    found = NUMBER.search(gita.person.slash(f"/ticket The ice machine of {room} makes crushed ice only").text)
    assert found is not None
    number = found.group()
    card = lead.card(number, "#it-l1")
    stage.sandbox.workspace.delete(card.message.channel_id, card.ts, stage.sandbox.workspace.bot)
    correction = f"Correction: no ice at all on {room} now"
    lost = stage.sandbox.faults.inject(
        "chat.postMessage", faults.dropped_after(), times=1, matching=lambda args: correction in str(args)
    )
    if is_answered:
        lost.remove()

    gita.writes(number, correction)

    def said() -> list[SeenMessage]:
        seen = map(lead.person.eyes.seen, lead.person.eyes.messages("#it-l1"))
        return [message for message in seen if correction in message.text]

    def in_place() -> SeenMessage | None:
        messages = said()
        return messages[0] if len(messages) == 1 and messages[0].thread_ts is not None else None

    seen = lead.person.wait_for(in_place, 60, lambda: f"it is not below a card alone: {said()}")
    assert number in lead.person.messages(seen)[0].text, "the thread does not begin with the ticket's card"
    assert lost.fired == int(not is_answered)


def test_a_request_whose_message_is_deleted_goes_on_in_a_direct_message(stage: Stage) -> None:
    gita = Actor(stage, "gita")
    injected = stage.sandbox.faults.inject(
        "chat.postMessage", faults.slow(1.5), times=1, matching=lambda args: args.get("channel") == gita_channel(stage)
    )
    message = gita.person.says("The parking gate opens for nobody today, not even for the CEO", in_="#help-it")
    gita.person.deletes(message)

    root = gita.person.sees("parking gate opens for nobody", in_="dm", within_seconds=20)
    assert root.author != gita.handle
    assert injected.fired == 1


def gita_channel(stage: Stage) -> str:
    return stage.sandbox.workspace.channel_by_name("help-it").id
