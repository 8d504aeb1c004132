"""The orders that a service has settled: one PostgreSQL table, rows written once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString, TypeAlias, TypeVar

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from shop_order import Order, Outcome, Unserved
from shop_pool import Pool

CONNECTIONS = 4
CONNECT_SECONDS = 3
STATEMENT_MS = 3000
CREDENTIAL_FIELDS = ("host", "port", "dbname", "user", "password")
# Two versions that start together would both find no table; the second waits here for the first.
CREATION_LOCK = 7_464_871

EXISTS: LiteralString = "SELECT to_regclass(%s) IS NOT NULL"
CREATE: LiteralString = """
    CREATE TABLE IF NOT EXISTS {table} (
        order_id text PRIMARY KEY,
        customer text NOT NULL,
        sku text NOT NULL,
        quantity integer NOT NULL,
        status text NOT NULL,
        amount_cents bigint NOT NULL,
        served_by jsonb NOT NULL,
        settled_at timestamptz NOT NULL DEFAULT now()
    )"""
FIND: LiteralString = "SELECT status, amount_cents, served_by FROM {table} WHERE order_id = %s"
RECORD: LiteralString = """
    INSERT INTO {table} (order_id, customer, sku, quantity, status, amount_cents, served_by)
    VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (order_id) DO NOTHING"""


Link: TypeAlias = psycopg.Connection[Any]
Result = TypeVar("Result")


class Unreachable(Unserved):
    """The database does not answer, or refuses what this service asks of it."""

    status = 503


class Store:
    """`credentials` is read anew at each connection: renewed ones need no restart."""

    def __init__(self, *, credentials: Path, table: str, client: str) -> None:
        named = {"table": sql.Identifier(table)}
        self._create = sql.SQL(CREATE).format(**named)
        self._find = sql.SQL(FIND).format(**named)
        self._record = sql.SQL(RECORD).format(**named)
        self._table = table
        self._credentials = credentials
        self._client = client
        self._pool = Pool(connect=self._connect, broken=(psycopg.Error,), size=CONNECTIONS)

    def find(self, order_id: str) -> Outcome | None:
        """What became of this order when it was first settled; None for a new one.

        Raises:
            Unreachable: the database does not answer.
        """
        row = self._run(lambda link: link.execute(self._find, (order_id,)).fetchone())
        return Outcome(*row) if row else None

    def record(self, order: Order, outcome: Outcome) -> bool:
        """Write down what became of *order*; False if that was written before.

        Raises:
            Unreachable: the database does not answer.
        """
        asked = (order.order_id, order.customer, order.sku, order.quantity)
        row = (*asked, outcome.status, outcome.amount_cents, Jsonb(dict(outcome.served_by)))
        return self._run(lambda link: link.execute(self._record, row).rowcount) == 1

    def check(self) -> None:
        """Return if the database answers and holds the table.

        Raises:
            Unreachable: it does not.
        """
        self._run(lambda link: link.execute(self._find, ("",)))

    def close(self) -> None:
        self._pool.close()

    def _run(self, work: Callable[[Link], Result]) -> Result:
        try:
            return self._pool.run(work)
        except psycopg.Error as error:
            raise Unreachable(f"database, table {self._table}: {error}") from error

    def _connect(self) -> Link:
        link = psycopg.connect(
            **self._read_credentials(),
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            options=f"-c statement_timeout={STATEMENT_MS}",
            application_name=self._client,
        )
        try:
            self._create_table(link)
        except BaseException:
            link.close()
            raise
        return link

    def _create_table(self, link: Link) -> None:
        """Leave a table alone that is there: its owner may be somebody else."""
        if link.execute(EXISTS, (self._table,)).fetchone() == (True,):
            return
        with link.transaction():
            link.execute("SELECT pg_advisory_xact_lock(%s)", (CREATION_LOCK,))
            link.execute(self._create)

    def _read_credentials(self) -> dict[str, Any]:
        try:
            told = json.loads(self._credentials.read_text(encoding="utf-8"))
            return {field: told[field] for field in CREDENTIAL_FIELDS}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unreachable(
                f"DATABASE_FILE {self._credentials}: expected a JSON object with "
                f"{', '.join(CREDENTIAL_FIELDS)}; found {type(error).__name__}"
            ) from error
