"""What plugins answer at the edge: buttons, modals, words and verbs. Each has one second, or its plugin is paused."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from slackdesk.errors import NotFound, Refused, Unavailable
from slackdesk.i18n import Translate, later
from slackdesk.plugin import states
from slackdesk.plugin.context import Context, view_of
from slackdesk.plugin.deadline import Bulkhead
from slackdesk.plugin.declaration import Answer, Plugin, WordsFunction
from slackdesk.plugin.errors import PluginTooSlow
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.unit_of_work import TRIES, Outcome, run
from slackdesk.plugin.values import Click, Form, Modal, TicketView, Words
from slackdesk.slack import escape, ids
from slackdesk.slack.answers import say_to
from slackdesk.slack.edge import Asked, Edge
from slackdesk.slack.extensions import NOT_RUNNING
from slackdesk.slack.fields import Malformed
from slackdesk.slack.modals import parts
from slackdesk.slack.payloads import Command, Press, Submission
from slackdesk.tickets import people, queries, rights
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.rights import Action
from slackdesk.tickets.transaction import Desk

log = logging.getLogger(__name__)

EDGE_SECONDS = 1.0
"""Slack waits three for the acknowledgement; the rest is for the commit and for opening a window."""

TOO_SLOW = later(
    "{plugin} did not answer in time and is switched off until its operators start it again. Nothing was changed."
)
FAILED = later("{plugin} could not do this; the operators can see why. Nothing was changed.")

Acknowledge = Callable[[Asked, Answer], dict[str, Any]]


class Answering:
    """Routes what belongs to plugins to the function that answers it."""

    registry: Registry

    def press(self, edge: Edge, pressed: Press) -> None:
        """Call the action, say what it answers to whoever pressed, or open the window that it returns."""
        plugin, name = self._named(pressed.action.name)
        function = plugin.actions.get(name)
        if function is None:
            raise Malformed(f"{plugin.name} has no action {name!r}")
        button = plugin.buttons.get(name)
        right = button.right if button else Action.VIEW

        def act(ctx: Context) -> Answer:
            ticket = _ticket(ctx, pressed.action.ticket_id, pressed.person, right)
            return function(Click(pressed.person, ticket, pressed.action.extra), ctx)

        def acknowledge(asked: Asked, answer: Answer) -> dict[str, Any]:
            if isinstance(answer, str) and pressed.place is not None:
                say_to(asked, pressed.place, answer)
            return {}

        answer, _ = self._ask(edge, plugin, pressed.person, pressed.key, act, acknowledge)
        t = edge.t(pressed.person)
        if isinstance(answer, str) and pressed.place is None:
            answer_view = parts.told(t, plugin.name, answer)
            edge.open_view(pressed.trigger_id, answer_view, on_modal=pressed.view_type == "modal")
        elif isinstance(answer, Modal):
            edge.open_view(pressed.trigger_id, _view(t, plugin, answer), on_modal=pressed.view_type == "modal")

    def submit(self, edge: Edge, submission: Submission) -> dict[str, Any]:
        """Call what takes the form; the window closes, shows the text, or shows the next window."""
        plugin, name = self._named(submission.modal)
        function = plugin.modals.get(name)
        if function is None:
            raise Malformed(f"{plugin.name} has no modal {name!r}")
        context = submission.context

        def act(ctx: Context) -> Answer:
            ticket = _ticket(ctx, context.ticket_id, submission.person, Action.VIEW)
            return function(Form(submission.person, ticket, context.value, submission.values.plain()), ctx)

        def acknowledge(asked: Asked, answer: Answer) -> dict[str, Any]:
            if isinstance(answer, str):
                return {"response_action": "update", "view": parts.told(asked.t, plugin.name, answer)}
            if isinstance(answer, Modal):
                return {"response_action": "update", "view": _view(asked.t, plugin, answer)}
            return {"response_action": "clear"}

        return self._ask(edge, plugin, submission.person, submission.key, act, acknowledge)[1]

    def command(self, edge: Edge, given: Command, word: str, rest: str) -> dict[str, Any]:
        """``/desk word``."""
        for plugin, known in self.registry.words(lambda one: one.commands):
            if known.name == word:
                return self._word(edge, plugin, given, partial(_speak, known.function, given, None, rest))
        raise Refused(NOT_RUNNING, plugin=word)

    def verb(self, edge: Edge, given: Command, name: str, number: str, rest: str) -> dict[str, Any]:
        """``/ticket verb 42``, for whoever may see the ticket."""
        for plugin, known in self.registry.words(lambda one: one.verbs):
            if known.name == name:
                return self._word(edge, plugin, given, partial(_speak, known.function, given, number, rest))
        raise Refused(NOT_RUNNING, plugin=name)

    def _word(
        self, edge: Edge, plugin: Plugin, given: Command, function: Callable[[Context], Answer]
    ) -> dict[str, Any]:
        def acknowledge(_asked: Asked, answer: Answer) -> dict[str, Any]:
            return {"text": answer} if isinstance(answer, str) else {}

        answer, acknowledgement = self._ask(edge, plugin, given.person, given.key, function, acknowledge)
        if isinstance(answer, Modal):
            edge.open_view(given.trigger_id, _view(edge.t(given.person), plugin, answer))
        return acknowledgement

    def _named(self, name: str) -> tuple[Plugin, str]:
        found = self.registry.named(name)
        if found is None:
            raise Refused(NOT_RUNNING, plugin=name.partition(".")[0])
        return found

    def _ask(
        self,
        edge: Edge,
        plugin: Plugin,
        person: str,
        key: str,
        function: Callable[[Context], Answer],
        acknowledge: Acknowledge,
    ) -> tuple[Answer, dict[str, Any]]:
        """Run the function, and write what it asked for together with the acknowledgement, once for each delivery."""
        for _ in range(TRIES):
            outcome = self._run(edge.desk, plugin, function)
            try:
                with edge.asked(person, key) as asked:
                    outcome.write(asked.tx)
                    acknowledgement = acknowledge(asked, outcome.result)
                    asked.tx.answer(acknowledgement)
                return outcome.result, acknowledgement
            except (IntegrityError, StaleDataError):
                log.info("%s is asked again: something changed in between", plugin.name)
        raise Unavailable(f"{plugin.name}: what it writes was changed by others {TRIES} times")

    def _run(self, desk: Desk, plugin: Plugin, function: Callable[[Context], Answer]) -> Outcome[Answer]:
        bulkhead = self.registry.bulkheads[plugin.name]
        with desk.reading() as tx:
            if states.is_paused(tx.session, plugin.name):
                raise Refused(NOT_RUNNING, plugin=plugin.name)
            config = self.registry.config(plugin, tx.policy)
        try:
            return _within(bulkhead, lambda: run(desk, plugin, config, function, person_waits=True), plugin.name)
        except (Refused, Unavailable):
            raise
        except PluginTooSlow as slow:
            with desk.transaction() as tx:
                states.pause(tx, plugin.name, str(slow))
            raise Refused(TOO_SLOW, plugin=plugin.name) from None
        except Exception as error:
            log.exception("%s failed at the edge", plugin.name)
            raise Refused(FAILED, plugin=plugin.name) from error


def _within(bulkhead: Bulkhead, function: Callable[[], Outcome[Answer]], name: str) -> Outcome[Answer]:
    return bulkhead.call(function, EDGE_SECONDS, f"an answer of {name}")


def _ticket(ctx: Context, ticket_id: int | None, person: str, right: Action) -> TicketView | None:
    """The ticket that a button or a form names, for somebody who has the right. Raises NotFound, NotAllowed."""
    if ticket_id is None:
        return None
    ticket = ctx.session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound("There is no ticket {id}. Type /ticket mine for your own.", id=ticket_id)
    rights.require(right, ctx.policy, ticket, person, is_guest=people.is_guest(ctx.session, person))
    return view_of(ticket)


def _speak(function: WordsFunction, given: Command, number: str | None, rest: str, ctx: Context) -> Answer:
    ticket_id = None if number is None else queries.ticket_by_number(ctx.session, number).id
    ticket = _ticket(ctx, ticket_id, given.person, Action.VIEW)
    return function(Words(given.person, ticket, escape.from_slack(rest)), ctx)


def _view(t: Translate, plugin: Plugin, modal: Modal) -> dict[str, Any]:
    return parts.modal(
        t,
        f"{plugin.name}.{modal.name}",
        modal.title,
        modal.blocks,
        submit=modal.submit,
        context=ids.Context(ticket_id=modal.ticket_id, value=modal.value),
    )
