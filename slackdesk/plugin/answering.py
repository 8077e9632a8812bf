"""What plugins answer at the edge: buttons, modals, words and verbs. Each has one second, or its plugin is paused."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from slackdesk.errors import NotFound, Refused
from slackdesk.i18n import later
from slackdesk.plugin import states
from slackdesk.plugin.answers import Ready, ready
from slackdesk.plugin.context import Context
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginBusy, PluginError, PluginFloods, PluginTooSlow
from slackdesk.plugin.points import Answer, WordsFunction
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.unit_of_work import Outcome, Tries, run_contained
from slackdesk.plugin.values import Click, Form, TicketView, Words
from slackdesk.slack import escape
from slackdesk.slack.answers import say_to, tell_in_conversation
from slackdesk.slack.edge import Asked, Edge
from slackdesk.slack.extensions import NOT_RUNNING
from slackdesk.slack.fields import Malformed
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
TOO_MUCH = later(
    "{plugin} asked for too much and is switched off until its operators start it again. Nothing was changed."
)
BUSY = later("{plugin} is busy just now. Nothing was changed; please try again in a minute.")
FAILED = later("{plugin} could not do this; the operators can see why. Nothing was changed.")

Say = Callable[[Asked, str], None]
Acknowledge = Callable[[Ready], dict[str, Any]]


class Answering:
    """Routes what belongs to plugins to the function that answers it."""

    registry: Registry

    def press(self, edge: Edge, pressed: Press) -> None:
        """Call the action, say what it answers to whoever pressed, or open the window that it returns."""
        plugin, name = self._named(pressed.action.name)
        function = plugin.actions.get(name)
        button = plugin.buttons.get(name)
        if function is None or (button is not None and pressed.action.ticket_id is None):
            raise Malformed(f"{plugin.name} has no action {name!r} about ticket {pressed.action.ticket_id}")
        right = button.right if button else Action.VIEW

        def act(ctx: Context) -> Answer:
            ticket = _ticket(ctx, pressed.action.ticket_id, pressed.person, right)
            return function(Click(pressed.person, ticket, pressed.action.extra), ctx)

        place = pressed.place
        say = None if place is None else lambda asked, text: say_to(asked, place, text)
        answer, _ = self._ask(edge, plugin, pressed.person, pressed.key, act, lambda _: {}, say)
        if answer.window is not None and (answer.text is None or place is None):
            self._open(edge, pressed, answer.window)

    def _open(self, edge: Edge, pressed: Press, view: dict[str, Any]) -> None:
        try:
            edge.open_view(pressed.trigger_id, view, on_modal=pressed.view_type == "modal")
        except Refused as refused:
            if pressed.place is None:
                raise
            # The click itself may have been written, and is then not told about again under its own key.
            tell_in_conversation(edge, pressed.person, f"{pressed.key}:window", pressed.place, refused)

    def submit(self, edge: Edge, submission: Submission) -> dict[str, Any]:
        """Call what takes the form; the window closes, shows the text, or shows the next window."""
        plugin, name = self._named(submission.modal)
        function = plugin.modals.get(name)
        if function is None:
            raise Malformed(f"{plugin.name} has no modal {name!r}")
        context, values = submission.context, submission.values.plain()

        def act(ctx: Context) -> Answer:
            ctx.heard.add(submission.person)
            ticket = _ticket(ctx, context.ticket_id, submission.person, Action.VIEW)
            return function(Form(submission.person, ticket, context.value, values), ctx)

        return self._ask(edge, plugin, submission.person, submission.key, act, _in_window)[1]

    def command(self, edge: Edge, given: Command, word: str, rest: str) -> dict[str, Any]:
        """``/desk word``."""
        for plugin, known in self.registry.words(lambda one: one.commands):
            if known.name == word:
                return self._word(edge, plugin, given, partial(_speak, known.function, given, None, rest))
        raise Refused(NOT_RUNNING, plugin=word)

    def verb(self, edge: Edge, given: Command, name: str, number: str | None, rest: str) -> dict[str, Any]:
        """``/ticket verb 42``, for whoever may see the ticket; or ``/ticket verb``, about none."""
        for plugin, known in self.registry.words(lambda one: one.verbs):
            if known.name == name:
                return self._word(edge, plugin, given, partial(_speak, known.function, given, number, rest))
        raise Refused(NOT_RUNNING, plugin=name)

    def _word(
        self, edge: Edge, plugin: Plugin, given: Command, function: Callable[[Context], Answer]
    ) -> dict[str, Any]:
        answer, acknowledgement = self._ask(edge, plugin, given.person, given.key, function, _in_words)
        if answer.window is not None and answer.text is None:
            edge.open_view(given.trigger_id, answer.window)
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
        say: Say | None = None,
    ) -> tuple[Ready, dict[str, Any]]:
        """Run the function, and write what it asked for together with the acknowledgement, once for each delivery.

        An answer that is only shown is not written; with ``say``, a text is said to the person by work of its own.
        """
        tries = Tries(f"an answer of {plugin.name}", EDGE_SECONDS)
        with _failures_are_told(edge.desk, plugin):
            while True:
                outcome = self._run(edge.desk, plugin, person, function, tries)
                answer = outcome.result
                acknowledgement = acknowledge(answer)
                if outcome.is_only_an_answer and (answer.text is None or say is None):
                    return answer, acknowledgement
                try:
                    with edge.asked(person, key) as asked:
                        outcome.write(asked.tx)
                        if say is not None and answer.text is not None:
                            say(asked, answer.text)
                        asked.tx.answer(acknowledgement)
                    return answer, acknowledgement
                except (IntegrityError, StaleDataError) as conflict:
                    tries.again(conflict)

    def _run(
        self, desk: Desk, plugin: Plugin, person: str, function: Callable[[Context], Answer], tries: Tries
    ) -> Outcome[Ready]:
        with desk.reading() as tx:
            if states.stands_still(tx, plugin.name):
                raise Refused(NOT_RUNNING, plugin=plugin.name)

        def answered(ctx: Context) -> Ready:
            t = ctx.reader(person).t
            try:
                return ready(plugin, t, function(ctx))
            except Refused as refused:  # from here on, nobody knows the plugin's own catalogue
                refused.template = t.template(refused.template)
                raise

        return run_contained(
            desk,
            self.registry,
            plugin,
            answered,
            seconds=tries.left_seconds,
            what=tries.what,
            person_waits=True,
        )


@contextmanager
def _failures_are_told(desk: Desk, plugin: Plugin) -> Iterator[None]:
    """What a plugin does wrong is a Refused for the person, and a line in the log or a pause for its operators."""
    try:
        yield
    except (PluginTooSlow, PluginFloods) as harm:
        with desk.transaction() as tx:
            states.pause(tx, plugin.name, str(harm))
        sentence = TOO_SLOW if isinstance(harm, PluginTooSlow) else TOO_MUCH
        raise Refused(sentence, plugin=plugin.name) from None
    except PluginBusy as busy:
        log.warning("%s", busy)
        raise Refused(BUSY, plugin=plugin.name) from None
    except PluginError as error:
        log.exception("%s failed at the edge: %s", plugin.name, error)
        raise Refused(FAILED, plugin=plugin.name) from error


def _in_words(answer: Ready) -> dict[str, Any]:
    """The acknowledgement of a command."""
    return {} if answer.text is None else {"text": answer.text}


def _in_window(answer: Ready) -> dict[str, Any]:
    """The acknowledgement of a form: the window shows the answer, or all of them close."""
    if answer.window is None:
        return {"response_action": "clear"}
    return {"response_action": "update", "view": answer.window}


def _ticket(ctx: Context, ticket_id: int | None, person: str, right: Action) -> TicketView | None:
    """The ticket that a button or a form names, for somebody who has the right. Raises NotFound, NotAllowed."""
    if ticket_id is None:
        return None
    ticket = ctx.session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound("There is no ticket {id}. Type /ticket mine for your own.", id=ticket_id)
    rights.require(right, ctx.policy, ticket, person, is_guest=people.is_guest(ctx.session, person))
    return ctx.ticket(ticket_id)


def _speak(function: WordsFunction, given: Command, number: str | None, rest: str, ctx: Context) -> Answer:
    ctx.heard.add(given.person)
    ticket_id = None if number is None else queries.ticket_by_number(ctx.session, number).id
    ticket = _ticket(ctx, ticket_id, given.person, Action.VIEW)
    return function(Words(given.person, ticket, escape.from_slack(rest)), ctx)
