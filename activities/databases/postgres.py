"""Data checks on PostgreSQL: one statement, one row, one whole number, read-only."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import psycopg
import structlog
from psycopg import errors

from activities.databases.place import Login, Place
from workflows.domain.errors import Refused, ReleaseError, Unavailable
from workflows.domain.release.plan import DataRule

log = structlog.get_logger(__name__)

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL database; *patience* is how long one query may take."""

    place: Place
    patience: timedelta = field(default=timedelta(minutes=5), kw_only=True)

    def __str__(self) -> str:
        return f"postgresql {self.place.host}:{self.place.port}/{self.place.name}"

    @contextmanager
    def connect(self, login: Login) -> Iterator["PostgresSession"]:
        with closing(self._connection(login)) as connection:
            connection.read_only = True
            yield PostgresSession(connection, str(self), patience=self.patience)

    def _connection(self, login: Login) -> Connection:
        milliseconds = int(self.patience.total_seconds() * 1000)
        try:
            return psycopg.connect(
                host=self.place.host,
                port=self.place.port,
                dbname=self.place.name,
                user=login.username,
                password=login.password,
                connect_timeout=5,
                application_name="lockgate",
                options=f"-c statement_timeout={milliseconds} -c default_transaction_read_only=on",
            )
        except psycopg.Error as error:
            # Raised below and not here: the driver's error may hold the login.
            problem = f"{self}: cannot be connected to as the leased user: {type(error).__name__}"
        raise Unavailable(problem)


@dataclass(frozen=True)
class PostgresSession:
    """A read-only connection as a leased user."""

    connection: Connection = field(repr=False)
    place: str
    patience: timedelta = field(kw_only=True)

    def number(self, rule: DataRule) -> int:
        try:
            rows = self._first_two(rule.query)
        except psycopg.Error as error:
            problem = self._in_our_words(rule, error)
        else:
            return _only_number(rule, rows)
        raise problem

    def interrupt(self) -> None:
        try:
            self.connection.cancel_safe(timeout=5)
        except psycopg.Error as error:
            # Then the query ends by its own time limit.
            log.warning("query_not_interrupted", reason=type(error).__name__)

    def _first_two(self, query: str) -> list[tuple[Any, ...]]:
        """Enough rows to know whether there is one; streamed, so that a table is never loaded.

        A streamed query goes through the extended protocol, which takes a single statement.
        """
        with self.connection.transaction(), self.connection.cursor() as cursor:
            return list(islice(cursor.stream(query.encode()), 2))

    def _in_our_words(self, rule: DataRule, error: psycopg.Error) -> ReleaseError:
        """What went wrong, without what the database quotes: it may be a customer's data."""
        where = f"data check {rule.name!r} on {self.place}"
        if isinstance(error, errors.QueryCanceled):
            return Unavailable(f"{where}: did not answer within {self.patience}")
        if isinstance(error, psycopg.OperationalError):
            return Unavailable(f"{where}: no answer: {type(error).__name__}")
        if error.sqlstate is None:
            return _misshapen(rule, f"no result ({type(error).__name__})")
        said = type(error).__name__
        if error.sqlstate.startswith("42"):  # names and syntax of the query, never a row's content
            said = f"{said}: {error.diag.message_primary}"
        return Refused(f"{where}: {said}; correct its query in the catalog")


def _only_number(rule: DataRule, rows: list[tuple[Any, ...]]) -> int:
    if len(rows) != 1:
        raise _misshapen(rule, "several rows" if rows else "no rows")
    if len(rows[0]) != 1:
        raise _misshapen(rule, f"{len(rows[0])} columns")
    value = rows[0][0]
    if isinstance(value, Decimal) and value.is_finite() and value == int(value):  # sums of bigint
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _misshapen(rule, "NULL" if value is None else f"a {type(value).__name__}")
    return value


def _misshapen(rule: DataRule, found: str) -> Refused:
    return Refused(
        f"data check {rule.name!r}: its query must return one row with one whole number; "
        f"found {found}"
    )
