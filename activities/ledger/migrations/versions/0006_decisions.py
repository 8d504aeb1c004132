"""Every ruling on a release, whole, and the orders that were ruled on."""

import sqlalchemy as sa
from alembic import op

from activities.ledger.append_only import keep_rows
from activities.ledger.schema import Moment

revision = "0006"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "decision_orders",
        sa.Column("digest", sa.String(71), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decisions",
        sa.Column("digest", sa.String(71), primary_key=True),
        sa.Column("release", sa.String, nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("decision_digest", sa.String(71), nullable=False),
        sa.Column("facts_digest", sa.String(71)),
        sa.Column("rules_digest", sa.String(71)),
        sa.Column(
            "order_digest", sa.String(71), sa.ForeignKey("decision_orders.digest"), nullable=False
        ),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_decisions_at", "decisions", ["at"])
    for table in ("decision_orders", "decisions"):
        keep_rows(op.get_bind(), table, unique=(("digest",),))
