"""Find the first answers of a span of time without reading every answer in the history

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ANSWERED = sa.text("first_response_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_ticket_first_response_at",
        "ticket",
        ["first_response_at", "queue", "created_at", "id"],
        sqlite_where=ANSWERED,
        postgresql_where=ANSWERED,
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_first_response_at", "ticket", sqlite_where=ANSWERED, postgresql_where=ANSWERED)
