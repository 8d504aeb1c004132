"""Freezes that people declare, and when they were lifted."""

import sqlalchemy as sa
from alembic import op

from activities.ledger.append_only import keep_rows
from activities.ledger.schema import Moment

revision = "0004"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "freezes",
        sa.Column("key", sa.String(71), primary_key=True),
        sa.Column("name", sa.String, nullable=False, index=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("declared_at", Moment, nullable=False),
        sa.Column("start_at", Moment, nullable=False),
        sa.Column("end_at", Moment),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "freeze_lifts",
        sa.Column("freeze", sa.String(71), sa.ForeignKey("freezes.key"), primary_key=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sqlite_with_rowid=False,
    )
    keep_rows(op.get_bind(), "freezes", unique=(("key",),))
    keep_rows(op.get_bind(), "freeze_lifts", unique=(("freeze",),))
