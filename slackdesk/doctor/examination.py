"""All of it: the parts at once, each by itself, then what several of them were needed for."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from slackdesk.doctor import machine
from slackdesk.doctor.database import InForce, examine_database
from slackdesk.doctor.finding import Finding, in_order, problem
from slackdesk.doctor.names import Names
from slackdesk.doctor.places import places
from slackdesk.doctor.plugins import examine_plugins
from slackdesk.doctor.policy import examine_policy, written
from slackdesk.doctor.redis_server import examine_redis
from slackdesk.doctor.together import look_together
from slackdesk.doctor.tokens import Access, examine_tokens, granted
from slackdesk.doctor.workspace import look_up
from slackdesk.i18n import later
from slackdesk.plugin.registry import Registry
from slackdesk.policy.model import PolicyVersion
from slackdesk.policy.store import read_resolved
from slackdesk.settings import Settings
from slackdesk.slack.manifest import MANIFEST_SCOPES

WITHIN_SECONDS = 12.0
"""Longer than every time-out in it; only a name server that does not answer takes longer."""

DATABASE, REDIS, SLACK = "DATABASE_URL", "REDIS_URL", "SLACK_API_URL"
"""The parts, by the setting that says where they are."""

PLUGINS = "plugins"


Look = Callable[[], tuple[list[Finding], Any]]
"""Findings, and what else is known afterwards."""


def examine(settings: Settings, *, unusable: Collection[str] = (), plugins: Registry | None = None) -> list[Finding]:
    """Everything that can be looked at, problems first. Raises nothing.

    ``unusable`` are settings that could not be read: what depends on them is left out. ``plugins`` are those that this
    process has loaded; else they are loaded to be looked at.
    """
    parts: dict[str, Look] = {
        DATABASE: lambda: examine_database(settings),
        REDIS: lambda: (examine_redis(settings), None),
        SLACK: lambda: examine_tokens(settings),
    }
    findings, known = _look_at({part: look for part, look in parts.items() if part not in unusable})
    in_force: InForce | None = known.get(DATABASE)
    access: Access | None = known.get(SLACK)
    version = in_force.version if in_force is not None else None
    rest: dict[str, Look] = {"machine": lambda: (_of_machine(version), None)}
    if in_force is not None:
        rest["policy"] = lambda: (examine_policy(settings.policy, version), None)
        rest[PLUGINS] = lambda: examine_plugins(settings, plugins)
        if version is not None and access is not None:
            rest["workspace"] = lambda: (_of_workspace(access, version, in_force.handles), None)
    more, known_of_rest = _look_at(rest)
    if access is not None:
        more.append(granted(access.scopes, _needed_scopes(known_of_rest.get(PLUGINS))))
    return in_order(findings + more)


def late(part: str) -> Finding:
    """A part that did not answer, though everything in it has a time-out."""
    return problem(
        "doctor",
        later("{part} gave no answer within {seconds} s."),
        later("Check this machine's name server and network; whatever else is said here was looked at."),
        key=part,
        part=part,
        seconds=round(WITHIN_SECONDS),
    )


def broken(part: str, error: Exception) -> Finding:
    """A mistake of the doctor's own."""
    return problem(
        "doctor",
        later("{part} could not be examined: {reason}"),
        later("This is a mistake in slackdesk; please report it with this line. Everything else was looked at."),
        key=part,
        part=part,
        reason=repr(error),
    )


def _look_at(looks: Mapping[str, Look]) -> tuple[list[Finding], dict[str, Any]]:
    answers = look_together(looks, within_seconds=WITHIN_SECONDS)
    findings: list[Finding] = []
    known: dict[str, Any] = {}
    for part in looks:
        answer = answers.get(part)
        if answer is None:
            findings.append(late(part))
        elif isinstance(answer, Exception):
            findings.append(broken(part, answer))
        else:
            found, known[part] = answer
            findings += found
    return findings, known


def _needed_scopes(plugins: Registry | None) -> dict[str, str]:
    active = plugins.active.values() if plugins is not None else ()
    return MANIFEST_SCOPES | {scope: why for plugin in active for scope, why in plugin.scopes.items()}


def _of_machine(version: PolicyVersion | None) -> list[Finding]:
    if version is None:
        return [machine.time_zones(["Asia/Jakarta"]), machine.catalogues("en")]
    policy = read_resolved(version.resolved)
    zones = [policy.desk.timezone, *(calendar.timezone for calendar in policy.calendars.values())]
    return [machine.time_zones(zones), machine.catalogues(policy.desk.locale)]


def _of_workspace(access: Access, version: PolicyVersion, handles: Mapping[str, str]) -> list[Finding]:
    named, file = places(read_resolved(version.resolved)), written(version)
    workspace = look_up(access.client, access.bot_name, named)
    return Names(workspace, named, places(file) if file is not None else (), handles).examine()
