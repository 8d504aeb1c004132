"""How long releases waited at gates, and the decision matrices that were published."""

import sqlalchemy as sa
from alembic import op

from activities.ledger.append_only import keep_rows
from activities.ledger.schema import Moment

revision = "0008"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "gate_waits",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("release", sa.String, nullable=False),
        sa.Column("environment", sa.String, nullable=False),
        sa.Column("gate", sa.String, nullable=False),
        sa.Column("builds", sa.JSON, nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("closed_at", Moment, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_gate_waits_opened_at", "gate_waits", ["opened_at"])
    op.create_table(
        "matrices",
        sa.Column("policy", sa.String, nullable=False),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("published_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("policy", "digest"),
        sqlite_with_rowid=False,
    )
    keep_rows(op.get_bind(), "gate_waits", unique=(("key",),))
    keep_rows(op.get_bind(), "matrices", unique=(("policy", "digest"),))
