"""What the rules of a poll need to know, and when somebody was asked last

Revision ID: csat_0002
"""

import sqlalchemy as sa
from alembic import op

from slackdesk.api import UtcDateTime

revision = "csat_0002"
down_revision = "csat_0001"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_csat_poll_requester": ["requester", "sent_at"],
    "ix_csat_poll_queue": ["queue", "closed_at"],
    "ix_csat_poll_agent": ["queue", "agent"],
    "ix_csat_poll_ended_at": ["ended_at", "sent_at"],
}


def upgrade() -> None:
    with op.batch_alter_table("csat_poll") as batch:
        batch.add_column(sa.Column("closed_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("is_anonymous", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("reminded_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("told_lead", sa.String(), nullable=True))
        batch.add_column(sa.Column("is_void", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE csat_poll SET closed_at = sent_at")  # it was sent a short while after the close
    with op.batch_alter_table("csat_poll") as batch:
        batch.alter_column("closed_at", existing_type=UtcDateTime(), nullable=False)
        batch.alter_column("is_anonymous", existing_type=sa.Boolean(), server_default=None)
        batch.alter_column("is_void", existing_type=sa.Boolean(), server_default=None)
        for name, columns in INDEXES.items():
            batch.create_index(name, columns)
    op.create_table(
        "csat_asked",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_csat_asked")),
    )
    op.execute(
        "INSERT INTO csat_asked (person, last_at, revision) "
        "SELECT requester, MAX(sent_at), 1 FROM csat_poll GROUP BY requester"
    )


def downgrade() -> None:
    op.drop_table("csat_asked")
    with op.batch_alter_table("csat_poll") as batch:
        for name in INDEXES:
            batch.drop_index(name)
        for column in ("is_void", "told_lead", "reminded_at", "is_anonymous", "closed_at"):
            batch.drop_column(column)
