"""Keep the files of plugins' messages until they are shared

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from slackdesk.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plugin_posting") as batch:
        batch.add_column(sa.Column("thread_ts", sa.String(), nullable=True))
    op.create_table(
        "plugin_file",
        sa.Column("plugin", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("alt_text", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("file_id", sa.String(), nullable=True),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "key", "name", name=op.f("pk_plugin_file")),
    )


def downgrade() -> None:
    op.drop_table("plugin_file")
    with op.batch_alter_table("plugin_posting") as batch:
        batch.drop_column("thread_ts")
