"""A result for each stop of a clock: a reopening takes none away

Revision ID: sla_0002
"""

import sqlalchemy as sa
from alembic import op

revision = "sla_0002"
down_revision = "sla_0001"
branch_labels = None
depends_on = None

KEY = ["ticket_id", "clock", "cycle"]


def upgrade() -> None:
    _change_key([*KEY, "stopped_at"])
    with op.batch_alter_table("sla_result") as batch:
        batch.drop_column("is_void")  # told by what became of the ticket


def downgrade() -> None:
    op.execute(
        "DELETE FROM sla_result WHERE EXISTS (SELECT 1 FROM sla_result AS later "
        "WHERE later.ticket_id = sla_result.ticket_id AND later.clock = sla_result.clock "
        "AND later.cycle = sla_result.cycle AND later.stopped_at > sla_result.stopped_at)"
    )
    with op.batch_alter_table("sla_result") as batch:
        batch.add_column(sa.Column("is_void", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("sla_result") as batch:
        batch.alter_column("is_void", existing_type=sa.Boolean(), server_default=None)
    _change_key(KEY)


def _change_key(columns: list[str]) -> None:
    with op.batch_alter_table("sla_result") as batch:
        batch.drop_constraint(op.f("pk_sla_result"), type_="primary")
        batch.create_primary_key(op.f("pk_sla_result"), columns)
