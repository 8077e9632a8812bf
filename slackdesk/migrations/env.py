"""Run by Alembic: on the connection that ``slackdesk.migrations.migrate`` hands over."""

from alembic import context

from slackdesk.migrations import core_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=core_metadata(),
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
