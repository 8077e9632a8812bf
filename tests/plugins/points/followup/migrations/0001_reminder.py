"""The table of reminders

Revision ID: followup_0001
"""

import sqlalchemy as sa
from alembic import op

from slackdesk.api import UtcDateTime

revision = "followup_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "followup_reminder",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "agent", name=op.f("pk_followup_reminder")),
    )


def downgrade() -> None:
    op.drop_table("followup_reminder")
