"""Putting the policy file in force when a desk starts."""

from collections.abc import Callable

from slackdesk import bootstrap
from slackdesk.errors import ConfigurationError, Unavailable
from slackdesk.migrations import require_current_schema
from slackdesk.policy.resolution import Resolution, resolve
from slackdesk.policy.store import latest_version
from slackdesk.settings import Settings
from slackdesk.tickets.people import remember_everybody
from slackdesk.tickets.policy_change import put_in_force


def put_policy_file_in_force(settings: Settings, say: Callable[[str], None]) -> None:
    """Resolve the policy file and apply it in one transaction; remember the people of the workspace.

    Without a file, or while Slack does not answer, a policy that is in force stays so: a desk has to start at night,
    too. Raises ConfigurationError when there is neither or the schema is old, PolicyError when the file is wrong; then
    nothing is changed.
    """
    database = bootstrap.open_database(settings)
    try:
        require_current_schema(database)
        with database.read() as session:
            present = latest_version(session)
        if present is not None and not settings.policy.exists():
            say(f"There is no policy file {settings.policy}; version {present.id} stays in force.")
            return
        source, file = bootstrap.read_policy_file(settings.policy)
        try:
            directory = bootstrap.slack_directory(settings, file)
        except (ConfigurationError, Unavailable) as error:
            if present is None:
                raise
            say(f"Warning: names were not looked up ({error}); version {present.id} stays in force.")
            return
        with database.begin() as session:
            now = bootstrap.open_clock(settings).now(session).desk
            resolution: Resolution = resolve(file, directory, now.date())
            version = put_in_force(session, resolution.policy, source=source, applied_by="start", now=now)
        for warning in resolution.warnings:
            say(f"Warning: {warning}")
        remember_everybody(database, directory.users.values(), now)
        say(f"Policy version {version.id} is in force.")
    finally:
        database.close()
