"""Keeping what the desk knows of people and user groups in step with Slack; only workers call this."""

import logging
from collections.abc import Callable
from functools import partial

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.dispatch.model import Work
from slackdesk.dispatch.runners import OutcomeKind, Runner
from slackdesk.errors import Blocked
from slackdesk.policy.store import refresh_group
from slackdesk.slack import events
from slackdesk.slack.reactions import file_from_reaction
from slackdesk.slack.sender import outcome_of
from slackdesk.slack.trouble import tell_given_up
from slackdesk.tickets import people
from slackdesk.tickets.transaction import Desk

logger = logging.getLogger(__name__)

UNKNOWN = frozenset({"user_not_found", "user_not_visible", "no_such_subteam", "subteam_not_found"})
"""Slack will not know them later either."""


def timers(client: WebClient) -> dict[str, Runner]:
    """Work of the edge, for which Slack has to be asked first or something has to arrive first, by name."""
    runners: dict[str, Callable[[WebClient, Desk, Work], None]] = {
        "refresh_person": _refresh_person,
        "refresh_group": _refresh_group,
        "file_from_reaction": file_from_reaction,
        "event": events.look_again,
    }
    return {name: partial(_run, run, client) for name, run in runners.items()} | {"given_up": tell_given_up}


def _run(run: Callable[[WebClient, Desk, Work], None], client: WebClient, desk: Desk, row: Work) -> None:
    """Without a valid token or scope it waits, as messages do; otherwise it is tried some times."""
    try:
        run(client, desk, row)
    except SlackApiError as error:
        outcome = outcome_of(error, row.name)
        if outcome.kind is OutcomeKind.BLOCKED:
            raise Blocked(outcome.place, outcome.error) from error
        raise


def _refresh_person(client: WebClient, desk: Desk, row: Work) -> None:
    try:
        user = client.users_info(user=row.payload["person"], include_locale=True)["user"]
    except SlackApiError as error:
        if error.response.get("error") not in UNKNOWN:
            raise
        logger.warning("Slack does not know %s", row.payload["person"])
        return
    with desk.transaction() as tx:
        people.remember_person(tx.session, user, tx.now)


def _refresh_group(client: WebClient, desk: Desk, row: Work) -> None:
    group = row.payload["group"]
    try:
        members = client.usergroups_users_list(usergroup=group)["users"]
    except SlackApiError as error:
        if error.response.get("error") not in UNKNOWN:
            raise
        logger.error("the user group %s, which the policy names, is gone", group)
        return
    with desk.transaction() as tx:
        refresh_group(tx.session, group, members, tx.now)
