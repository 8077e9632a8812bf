"""What Slack gave the desk: the tokens, the scopes, the way to deliver; and Slack's clock."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from slackdesk import bootstrap
from slackdesk.doctor import machine
from slackdesk.doctor.finding import Finding, ok, problem, warning
from slackdesk.i18n import later
from slackdesk.policy.directory import TOKEN_ERRORS
from slackdesk.settings import Settings

TIMEOUT_SECONDS = 3

NO_ANSWER = (OSError, HTTPException, SlackClientError, ValueError)
"""What a call raises that Slack did not answer, or not with JSON; SlackApiError is caught before."""

TOO_MANY_REQUESTS = 429

BOT_TOKEN = "SLACK_BOT_TOKEN"  # noqa: S105  names of settings
APP_TOKEN = "SLACK_APP_TOKEN"  # noqa: S105


@dataclass(frozen=True)
class Access:
    """A client whose token Slack takes."""

    client: WebClient
    bot_name: str
    scopes: str | None
    """``x-oauth-scopes``: those that the app was granted."""


def examine_tokens(settings: Settings) -> tuple[list[Finding], Access | None]:
    """Everything about tokens. Access is None while Slack gives none."""
    delivery = [finding] if (finding := delivery_set(settings)) is not None else []
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token is not None else None
    if (wrong := wrong_kind(BOT_TOKEN, token, "xoxb-")) is not None:
        return [wrong, *delivery], None
    client = bootstrap.slack_client(settings, TIMEOUT_SECONDS)
    asked_at = time.time()
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        return [refused(BOT_TOKEN, "xoxb-…", _code(error)), *delivery], None
    except NO_ANSWER as error:
        return [unreachable(client.base_url, str(getattr(error, "reason", None) or error)), *delivery], None
    here = datetime.fromtimestamp((asked_at + time.time()) / 2, UTC)
    findings = [
        ok("slack.bot_token", f"Slack takes the bot token, for @{answer['user']} in {answer['team']}."),
        *(delivery or [_app_token(settings, client)]),
    ]
    if (date := _header(answer, "date")) is not None:
        ahead_seconds = (here - parsedate_to_datetime(date)).total_seconds()
        findings.append(machine.clock("clock.slack", ahead_seconds, "Slack"))
    return findings, Access(client, str(answer["user"]), _header(answer, "x-oauth-scopes"))


def wrong_kind(key: str, token: str | None, prefix: str) -> Finding | None:
    """A token that is missing, or of another kind than its place asks for; None when it may be right."""
    if token is None:
        return problem(
            _check(key),
            later("There is no {setting}: the desk cannot talk to Slack."),
            later("Set it to the token of the installed app that begins with {prefix}, then start the desk again."),
            key=key,
            setting=key,
            prefix=prefix,
        )
    if token.startswith(prefix):
        return None
    return problem(
        _check(key),
        later("This is no token of the right kind: one for {setting} begins with {prefix}."),
        later("Look whether tokens were mixed up: xoxb-… is the bot's, xapp-… is the app-level one."),
        key=key,
        value=f"{token[:5]}…",
        setting=key,
        prefix=prefix,
    )


def delivery_set(settings: Settings) -> Finding | None:
    """Whether there is a way in which Slack can deliver; None for an app-level token that has to be tried."""
    if settings.slack_app_token is not None:
        return wrong_kind(APP_TOKEN, settings.slack_app_token.get_secret_value(), "xapp-")
    if settings.slack_signing_secret is not None and settings.slack_signing_secret.get_secret_value():
        return ok("slack.signing_secret", "Slack delivers over signed HTTP; the signing secret is set.")
    return problem(
        "slack.app_token",
        later("Slack has no way to deliver: there is neither an app-level token nor a signing secret."),
        later("Set SLACK_APP_TOKEN (xapp-…) for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."),
        key=APP_TOKEN,
    )


def granted(header: str | None, needed: Mapping[str, str]) -> Finding:
    """Whether the app has every scope that is needed, each given with what for."""
    if header is None:
        return warning(
            "slack.scopes",
            later("Slack did not say which scopes the app has."),
            later("Compare them yourself with `slackdesk manifest --scopes`."),
            key=BOT_TOKEN,
        )
    missing = {scope: why for scope, why in needed.items() if scope not in map(str.strip, header.split(","))}
    if not missing:
        return ok("slack.scopes", f"The app has all {len(needed)} scopes that it needs.")
    return problem(
        "slack.scopes",
        later("The app lacks scopes. {missing}"),
        later(
            "Update the app with `slackdesk manifest`, then install it again in the workspace: only that grants them."
        ),
        key=BOT_TOKEN,
        value=", ".join(missing),
        missing=" ".join(f"{scope}: {why}" for scope, why in missing.items()),
    )


def refused(key: str, value: str, code: str) -> Finding:
    """What Slack answers to a token: it is wrong, or Slack has trouble of its own."""
    if code in TOKEN_ERRORS:
        return problem(
            _check(key),
            later("Slack refuses this token: {code}."),
            later("Copy the token anew from the page of the installed app, then start the desk again."),
            key=key,
            value=value,
            code=code,
        )
    if code == "missing_scope":
        return problem(
            _check(key),
            later("This token may not open a connection, so that Slack cannot deliver."),
            later("Make an app-level token with the scope connections:write, set it here, and start the desk again."),
            key=key,
            value=value,
        )
    return warning(
        _check(key),
        later("Slack did not say whether it takes this token: {code}."),
        later("Ask again in a minute; when it stays so, see https://slack-status.com."),
        key=key,
        value=value,
        code=code,
    )


def unreachable(base_url: str, reason: str) -> Finding:
    """Nothing of Slack could be looked at."""
    return problem(
        "slack",
        later("Slack cannot be reached: {reason}. What is to be sent waits."),
        later("Check this machine's network, proxy and name server, and SLACK_API_URL; then https://slack-status.com."),
        key="SLACK_API_URL",
        value=base_url,
        reason=reason.rstrip(".?"),
    )


def _app_token(settings: Settings, client: WebClient) -> Finding:
    token = settings.slack_app_token.get_secret_value() if settings.slack_app_token is not None else ""
    try:
        client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        if error.response.status_code == TOO_MANY_REQUESTS:
            return ok("slack.app_token", "Slack takes one look a minute at the app-level token, and took it just now.")
        return refused(APP_TOKEN, "xapp-…", _code(error))
    except NO_ANSWER as error:
        return unreachable(client.base_url, str(getattr(error, "reason", None) or error))
    return ok("slack.app_token", "Slack takes the app-level token and delivers over Socket Mode.")


def _check(key: str) -> str:
    return key.lower().replace("_", ".", 1)


def _code(error: SlackApiError) -> str:
    """Slack's word, or the HTTP status of an answer that is not Slack's."""
    code = str(error.response.get("error") or "") if isinstance(error.response.data, dict) else ""
    return code if code and " " not in code and "\n" not in code else f"HTTP {error.response.status_code}"


def _header(answer: SlackResponse, name: str) -> str | None:
    return next((str(value) for key, value in answer.headers.items() if key.lower() == name), None)
