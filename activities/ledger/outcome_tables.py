"""How releases ended, what each brought, and the retrospectives that are owed and closed."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from activities.ledger.schema import Moment, metadata

OUTCOMES = Table(
    "outcomes",
    metadata,
    Column("release", String, nullable=False),
    Column("run", String, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("phase", String, nullable=False),
    Column("ending", String, nullable=False),
    Column("change_class", String, nullable=False),
    Column("pattern", String(71), nullable=False),
    Column("pattern_sentence", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("level", String, nullable=False),
    Column("low", Boolean, nullable=False),
    Column("model", String(71), nullable=False),
    Column("factors", Text, nullable=False),
    PrimaryKeyConstraint("release", "run"),
    Index("ix_outcomes_pattern_ended_at", "pattern", "ended_at"),
    Index("ix_outcomes_ended_at", "ended_at"),
    sqlite_with_rowid=False,
)

OUTCOME_SERVICES = Table(
    "outcome_services",
    metadata,
    Column("release", String, nullable=False),
    Column("run", String, nullable=False),
    Column("service", String, nullable=False),
    Column("head", String),
    Column("ended_at", Moment, nullable=False),
    Column("ending", String, nullable=False),
    PrimaryKeyConstraint("release", "run", "service"),
    Index("ix_outcome_services_service_ended_at", "service", "ended_at"),
    sqlite_with_rowid=False,
)

OUTCOME_PATHS = Table(
    "outcome_paths",
    metadata,
    Column("release", String, nullable=False),
    Column("run", String, nullable=False),
    Column("service", String, nullable=False),
    Column("path", Text, nullable=False),
    Column("ended_at", Moment, nullable=False),
    PrimaryKeyConstraint("release", "run", "service", "path"),
    Index("ix_outcome_paths_service_ended_at", "service", "ended_at"),
    sqlite_with_rowid=False,
)

RETROSPECTIVES = Table(
    "retrospectives",
    metadata,
    Column("release", String, nullable=False),
    Column("run", String, nullable=False),
    Column("service", String, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment),
    PrimaryKeyConstraint("release", "run", "service"),
    Index("ix_retrospectives_service", "service"),
    sqlite_with_rowid=False,
)

RETROSPECTIVE_CLOSINGS = Table(
    "retrospective_closings",
    metadata,
    Column("release", String, nullable=False),
    Column("run", String, nullable=False),
    Column("closed_at", Moment, nullable=False),
    Column("closed_by", String, nullable=False),
    Column("finding", Text, nullable=False),
    PrimaryKeyConstraint("release", "run"),
    sqlite_with_rowid=False,
)
