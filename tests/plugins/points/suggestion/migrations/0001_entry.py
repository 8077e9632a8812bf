"""The table of suggestions

Revision ID: suggestion_0001
"""

import sqlalchemy as sa
from alembic import op

from slackdesk.api import UtcDateTime

revision = "suggestion_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suggestion_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_entry")),
    )


def downgrade() -> None:
    op.drop_table("suggestion_entry")
