"""The plugins as a command finds them: also without a database, without a policy, and with broken ones among them."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from slackdesk import bootstrap
from slackdesk.database import Database
from slackdesk.errors import ConfigurationError, SlackdeskError
from slackdesk.plugin import states
from slackdesk.plugin.loading import load
from slackdesk.plugin.migrating import require_current_tables
from slackdesk.plugin.registry import Registry
from slackdesk.policy.file import PolicyFile
from slackdesk.policy.store import current_policy
from slackdesk.settings import Settings, read_settings


@dataclass(frozen=True)
class FoundPlugins:
    """What was found, and what could not be looked at."""

    registry: Registry
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Plugin → its section of the policy."""
    paused: Mapping[str, str] = field(default_factory=dict)
    """Plugin → why."""
    remarks: list[str] = field(default_factory=list)


def find_plugins() -> FoundPlugins:
    """Those of the policy in force; without one those of the policy file; without that what is bundled and installed.

    Never raises for what is wrong with a plugin, with the database or with the policy: ``remarks`` says it.
    """
    remarks: list[str] = []
    with plugins_keep_quiet():
        try:
            settings = read_settings()
        except ConfigurationError as error:
            return FoundPlugins(
                load({}), remarks=[f"Only what comes with slackdesk or is installed was found. {error}"]
            )
        try:
            with _database(settings) as database:
                found = plugins_in_force(settings, database)
                return replace(found, registry=require_current_tables(database, found.registry))
        except SlackdeskError as error:
            remarks.append(f"No policy in force was read, and no state. {error}")
        try:
            file = read_policy_file(settings)
        except SlackdeskError as error:
            remarks.append(f"No policy file was read either: only plugins without settings are shown. {error}")
            return FoundPlugins(load({}), remarks=remarks)
        return FoundPlugins(bootstrap.plugins_of_file(settings, file), file.plugins, remarks=remarks)


def read_policy_file(settings: Settings) -> PolicyFile:
    """The policy file of the settings. Raises ConfigurationError, PolicyError."""
    return bootstrap.read_policy_file(settings.policy)[1]


@contextmanager
def plugins_keep_quiet() -> Iterator[None]:
    """What is wrong with a plugin is part of what the command says; the log would say it again, with its traces."""
    logger = logging.getLogger("slackdesk.plugin")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """The database, if there is one: a look around makes none. Raises ConfigurationError."""
    url = make_url(settings.effective_database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise ConfigurationError("DATABASE_URL", url.render_as_string(hide_password=True), "there is no such file yet")
    with bootstrap.current_database(settings) as database:
        yield database


def plugins_in_force(settings: Settings, database: Database) -> FoundPlugins:
    """Those of the policy in force, their tables unchecked. Raises ConfigurationError when there is none."""
    with database.read() as session:
        policy = current_policy(session)
        paused = states.paused(session)
    folders = [settings.policy.parent / folder for folder in policy.desk.plugin_dirs]
    return FoundPlugins(load(policy.plugins, folders, queues=policy.queues), policy.plugins, paused)
