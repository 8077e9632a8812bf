"""Find the open tickets, and those of a span of time, without reading all that were ever filed

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('new', 'in_progress', 'waiting', 'on_hold')")


def upgrade() -> None:
    op.create_index("ix_ticket_created_at", "ticket", ["created_at"])
    op.create_index("ix_ticket_open", "ticket", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_ticket_open", "ticket", sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index("ix_ticket_created_at", "ticket")
