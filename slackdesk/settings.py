"""The only reader of the environment: secrets, URLs and the lengths of time that tests shorten."""

import difflib
import logging
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from slackdesk.errors import ConfigurationError

log = logging.getLogger(__name__)


PREFIX = "SLACKDESK_"


class Settings(BaseSettings):
    """What the environment says. Field descriptions are the documentation of each variable."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, populate_by_name=True, extra="ignore")

    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN", description="Bot token, xoxb-…")
    slack_app_token: SecretStr | None = Field(
        None, alias="SLACK_APP_TOKEN", description="App token, xapp-…: deliver over Socket Mode"
    )
    slack_signing_secret: SecretStr | None = Field(
        None, alias="SLACK_SIGNING_SECRET", description="Signing secret: deliver over signed HTTP on --port"
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", alias="SLACK_API_URL", description="Base of the Web API; another one for tests"
    )
    database_url: str | None = Field(
        None,
        alias="DATABASE_URL",
        description="postgresql+psycopg://… or sqlite:///…; default SQLite in the data folder",
    )
    redis_url: str | None = Field(
        None, alias="REDIS_URL", description="redis://…; default an embedded server in the data folder"
    )
    policy: Path = Field(Path("slackdesk.toml"), description="The policy file")
    data: Path = Field(Path("slackdesk-data"), description="Data folder: SQLite file, embedded Redis server, logs")
    clock: Literal["real", "shiftable"] = Field(
        "real", description="'shiftable' allows `slackdesk clock advance` (demo and tests only)"
    )
    clock_stands_from: AwareDatetime | None = Field(
        None, description="A shiftable clock begins there, and `slackdesk clock advance` alone moves it (tests only)"
    )

    rate_scale: float = Field(
        1.0, gt=0, le=1000, description="Multiple of Slack's pace; above 1 only against the simulated workspace"
    )
    sweep_seconds: float = Field(1.0, gt=0, description="Pause between two sweeps of the beat")
    queued_seconds: float = Field(
        15.0, gt=0, description="After this long on a queue without being claimed, work is queued again"
    )
    slack_timeout_seconds: float = Field(10.0, gt=0, description="A Web API call is given up after this long")
    job_timeout_seconds: int = Field(30, gt=0, description="A job is killed after this long")
    lease_seconds: float = Field(60.0, gt=0, description="Running work whose worker died is taken over after this long")
    ambiguous_seconds: float = Field(
        10.0, gt=0, description="Wait before a send that may have reached Slack is looked up"
    )
    beat_lease_seconds: float = Field(10.0, gt=0, description="Another beat takes over after this long")
    undo_seconds: float = Field(10.0, ge=0, description="A reply to a requester can be undone for this long")
    health_port: int | None = Field(
        None, ge=1, le=65535, description="Serve /healthz and /metrics on this port, as --health-port does"
    )
    health_host: str = Field("127.0.0.1", description="Address on which the health port listens")

    @field_validator("redis_url", "slack_api_url")
    @classmethod
    def _has_scheme(cls, url: str | None, info: ValidationInfo) -> str | None:
        schemes = (
            ("http://", "https://") if info.field_name == "slack_api_url" else ("redis://", "rediss://", "unix://")
        )
        if url is not None and not url.startswith(schemes):
            raise ValueError(f"an address begins with {' or '.join(schemes)}")
        return url

    @field_validator("database_url")
    @classmethod
    def _is_sqlite_or_postgresql(cls, url: str | None) -> str | None:
        if url is None:
            return None
        try:
            parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        except ArgumentError:
            parsed = None
        if parsed is None or parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise ValueError("an address begins with postgresql+psycopg:// or sqlite:///")
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        return parsed.render_as_string(hide_password=False)

    @field_validator("clock_stands_from")
    @classmethod
    def _is_shiftable(cls, instant: datetime | None, info: ValidationInfo) -> datetime | None:
        if instant is not None and info.data.get("clock") != "shiftable":
            raise ValueError("the clock of a real desk does not stand; set SLACKDESK_CLOCK=shiftable for tests")
        return instant and instant.astimezone(UTC)

    @property
    def effective_database_url(self) -> str:
        """``DATABASE_URL``, else an SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data / 'slackdesk.sqlite3'}"


_NESTED = ("slack_timeout_seconds", "job_timeout_seconds", "lease_seconds")


def without_password(url: str) -> str:
    """An address as it may be shown and logged."""
    return re.sub("//[^/@]*@", "//…@", url)


def read_settings() -> Settings:
    """Read the environment once. Raises ConfigurationError that names the variable, its value and the remedy.

    A variable that looks like ours and is none is warned of: it may be misspelt.
    """
    settings = _read({})
    for name, close in unknown_variables().items():
        log.warning("%s is no variable of slackdesk%s", name, f": did you mean {close}?" if close else "")
    return settings


def read_usable_settings() -> tuple[Settings, list[ConfigurationError]]:
    """The settings with the default in the place of each that cannot be used, and what is wrong with these."""
    problems: list[ConfigurationError] = []
    instead: dict[str, Any] = {}
    while True:
        try:
            return _read(instead), problems
        except ConfigurationError as error:
            problems.append(error)
            fields = _NESTED if error.key == _variable(_NESTED[-1]) else (_FIELDS[error.key],)
            instead |= {field: Settings.model_fields[field].default for field in fields}


def _read(instead: dict[str, Any]) -> Settings:
    try:
        settings = Settings(**instead)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        key = name if name.isupper() else _variable(name)
        value = without_password(str(first.get("input")))
        reason = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(key, value, f"{reason}; correct this environment variable") from None
    if not settings.slack_timeout_seconds < settings.job_timeout_seconds < settings.lease_seconds:
        order = " < ".join(map(_variable, _NESTED))
        raise ConfigurationError(_variable(_NESTED[-1]), settings.lease_seconds, f"times have to nest: {order}")
    return settings


def _variable(field: str) -> str:
    return Settings.model_fields[field].alias or f"{PREFIX}{field.upper()}"


def unknown_variables() -> dict[str, str | None]:
    """Variables that look like ours and are none → the one that may be meant."""
    unknown = (name for name in os.environ if name.startswith(PREFIX) and name not in _FIELDS)
    return {name: next(iter(difflib.get_close_matches(name, list(_FIELDS), n=1)), None) for name in unknown}


_FIELDS = {_variable(field): field for field in Settings.model_fields}
"""Environment variable → field."""
