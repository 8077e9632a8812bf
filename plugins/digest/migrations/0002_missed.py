"""Missed targets that wait to be told

Revision ID: digest_0002
"""

import sqlalchemy as sa
from alembic import op

from slackdesk.api import UtcDateTime

revision = "digest_0002"
down_revision = "digest_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest_missed",
        sa.Column("subscription", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("missed_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subscription", "ticket_id", "clock", "cycle", name=op.f("pk_digest_missed")),
    )


def downgrade() -> None:
    op.execute("DELETE FROM digest_subscription WHERE every = 'breach'")
    op.drop_table("digest_missed")
