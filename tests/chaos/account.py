"""The account: what people see at the end, compared with what they were told.

Every difference is one sentence. Tickets are read from screens: cards, threads, direct messages, Homes. Only then the
desk itself is asked: whether the histories are whole, and whether any work is dead or stuck.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from slackdesk.dispatch.model import LIVE, Work, WorkState
from slackdesk.i18n import translator
from slackdesk.sandbox.journal import CallEntry
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.slack.drawings.parts import STATUS_WORDS
from slackdesk.tickets.lifecycle import OPEN
from slackdesk.tickets.model import Status

from .expected import Expected, Line
from .plan import LEAD
from .plugins_said import PluginsSaid
from .reading import CHANNEL_LOCALE, says
from .resting import desk_now, rest
from .scene import Company
from .sights import facts
from .world import World

UNDER_WAY_SECONDS = 1.0
"""A call that left before the answer 429 to another call was read cannot have known of it."""

LATE = timedelta(seconds=10)
"""Work that is due for longer, though the world was at rest a moment ago, is done by nobody."""

CLOSED = ("is_archived", "channel_not_found", "not_in_channel")
"""How a channel refuses an answer to a press; the desk gives it by direct message then."""

HasCause = Callable[[SeenMessage], bool]
"""Whether there is a reason for a message that no deed asked for."""


@dataclass
class Account:
    """``differences`` is empty when everything is as it was told; ``counts`` says what was compared."""

    differences: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def draw_account(company: Company, expected: Sequence[Expected]) -> Account:
    """Compare everything. The world has to be at rest."""
    account = Account()
    plugins = PluginsSaid(company)
    was_refused = _was_refused_elsewhere(company)
    for one in expected:
        account.differences += _of_request(company, one, account.counts, plugins.is_theirs, was_refused)
    account.differences += plugins.differences(expected, account.counts)
    account.differences += _of_numbers(company, expected)
    account.differences += _of_homes(company, expected, account.counts)
    account.differences += broken_rules(company.world, account.counts)
    account.differences += _of_work(company.world, account.counts)
    return account


def _of_request(company: Company, expected: Expected, counts: Counter[str], *has_cause: HasCause) -> Iterator[str]:
    name = f"request {expected.journey.index} of {expected.journey.requester} ({expected.text!r})"
    if expected.trouble:
        yield f"{name}: {expected.trouble}"
    if not expected.numbers or expected.trouble:
        return
    counts["requests"] += 1
    for difference in _of_ticket(company, expected, counts, *has_cause):
        yield f"{expected.number}, {name}: {difference}"


def _of_ticket(
    company: Company, expected: Expected, counts: Counter[str], is_plugins: HasCause, was_refused: HasCause
) -> Iterator[str]:
    requester, lead = company.world.stage.person(expected.journey.requester), company.world.stage.person(LEAD)
    own = [seen for seen in company.sights.of(expected.number, requester) if not seen.ephemeral]
    yield from _cards(company, expected, lead, counts)
    roots = company.sights.roots(expected.number, requester)
    if len(roots) != 1:
        yield f"{len(roots)} heads of the requester's thread"
    yield from _status_of_root(expected, roots, requester)
    heads = {seen.ts for seen in roots}
    locales = (requester.user.locale, CHANNEL_LOCALE)
    theirs = [seen for seen in own if seen.ts not in heads and not seen.channel.startswith("#it-")]
    yield from _lines("the requester", expected, expected.requester_lines, theirs, locales, counts, is_plugins)
    yield from _secrets(company, expected, requester)
    agents = [seen for seen in company.sights.of(expected.number, lead) if seen.channel.startswith("#it-")]
    inside = [seen for seen in agents if not seen.ephemeral and not seen.text.startswith(f"{expected.number} ·")]
    yield from _lines("the agents", expected, expected.agents_lines, inside, (CHANNEL_LOCALE,), counts, is_plugins)
    yield from _order("the requester", expected.order["requester"], theirs)
    yield from _order("the agents", expected.order["agents"], inside)
    yield from _buttons_of_question(expected, theirs, requester)
    yield from _personal(company, expected, counts, lambda seen: is_plugins(seen) or was_refused(seen))


def _cards(company: Company, expected: Expected, lead: Person, counts: Counter[str]) -> Iterator[str]:
    for tier in ("L1", "L2", "L3"):
        cards = company.sights.cards(expected.number, lead, f"#it-{tier.lower()}")
        counts["cards"] += len(cards)
        if len(cards) != int(tier in expected.visited):
            yield f"{len(cards)} cards in {tier}, not {int(tier in expected.visited)}"
        elif cards and tier == expected.tier:
            yield from _current_card(expected, cards[0])
        elif cards:
            yield from _former_card(expected, cards[0])


def _current_card(expected: Expected, card: SeenMessage) -> Iterator[str]:
    wanted = {
        "Status": STATUS_WORDS[expected.status],
        "Priority": expected.priority,
        "Assignee": f"@{expected.assignee}" if expected.assignee else "nobody yet",
        "Tier": f"{expected.tier} of IT help",
    }
    said = facts(card)
    for name, value in wanted.items():
        if said.get(name) != value:
            yield f"the card says {name} {said.get(name)!r}, not {value!r}"
    if expected.text not in card.text:
        yield f"the card does not show the request, but {card.text!r}"
    fitting = _fitting_buttons(expected)
    for label in ("Claim", "Take over", "Accept", "Send back", "Reply", "Escalate", "Resolve", "Reopen", "Close"):
        if (label in card.buttons) is not (label in fitting):
            yield f"the card of a ticket that is {expected.status} has {card.buttons}"
            return


def _fitting_buttons(expected: Expected) -> set[str]:
    if expected.status not in OPEN:
        return {"Reopen", "Close"} if expected.status is Status.RESOLVED else {"Reopen"}
    fitting = {"Reply", "Resolve"} | ({"Escalate"} if expected.tier != "L3" else set())
    if expected.awaits_acceptance:
        return fitting | {"Accept", "Send back"}
    return fitting | ({"Take over"} if expected.assignee else {"Claim"})


def _former_card(expected: Expected, card: SeenMessage) -> Iterator[str]:
    if card.buttons:
        yield f"the card of a tier that was left has buttons: {card.buttons}"
    assignee = f"@{expected.assignee}" if expected.assignee else "nobody yet"
    sentence = f"Status: {STATUS_WORDS[expected.status]}. Assignee: {assignee}."
    if sentence not in card.text:
        yield f"the card of a tier that was left does not say {sentence!r}, but {card.text!r}"


def _status_of_root(expected: Expected, roots: Sequence[SeenMessage], requester: Person) -> Iterator[str]:
    word = STATUS_WORDS[expected.status]
    words = {translator(locale)(word) for locale in (requester.user.locale, CHANNEL_LOCALE)}
    for root in roots:
        if not any(f"Status: {one}." in root.text for one in words):
            yield f"the requester does not read that it is {word!r}, but {root.text!r}"


def _lines(
    who: str,
    expected: Expected,
    lines: Sequence[Line],
    seen: Sequence[SeenMessage],
    locales: Sequence[str],
    counts: Counter[str],
    has_cause: HasCause = lambda one: False,
) -> Iterator[str]:
    """What is missing among what was seen, and what is there besides: said twice, or never to be said."""
    left = list(seen)
    # Texts are unmistakable, sentences are not; what has to be there takes before what may be there.
    for line in sorted(lines, key=lambda line: (not line.text, -line.least)):
        found = [one for one in left if _is(line, one, expected, locales)][: line.most]
        counts["messages"] += len(found)
        if len(found) < line.least:
            yield f"{who} did not see {line}"
        left = [one for one in left if one not in found]
    left = [one for one in left if not has_cause(one)]
    yield from (f"{who} saw once more, or without a cause: {one.channel} {one.text!r}" for one in left)


def _is(line: Line, seen: SeenMessage, expected: Expected, locales: Sequence[str]) -> bool:
    if line.text:
        return line.text in seen.text
    known = {"number": expected.number} | line.known
    return any(says(seen.text, template, known, *locales) for template in line.templates)


def _secrets(company: Company, expected: Expected, requester: Person) -> Iterator[str]:
    for seen in company.sights.of(expected.number, requester):
        if not seen.channel.startswith("#it-"):
            yield from (f"the requester read {secret!r}" for secret in expected.secrets if secret in seen.text)


def _order(who: str, texts: Sequence[str], seen: Sequence[SeenMessage]) -> Iterator[str]:
    places = [next((one.ts for one in seen if text in one.text), "") for text in texts]
    known = [place for place in places if place]
    if known != sorted(known):
        yield f"{who} read in another order than it was written: {texts}"


def _buttons_of_question(expected: Expected, seen: Sequence[SeenMessage], requester: Person) -> Iterator[str]:
    labels = {"Yes, close", translator(requester.user.locale)("Yes, close")}
    asking = sum(bool(labels & set(one.buttons)) for one in seen)
    if asking != int(expected.status is Status.RESOLVED):
        yield f"{asking} messages ask whether it is solved, while it is {expected.status}"


def _personal(company: Company, expected: Expected, counts: Counter[str], has_cause: HasCause) -> Iterator[str]:
    for handle in ("rina", "agus", "dewi", "bayu", LEAD):
        person = company.world.stage.person(handle)
        seen = [one for one in company.sights.of(expected.number, person, "dm") if not one.ephemeral]
        lines = expected.person_lines.get(handle, [])
        yield from _lines(handle, expected, lines, seen, (person.user.locale,), counts, has_cause)


def _was_refused_elsewhere(company: Company) -> HasCause:
    """Whether a direct message says what a closed channel took no answer for; once for each such refusal."""
    answers = company.world.journal.calls("response_url")
    refused = Counter(str(answer.args.get("text")) for answer in answers if answer.outcome in CLOSED)

    def has_cause(seen: SeenMessage) -> bool:
        refused[seen.message.text] -= 1
        return refused[seen.message.text] >= 0

    return has_cause


def _of_numbers(company: Company, expected: Sequence[Expected]) -> Iterator[str]:
    """Requests that share a ticket, and tickets that nobody asked for."""
    told = Counter(number for one in expected for number in one.numbers)
    yield from (f"{number} was told for {count} requests" for number, count in told.items() if count > 1)
    lead = company.world.stage.person(LEAD)
    unfinished = [one.text for one in expected if not one.numbers]
    for number in company.sights.numbers():
        if number in told:
            continue
        cards = [card for tier in (1, 2, 3) for card in company.sights.cards(number, lead, f"#it-l{tier}")]
        if not any(text in card.text for text in unfinished for card in cards):
            yield f"{number} was told to nobody: {[card.text for card in cards]}"


def _of_homes(company: Company, expected: Sequence[Expected], counts: Counter[str]) -> Iterator[str]:
    """The Home tab of each requester who has opened it."""
    for handle in sorted({one.journey.requester for one in expected}):
        person = company.world.stage.person(handle)
        view = company.world.sandbox.views.home(person.user.id)
        own = [one for one in expected if one.journey.requester == handle and one.numbers and not one.trouble]
        if view is None or any(one.trouble for one in expected if one.journey.requester == handle):
            continue
        counts["Homes"] += 1
        lines = person.home.text.splitlines()
        count = sum(len(one.numbers) for one in own)
        heading = f"{translator(person.user.locale)('Your requests')} ({count})"
        if heading not in lines:
            yield f"the Home of {handle} does not say {heading!r}, but {lines[:12]}"
        shown = sum(any(line.startswith(f"{one.number} · ") for line in lines) for one in own)
        if shown < min(len(own), 8):
            yield f"the Home of {handle} shows {shown} of {len(own)} requests"


def broken_rules(world: World, counts: Counter[str]) -> Iterator[str]:
    """What Slack forbids: malformed payloads, no fallback text, calls although Slack had asked to wait.

    When Redis loses what Slack asked for, the next call is refused once more, and then it is known again.
    """
    journal = world.journal
    yield from (f"illegal: {entry.illegal[0]}" for entry in journal.illegal())
    yield from (f"{call.method} without a fallback text" for call in journal.missing_fallback_text())
    refused: dict[str, CallEntry] = {}
    for call in journal.calls():
        counts["calls"] += 1
        if call.outcome == "ratelimited" and not call.inside_retry_after:
            refused[call.method] = call
        if call.inside_retry_after:
            first = refused.get(call.method)
            late_seconds = call.monotonic - first.monotonic if first else 0.0
            if late_seconds <= UNDER_WAY_SECONDS:
                counts["calls under way when Slack asked to wait"] += 1
            elif world.is_pacing_lost(call.monotonic - late_seconds, call.monotonic):
                counts["calls after Redis lost that Slack had asked to wait"] += 1
            else:
                yield f"{call.method} {late_seconds:.1f} s after Slack had asked to wait"


def _of_work(world: World, counts: Counter[str]) -> Iterator[str]:
    verified = world.stage.command("audit", "verify")
    if verified.returncode != 0:
        yield f"audit verify: {verified.stdout} {verified.stderr}"
    rest(world)  # what plugins do every few minutes may have come due while people's screens were read
    late_since = desk_now(world) - LATE
    with world.engine() as engine, engine.connect() as connection:
        rows = connection.execute(select(Work.id, Work.name, Work.state, Work.due_at, Work.last_error)).all()
    counts["rows of work"] += len(rows)
    for row in rows:
        if row.state == WorkState.DEAD or (row.state in LIVE and row.due_at <= late_since):
            yield f"work {row.id} ({row.name}) is {row.state}: {row.last_error}"
