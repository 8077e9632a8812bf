"""A company files and works on requests while faults of every kind strike: the account of it all is even.

The long run is `python tests/chaos/run.py --seed 7 --requests 1000`.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from slackdesk.sandbox.journal import CallEntry
from slackdesk.sandbox.records import Message

from .account import draw_account
from .campaign import new_plan, run_campaign
from .expected import Expected
from .faults import FAULTS
from .night import policy
from .plan import LEAD, Deed, make_plan
from .resting import rest
from .sights import Sights
from .traffic import Traffic
from .world import World

SEED, REQUESTS, STRIKES = 7, 40, 24


@pytest.mark.xdist_group("chaos")
def test_chaos_mix_leaves_an_even_account(tmp_path: Path) -> None:
    world = World(tmp_path / "world", rate_scale=60.0, policy=policy(datetime.now(UTC)))
    plan = new_plan(world, SEED, REQUESTS, FAULTS, STRIKES)
    with world:
        outcome = run_campaign(world, plan, FAULTS)
    again = f"python tests/chaos/run.py --seed {SEED} --requests {REQUESTS} --strikes {STRIKES}"
    assert outcome.account.differences == [], f"{plan}\nevidence in {world.folder}\nagain: {again}"
    assert outcome.account.counts["requests"] == REQUESTS
    assert sum(fired > 0 for fired in outcome.fired.values()) > len(outcome.fired) / 2, outcome.fired


def test_chaos_plan_follows_from_its_seed_alone() -> None:
    faults = ["a", "b", "c"]
    plan = make_plan(11, 400, faults, 30)
    assert plan == make_plan(11, 400, list(reversed(faults)), 30)
    assert plan != make_plan(12, 400, faults, 30)
    assert plan.journeys[:50] == make_plan(11, 50, faults, 0).journeys
    deeds = {step.deed for journey in plan.journeys for step in journey.steps}
    assert deeds == set(Deed), f"never planned: {set(Deed) - deeds}"
    assert [strike.at_deed for strike in plan.strikes] == sorted(strike.at_deed for strike in plan.strikes)
    assert {strike.fault for strike in plan.strikes} == set(faults)
    texts = [step.text for journey in plan.journeys for step in journey.steps if step.text]
    assert len(texts) == len(set(texts))


def _card(world: World, one: Expected) -> Message:
    (card,) = Sights(world.sandbox).cards(one.number, world.stage.person(LEAD), f"#it-{one.tier.lower()}")
    return card.message


def _root(world: World, one: Expected) -> Message:
    (root,) = Sights(world.sandbox).roots(one.number, world.stage.person(one.journey.requester))
    return root.message


def _delete_card(world: World, one: Expected) -> None:
    card = _card(world, one)
    world.sandbox.workspace.delete(card.channel_id, card.ts, world.sandbox.workspace.bot)


def _say_twice(world: World, one: Expected) -> None:
    workspace, card = world.sandbox.workspace, _card(world, one)
    copy = next(reply for reply in workspace.channels[card.channel_id].threads[card.ts] if one.number in reply.text)
    workspace.post(card.channel_id, workspace.bot, text=copy.text, blocks=copy.blocks, thread_ts=card.ts)


def _redraw_card(world: World, one: Expected) -> None:
    workspace, card = world.sandbox.workspace, _card(world, one)
    blocks = json.loads(json.dumps(card.blocks).replace("@" if one.assignee else "nobody", "?"))
    workspace.edit(card.channel_id, card.ts, workspace.bot, text=card.text, blocks=blocks)


def _take_buttons(world: World, one: Expected) -> None:
    workspace, card = world.sandbox.workspace, _card(world, one)
    blocks = [block for block in card.blocks or [] if block["type"] != "actions"]
    workspace.edit(card.channel_id, card.ts, workspace.bot, text=card.text, blocks=blocks)


def _tell_a_secret(world: World, one: Expected) -> None:
    one.secrets.append("Between you and me")
    workspace, root = world.sandbox.workspace, _root(world, one)
    text = f"{one.number}: Between you and me"
    workspace.post(root.channel_id, workspace.bot, text=text, thread_ts=root.thread_ts or root.ts)


def _lose_a_reply(world: World, one: Expected) -> None:
    one.replied("Never delivered (ref 0.99)", shown=False)


def _file_for_nobody(world: World, one: Expected) -> None:
    workspace = world.sandbox.workspace
    workspace.post(workspace.channel_by_name("it-l1").id, workspace.bot, text="IT-4711 · Nobody asked for this")


def _share_a_number(world: World, one: Expected) -> None:
    one.numbers.append("IT-1" if one.number != "IT-1" else "IT-2")


def _send_malformed(world: World, one: Expected) -> None:
    world.journal.record(CallEntry(method="chat.postMessage", args={}, illegal=["[ERROR] too long"]))


def _call_too_early(world: World, one: Expected) -> None:
    world.journal.record(CallEntry(method="chat.update", args={}, outcome="ratelimited"))
    later = time.monotonic() + 2
    world.journal.record(CallEntry(method="chat.update", args={}, inside_retry_after=True, monotonic=later))


def _give_up_work(world: World, one: Expected) -> None:
    with world.engine() as engine, engine.begin() as connection:
        connection.execute(sql("UPDATE work SET state = 'dead' WHERE id = 1"))


def _change_history(world: World, one: Expected) -> None:
    with world.engine() as engine, engine.begin() as connection:
        connection.execute(sql("UPDATE history SET actor = 'U0NOBODY' WHERE ticket_id = 1 AND sequence = 1"))


def _change_badge(world: World, one: Expected) -> None:
    workspace, card = world.sandbox.workspace, _card(world, one)
    blocks = json.loads(json.dumps(card.blocks, ensure_ascii=False).replace("🟢", "🔴").replace("🟡", "🔴"))
    workspace.edit(card.channel_id, card.ts, workspace.bot, text=card.text, blocks=blocks)


def _summarize(world: World, one: Expected) -> None:
    workspace = world.sandbox.workspace
    workspace.post(workspace.channel_by_name("it-l1").id, workspace.bot, text="Asia/Jakarta; compared with 1 Nov")


def _lose_a_poll(world: World, one: Expected) -> None:
    _insert(world, "plugin_posting", plugin="csat", key="poll:4711", channel="C0NOWHERE", ts="1.0")


def _poll_somebody(world: World, one: Expected) -> None:
    instants = dict.fromkeys(("closed_at", "sent_at"), "2026-01-01 00:00:00.000000")
    who = {"ticket_id": 4711, "requester": "U0NOBODY", "queue": "it", "tier": "L1", "revision": 1}
    _insert(world, "csat_poll", is_anonymous=0, is_void=0, **who, **instants)


def _remind_somebody(world: World, one: Expected) -> None:
    instants = dict.fromkeys(("due_at", "deliver_at", "sent_at"), "2026-01-01 00:00:00.000000")
    what = {"ticket_id": 1, "clock": "resolution", "cycle": 1, "level": 80, "recipient": "U0NOBODY", "revision": 1}
    _insert(world, "sla_reminder", **what, **instants)


def _insert(world: World, table: str, **values: object) -> None:
    columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    with world.engine() as engine, engine.begin() as connection:
        connection.execute(sql(f"INSERT INTO {table} ({columns}) VALUES ({places})"), values)  # noqa: S608


TAMPERINGS: dict[Callable[[World, Expected], None], str] = {
    _say_twice: "the agents saw once more",
    _redraw_card: "the card says Assignee",
    _take_buttons: "the card of a ticket that is",
    _tell_a_secret: "the requester read 'Between you and me'",
    _lose_a_reply: "the requester did not see “Never delivered (ref 0.99)”",
    _file_for_nobody: "IT-4711 was told to nobody",
    _share_a_number: "was told for 2 requests",
    _send_malformed: "illegal: [ERROR] too long",
    _call_too_early: "after Slack had asked to wait",
    _give_up_work: "work 1 (",
    _change_history: "audit verify",
    _delete_card: "0 cards in",
    _change_badge: "the card does not show",
    _summarize: "1 summaries, 0 with files, not 0",
    _lose_a_poll: "the message poll:4711 of csat is not in C0NOWHERE",
    _poll_somebody: "polled once more, or without a cause: U0NOBODY",
    _remind_somebody: "times more than is due",
}
"""What is done behind the desk's back → the words of the difference that it makes."""


TAMPERED = {_take_buttons: 1, _delete_card: 2}
"""Which request, where it is not the first one: each card is tampered with once."""


@pytest.mark.xdist_group("chaos")
def test_chaos_account_names_everything_that_differs(tmp_path: Path) -> None:
    world = World(tmp_path / "world", rate_scale=60.0, beside=(), policy=policy(datetime.now(UTC)))
    with world:
        traffic = Traffic(world, make_plan(5, 3, [], 0), {})
        expected = traffic.run()
        assert rest(world) == []
        assert draw_account(traffic.company, expected).differences == []
        for tamper in TAMPERINGS:
            tamper(world, expected[TAMPERED.get(tamper, 0)])
        differences = draw_account(traffic.company, expected).differences
    unnoticed = [words for words in TAMPERINGS.values() if not any(words in one for one in differences)]
    assert unnoticed == [], differences
