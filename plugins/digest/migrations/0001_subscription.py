"""Subscriptions, and what employees think of the desk

Revision ID: digest_0001
"""

import sqlalchemy as sa
from alembic import op

from slackdesk.api import UtcDateTime

revision = "digest_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest_subscription",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("queues", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("sent_slot", UtcDateTime(), nullable=True),
        sa.Column("next_slot", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_subscription")),
    )
    op.create_table(
        "digest_feedback",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_feedback")),
    )


def downgrade() -> None:
    op.drop_table("digest_feedback")
    op.drop_table("digest_subscription")
