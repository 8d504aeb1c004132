"""How long releases waited at gates, and the decision matrices that were published."""

from sqlalchemy import JSON, Column, Float, Index, PrimaryKeyConstraint, String, Table, Text

from activities.ledger.schema import Moment, metadata

GATE_WAITS = Table(
    "gate_waits",
    metadata,
    Column("key", String, primary_key=True),
    Column("release", String, nullable=False),
    Column("environment", String, nullable=False),
    Column("gate", String, nullable=False),
    Column("builds", JSON, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_gate_waits_opened_at", "opened_at"),
    sqlite_with_rowid=False,
)

MATRICES = Table(
    "matrices",
    metadata,
    Column("policy", String, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("page", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    PrimaryKeyConstraint("policy", "digest"),
    sqlite_with_rowid=False,
)
