"""The tables of service levels

Revision ID: sla_0001
"""

import sqlalchemy as sa
from alembic import op

from slackdesk.api import UtcDateTime

revision = "sla_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tickets()
    _create_facts()
    _create_reminders()
    _create_answers()


def _create_tickets() -> None:
    op.create_table(
        "sla_ticket",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("judged_until", UtcDateTime(), nullable=False),
        sa.Column("ticket_version", sa.Integer(), nullable=False),
        sa.Column("badge", sa.String(), nullable=True),
        sa.Column("late_from", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_sla_ticket")),
    )
    op.create_index(op.f("ix_sla_ticket_next_at"), "sla_ticket", ["next_at"])
    op.create_table(
        "sla_desk",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("scanned_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_desk")),
    )


def _create_facts() -> None:
    op.create_table(
        "sla_breach",
        *_clock(),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("target_seconds", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "clock", "cycle", name=op.f("pk_sla_breach")),
    )
    op.create_index(op.f("ix_sla_breach_at"), "sla_breach", ["at"])
    op.create_table(
        "sla_result",
        *_clock(),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("stopped_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("target_seconds", sa.Integer(), nullable=False),
        sa.Column("used_seconds", sa.Integer(), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=False),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "clock", "cycle", name=op.f("pk_sla_result")),
    )
    op.create_index(op.f("ix_sla_result_stopped_at"), "sla_result", ["stopped_at"])


def _create_reminders() -> None:
    op.create_table(
        "sla_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("deliver_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("dropped", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_reminder")),
        sa.UniqueConstraint(
            "ticket_id", "clock", "cycle", "level", name=op.f("uq_sla_reminder_ticket_id_clock_cycle_level")
        ),
    )
    op.create_index("ix_sla_reminder_delivery", "sla_reminder", ["delivery"])


def _create_answers() -> None:
    op.create_table(
        "sla_delivery",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sla_delivery")),
    )
    op.create_table(
        "sla_quiet",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("on_it_at", UtcDateTime(), nullable=True),
        sa.Column("snoozed_until", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "clock", "cycle", name=op.f("pk_sla_quiet")),
    )


def _clock() -> list[sa.Column[object]]:
    return [
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
    ]


def downgrade() -> None:
    for table in ("quiet", "delivery", "reminder", "result", "breach", "desk", "ticket"):
        op.drop_table(f"sla_{table}")
