"""Work that has ended keeps nothing of what it was about: that may be what people wrote

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE work SET payload = '{}' WHERE state IN ('done', 'dead', 'cancelled')")
    op.execute("UPDATE plugin_file SET title = '', alt_text = NULL WHERE content IS NULL")


def downgrade() -> None:
    """What was emptied is gone; the older version does not need it."""
