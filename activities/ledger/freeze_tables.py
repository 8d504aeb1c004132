"""Freezes as they were declared, and when they were lifted; both stay as they were written."""

from sqlalchemy import Column, ForeignKey, String, Table, Text

from activities.ledger.schema import Moment, metadata

FREEZES = Table(
    "freezes",
    metadata,
    Column("key", String(71), primary_key=True),
    Column("name", String, nullable=False, index=True),
    Column("document", Text, nullable=False),
    Column("declared_at", Moment, nullable=False),
    Column("start_at", Moment, nullable=False),
    Column("end_at", Moment),
    sqlite_with_rowid=False,
)

FREEZE_LIFTS = Table(
    "freeze_lifts",
    metadata,
    Column("freeze", String(71), ForeignKey("freezes.key"), primary_key=True),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
