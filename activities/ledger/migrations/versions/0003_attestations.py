"""An index of evidence: which files are about which build; rows stay as they were written."""

import sqlalchemy as sa
from alembic import op

from activities.ledger.append_only import keep_rows
from activities.ledger.schema import Moment

revision = "0003"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "attestations",
        sa.Column("artifact", sa.String(71), nullable=False),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("added_by", sa.String, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("artifact", "digest"),
        sqlite_with_rowid=False,
    )
    keep_rows(op.get_bind(), "attestations", unique=(("artifact", "digest"),))
