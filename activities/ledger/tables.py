"""The ledger's tables, and the triggers that keep what was recorded as it was recorded."""

from datetime import UTC, datetime

from sqlalchemy import (
    DDL,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    inspect,
)
from sqlalchemy.engine.interfaces import Dialect

ADVISORY_LOCK = 0x6C6F636B67617465
"""`lockgate` in ASCII: what PostgreSQL sessions that create the schema wait for one another on."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime to the microsecond; SQLite, which knows no zones, holds it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


metadata = MetaData()

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

LEASES = Table(
    "leases",
    metadata,
    Column("accessor", String, primary_key=True),
    Column("release", String, nullable=False, index=True),
    Column("role", String, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
)

_POSTGRESQL_RULES = """
CREATE FUNCTION audit_record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit record is append-only: %% refused', TG_OP USING ERRCODE = 'LG001';
END $$;
CREATE TRIGGER audit_record_rows_stay BEFORE UPDATE OR DELETE ON audit_record
    FOR EACH ROW EXECUTE FUNCTION audit_record_is_append_only();
CREATE TRIGGER audit_record_stays BEFORE TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION audit_record_is_append_only();
"""

# SQLite's INSERT OR REPLACE deletes without asking the delete trigger, hence a third one.
_SQLITE_RULES = (
    """CREATE TRIGGER audit_record_is_not_updated BEFORE UPDATE ON audit_record BEGIN
    SELECT RAISE(ABORT, 'the audit record is append-only: UPDATE refused'); END""",
    """CREATE TRIGGER audit_record_is_not_deleted BEFORE DELETE ON audit_record BEGIN
    SELECT RAISE(ABORT, 'the audit record is append-only: DELETE refused'); END""",
    """CREATE TRIGGER audit_record_is_not_replaced BEFORE INSERT ON audit_record
    WHEN EXISTS (SELECT 1 FROM audit_record WHERE chain = NEW.chain
                 AND (position = NEW.position OR key = NEW.key)) BEGIN
    SELECT RAISE(ABORT, 'the audit record is append-only: REPLACE refused'); END""",
)


def _rule(statement: str, *, dialect: str) -> None:
    """Run *statement* once, after the table is made on a database of this kind."""
    rule = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy annotates it nowhere
    event.listen(AUDIT_RECORD, "after_create", rule.execute_if(dialect=dialect))


_rule(_POSTGRESQL_RULES, dialect="postgresql")
for _statement in _SQLITE_RULES:
    _rule(_statement, dialect="sqlite")


def has_schema(connection: Connection) -> bool:
    """Whether every table is there; asks for no right to create one."""
    return set(metadata.tables) <= set(inspect(connection).get_table_names())


def create_schema(connection: Connection) -> None:
    """Create what is missing, inside the caller's transaction, which must shut others out."""
    metadata.create_all(connection, checkfirst=True)
