"""One tree over all chains: the entries' order in it, its perfect subtrees, and checkpoints."""

import sqlalchemy as sa
from alembic import op

from activities.ledger.append_only import keep_rows

revision = "0010"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "log_leaves",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("chain", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("chain", "position"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_nodes",
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoints",
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("origin", "size"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    keep_rows(connection, "log_leaves", unique=(("number",), ("chain", "position")))
    keep_rows(connection, "log_nodes", unique=(("level", "number"),))
    keep_rows(connection, "checkpoints", unique=(("origin", "size"),))
