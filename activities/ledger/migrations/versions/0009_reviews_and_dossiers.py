"""Reviews and rehearsals of runbooks, and the dossiers of readiness reviews."""

import sqlalchemy as sa
from alembic import op

from activities.ledger.append_only import keep_rows
from activities.ledger.schema import Moment

revision = "0009"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "runbook_reviews",
        sa.Column("key", sa.String(71), primary_key=True),
        sa.Column("runbook", sa.String, nullable=False),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("reviewer", sa.String, nullable=False),
        sa.Column("approved", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("assurance", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "runbook_rehearsals",
        sa.Column("key", sa.String(71), primary_key=True),
        sa.Column("runbook", sa.String, nullable=False),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("assurance", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dossiers",
        sa.Column("digest", sa.String(71), primary_key=True),
        sa.Column("release", sa.String, nullable=False, index=True),
        sa.Column("environment", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sealed_at", Moment, nullable=False),
        sqlite_with_rowid=False,
    )
    for table in ("runbook_reviews", "runbook_rehearsals"):
        op.create_index(f"ix_{table}_runbook_at", table, ["runbook", "at"])
        keep_rows(op.get_bind(), table, unique=(("key",),))
    keep_rows(op.get_bind(), "dossiers", unique=(("digest",),))
