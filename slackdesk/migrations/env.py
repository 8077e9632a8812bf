"""Run by Alembic: on the connection that ``slackdesk.migrations.migrate`` hands over."""

from typing import Literal

from alembic import context

from slackdesk.database import UtcDateTime
from slackdesk.migrations import VERSION_TABLE, core_metadata


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Our own type is written by its name, which every revision imports."""
    return "UtcDateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


_given = context.config.attributes
context.configure(
    connection=_given["connection"],
    target_metadata=_given.get("tables") or core_metadata(),
    version_table=_given.get("version_table", VERSION_TABLE),
    render_as_batch=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
