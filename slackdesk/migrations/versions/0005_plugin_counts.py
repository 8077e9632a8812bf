"""Count what plugins ask for in an hour

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from slackdesk.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plugin_state") as batch:
        batch.add_column(sa.Column("hour_began_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("messages", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("timers", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("plugin_state") as batch:
        batch.drop_column("timers")
        batch.drop_column("messages")
        batch.drop_column("hour_began_at")
