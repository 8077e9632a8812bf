"""Run by Alembic: on the connection that ``slackdesk.migrations.migrate`` hands over."""

from typing import Literal

from alembic import context

from slackdesk.database import UtcDateTime
from slackdesk.migrations import core_metadata


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Our own type is written by its name, which every revision imports."""
    return "UtcDateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=core_metadata(),
    render_as_batch=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
