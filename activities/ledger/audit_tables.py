"""The audit record: hash chains of entries, and the newest link of each."""

from sqlalchemy import (
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from activities.ledger.schema import Moment, metadata

AUDIT_RECORD = Table(
    "audit_record",
    metadata,
    Column("chain", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("action", String, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("outcome", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("actor", String),
    Column("previous", String(71), nullable=False),
    Column("hash", String(71), nullable=False),
    PrimaryKeyConstraint("chain", "position"),
    UniqueConstraint("chain", "key"),
    # With a rowid, SQLite's INSERT OR REPLACE could replace a row of another chain by it.
    sqlite_with_rowid=False,
)

CHAIN_HEADS = Table(
    "chain_heads",
    metadata,
    Column("chain", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("hash", String(71), nullable=False),
)
