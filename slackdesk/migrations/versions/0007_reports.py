"""Find what happened in a span of time without reading all that ever happened

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_history_kind_at", "history", ["kind", "at"])
    op.create_index("ix_tier_stay_entered_at", "tier_stay", ["entered_at"])
    op.create_index("ix_tier_stay_left_at", "tier_stay", ["left_at"])


def downgrade() -> None:
    op.drop_index("ix_tier_stay_left_at", "tier_stay")
    op.drop_index("ix_tier_stay_entered_at", "tier_stay")
    op.drop_index("ix_history_kind_at", "history")
