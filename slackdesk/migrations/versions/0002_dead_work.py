"""Count what was given up without reading what is done

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DEAD = sa.text("state IN ('dead')")


def upgrade() -> None:
    op.create_index("ix_work_dead", "work", ["finished_at"], sqlite_where=DEAD, postgresql_where=DEAD)


def downgrade() -> None:
    op.drop_index("ix_work_dead", "work", sqlite_where=DEAD, postgresql_where=DEAD)
