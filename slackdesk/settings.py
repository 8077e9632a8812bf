"""The only reader of the environment: secrets, URLs and the lengths of time that tests shorten."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from slackdesk.errors import ConfigurationError


class Settings(BaseSettings):
    """What the environment says. Field descriptions are the documentation of each variable."""

    model_config = SettingsConfigDict(env_prefix="SLACKDESK_", frozen=True, populate_by_name=True, extra="ignore")

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

    @property
    def effective_database_url(self) -> str:
        """``DATABASE_URL``, else an SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data / 'slackdesk.sqlite3'}"


def read_settings() -> Settings:
    """Read the environment once. Raises ConfigurationError that names the variable, its value and the remedy."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        key = name if name.isupper() else f"SLACKDESK_{name.upper()}"
        raise ConfigurationError(
            key, first.get("input"), f"{first['msg']}; correct this environment variable"
        ) from None
    if not settings.slack_timeout_seconds < settings.job_timeout_seconds < settings.lease_seconds:
        raise ConfigurationError(
            "SLACKDESK_LEASE_SECONDS",
            settings.lease_seconds,
            "times have to nest: SLACKDESK_SLACK_TIMEOUT_SECONDS < SLACKDESK_JOB_TIMEOUT_SECONDS < SLACKDESK_LEASE_SECONDS",
        )
    if settings.database_url and settings.database_url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + settings.database_url.split("://", 1)[1]
        settings = settings.model_copy(update={"database_url": url})
    return settings
