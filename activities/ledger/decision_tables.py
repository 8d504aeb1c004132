"""Rulings on releases, and the orders that they rule on; both stay as they were written."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from activities.ledger.schema import Moment, metadata

DECISION_ORDERS = Table(
    "decision_orders",
    metadata,
    Column("digest", String(71), primary_key=True),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)

DECISIONS = Table(
    "decisions",
    metadata,
    Column("digest", String(71), primary_key=True),
    Column("release", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("verdict", String, nullable=False),
    Column("decision_digest", String(71), nullable=False),
    Column("facts_digest", String(71)),
    Column("rules_digest", String(71)),
    Column("order_digest", String(71), ForeignKey("decision_orders.digest"), nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_decisions_at", "at"),
    sqlite_with_rowid=False,
)
