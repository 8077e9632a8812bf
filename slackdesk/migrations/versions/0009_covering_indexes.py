"""Count what happened in a span of time from indexes alone, without a look at each row

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ACCEPTED = sa.text("accepted_at IS NOT NULL")

NARROW = {
    "ix_history_kind_at": ("history", ["kind", "at"]),
    "ix_tier_stay_entered_at": ("tier_stay", ["entered_at"]),
    "ix_tier_stay_left_at": ("tier_stay", ["left_at"]),
    "ix_tier_stay_ticket_id": ("tier_stay", ["ticket_id"]),
}
COVERING = {
    "ix_history_kind_at": ("history", ["kind", "at", "ticket_id", "sequence"]),
    "ix_tier_stay_entered_at": ("tier_stay", ["entered_at", "queue", "tier", "entered_how"]),
    "ix_tier_stay_left_at": ("tier_stay", ["left_at", "queue", "tier", "left_how"]),
    "ix_tier_stay_ticket_id": ("tier_stay", ["ticket_id", "id", "business_seconds"]),
}


def upgrade() -> None:
    _replace(COVERING)
    op.create_index("ix_ticket_id_queue", "ticket", ["id", "queue", "created_at"])
    op.create_index(
        "ix_tier_stay_accepted_at",
        "tier_stay",
        ["accepted_at"],
        sqlite_where=ACCEPTED,
        postgresql_where=ACCEPTED,
    )


def downgrade() -> None:
    op.drop_index("ix_tier_stay_accepted_at", "tier_stay", sqlite_where=ACCEPTED, postgresql_where=ACCEPTED)
    op.drop_index("ix_ticket_id_queue", "ticket")
    _replace(NARROW)


def _replace(indexes: dict[str, tuple[str, list[str]]]) -> None:
    for name, (table, columns) in indexes.items():
        op.drop_index(name, table)
        op.create_index(name, table, columns)
