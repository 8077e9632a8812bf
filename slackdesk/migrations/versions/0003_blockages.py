"""Hold work for places where Slack lets nothing pass

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from slackdesk.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HELD = sa.text("held_for IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "blockage",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", UtcDateTime(), nullable=False),
        sa.Column("trier", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_blockage")),
    )
    op.add_column("work", sa.Column("held_for", sa.String(), nullable=True))
    op.create_index("ix_work_held", "work", ["held_for", "id"], sqlite_where=HELD, postgresql_where=HELD)


def downgrade() -> None:
    op.drop_index("ix_work_held", "work", sqlite_where=HELD, postgresql_where=HELD)
    op.drop_column("work", "held_for")
    op.drop_table("blockage")
