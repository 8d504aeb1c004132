"""Reviews and rehearsals of runbooks, and sealed dossiers; all stay as they were written."""

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from activities.ledger.schema import Moment, metadata

RUNBOOK_REVIEWS = Table(
    "runbook_reviews",
    metadata,
    Column("key", String(71), primary_key=True),
    Column("runbook", String, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("reviewer", String, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("assurance", String, nullable=False),
    Index("ix_runbook_reviews_runbook_at", "runbook", "at"),
    sqlite_with_rowid=False,
)

RUNBOOK_REHEARSALS = Table(
    "runbook_rehearsals",
    metadata,
    Column("key", String(71), primary_key=True),
    Column("runbook", String, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("by", String, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("assurance", String, nullable=False),
    Index("ix_runbook_rehearsals_runbook_at", "runbook", "at"),
    sqlite_with_rowid=False,
)

DOSSIERS = Table(
    "dossiers",
    metadata,
    Column("digest", String(71), primary_key=True),
    Column("release", String, nullable=False, index=True),
    Column("environment", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("sealed_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
