"""The log over the whole record: where each entry stands in it, its tree, and what was sealed."""

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from activities.ledger.schema import metadata

LOG_LEAVES = Table(
    "log_leaves",
    metadata,
    Column("number", BigInteger, nullable=False, autoincrement=False),
    Column("chain", String, nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("chain", "position"),
    sqlite_with_rowid=False,
)

LOG_NODES = Table(
    "log_nodes",
    metadata,
    Column("level", Integer, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("level", "number"),
    sqlite_with_rowid=False,
)

CHECKPOINTS = Table(
    "checkpoints",
    metadata,
    Column("origin", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("origin", "size"),
    sqlite_with_rowid=False,
)
