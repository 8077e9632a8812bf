"""``slackdesk migrate``."""

from rich.console import Console

from slackdesk import bootstrap
from slackdesk.migrations import migrate as bring_to_current_schema
from slackdesk.settings import read_settings


def migrate() -> None:
    """Bring the database to the current schema; does nothing when it is current."""
    settings = read_settings()
    database = bootstrap.open_database(settings)
    try:
        bring_to_current_schema(database)
    finally:
        database.close()
    Console().print(f"The schema of {database.url.render_as_string(hide_password=True)} is current.", soft_wrap=True)
