"""Messages of ours that somebody deletes: what comes later still finds its reader, in its place."""

from slackdesk.demo.actors import NUMBER, Actor
from slackdesk.demo.stage import Stage
from slackdesk.sandbox import faults
from slackdesk.sandbox.seen import SeenMessage


def test_a_message_for_a_deleted_card_comes_below_a_new_card(stage: Stage) -> None:
    """Slack posts a reply to a vanished message into the channel; it is taken back, and said below a new card."""
    gita, lead = Actor(stage, "gita"), Actor(stage, "helpdesk-lead")
    found = NUMBER.search(gita.person.slash("/ticket The ice machine of floor nine makes crushed ice only").text)
    assert found is not None
    number = found.group()
    card = lead.card(number, "#it-l1")
    stage.sandbox.workspace.delete(card.message.channel_id, card.ts, stage.sandbox.workspace.bot)

    gita.writes(number, "Correction: it makes no ice at all now")

    def said() -> list[SeenMessage]:
        seen = map(lead.person.eyes.seen, lead.person.eyes.messages("#it-l1"))
        return [message for message in seen if "no ice at all now" in message.text]

    def in_place() -> SeenMessage | None:
        messages = said()
        return messages[0] if len(messages) == 1 and messages[0].thread_ts is not None else None

    seen = lead.person.wait_for(in_place, 20, lambda: f"it is not below a card alone: {said()}")
    assert number in lead.person.messages(seen)[0].text, "the thread does not begin with the ticket's card"


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
