"""Rules inside the database that keep rows as they were written, whoever asks."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, text

Unique = Sequence[Sequence[str]]
"""Each set of columns that is unique in the table, its primary key among them."""

_POSTGRESQL = """
CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{table} is append-only: % refused', TG_OP USING ERRCODE = 'LG001';
END $$;
CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only();
CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only();
"""
_SQLITE = """
CREATE TRIGGER {table}_is_not_{past} BEFORE {verb} ON {table} {when} BEGIN
    SELECT RAISE(ABORT, '{table} is append-only: {what} refused'); END
"""


def keep_rows(connection: Connection, table: str, *, unique: Unique) -> None:
    """Refuse from now on to change, delete or replace a row of *table*; for use in a revision.

    SQLite's INSERT OR REPLACE deletes without asking the delete trigger, and takes any row that
    is like the new one in one of its *unique* sets of columns. Give such a table no rowid
    (`sqlite_with_rowid=False`), which would be one more.
    """
    for rule in _rules(connection.dialect.name, table, unique):
        connection.execute(text(rule))


def _rules(dialect: str, table: str, unique: Unique) -> Iterator[str]:
    if dialect == "postgresql":
        yield _POSTGRESQL.format(table=table)
        return
    for verb, past in (("UPDATE", "updated"), ("DELETE", "deleted")):
        yield _SQLITE.format(table=table, verb=verb, past=past, what=verb, when="")
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in columns) + ")"
        for columns in unique
    )
    when = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - our own names
    yield _SQLITE.format(table=table, verb="INSERT", past="replaced", what="REPLACE", when=when)
