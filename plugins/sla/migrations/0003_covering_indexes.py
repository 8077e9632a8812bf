"""Count what stopped and what was missed in a span of time from indexes alone, without a look at each row

Revision ID: sla_0003
"""

from alembic import op

revision = "sla_0003"
down_revision = "sla_0002"
branch_labels = None
depends_on = None

NARROW = {
    "ix_sla_result_stopped_at": ("sla_result", ["stopped_at"]),
    "ix_sla_breach_at": ("sla_breach", ["at"]),
}
COVERING = {
    "ix_sla_result_stopped_at": ("sla_result", ["stopped_at", "queue", "clock", "is_met"]),
    "ix_sla_breach_at": ("sla_breach", ["at", "queue", "tier"]),
}


def upgrade() -> None:
    _replace(COVERING)


def downgrade() -> None:
    _replace(NARROW)


def _replace(indexes: dict[str, tuple[str, list[str]]]) -> None:
    for name, (table, columns) in indexes.items():
        op.drop_index(name, table)
        op.create_index(name, table, columns)
