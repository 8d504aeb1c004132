"""Appending to hash-chained records one writer at a time, and the book of open leases.

Every area that keeps something in the ledger has its tables beside this file and its store in its
own folder, which is given the Ledger: `ledger.read(work)` and `ledger.write(work)`.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from activities.ledger.audit_tables import AUDIT_RECORD, CHAIN_HEADS
from activities.ledger.chains import append, newest_head, stored_link
from activities.ledger.lease_tables import LEASES
from activities.ledger.upgrading import is_current, revision_of, upgrade
from workflows.domain.audit import Entry
from workflows.domain.errors import Unavailable
from workflows.ports.audit import ChainHead, RecordPage

SignIn = Callable[[], tuple[str, str]]
"""The user and password to open one more connection with; asked anew for each connection."""

AskedP = ParamSpec("AskedP")
AnswerT = TypeVar("AnswerT")

_DATABASES = ("sqlite", "postgresql")


def _answered(
    method: Callable[Concatenate["Ledger", AskedP], AnswerT],
) -> Callable[Concatenate["Ledger", AskedP], AnswerT]:
    """Translate "no answer" into Unavailable.

    It is raised where nothing is being handled, so that the driver's error, which may hold a
    login, is not chained to it.
    """

    @wraps(method)
    def asked(self: "Ledger", /, *args: AskedP.args, **kwargs: AskedP.kwargs) -> AnswerT:
        try:
            return method(self, *args, **kwargs)
        except PoolTimeoutError:
            problem = "every connection of its pool stayed busy"
        except DBAPIError as error:
            lost = isinstance(error, OperationalError | InternalError)
            if not (lost or error.connection_invalidated):
                raise
            problem = type(error.orig).__name__
        raise Unavailable(f"the ledger {self.place} does not answer: {problem}")

    return asked


class Ledger:
    """The audit record of all releases, and the leases that are open for them.

    Safe to share between threads. Nothing is asked of the database before the first use, so a
    worker starts while the ledger is away; its schema is made, or brought to what this build
    knows, by whoever comes first.

    Every method raises Unavailable where the database does not answer, or answers too late, and
    LedgerUnfit where a newer build upgraded it, or the login may not.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._preparing = threading.Lock()
        self._prepared = False

    @_answered
    def prepare(self) -> None:
        """Bring the schema to what this build knows; several processes may do so at once."""
        with self._preparing:
            if self._prepared:
                return
            with self._engine.connect() as connection:
                current = is_current(connection, place=self.place)
            if not current:
                with self._writing() as connection:
                    upgrade(connection, place=self.place)
            self._prepared = True

    @_answered
    def revision(self) -> str | None:
        """What the schema is at, without changing it; None where there is none yet."""
        with self._engine.connect() as connection:
            return revision_of(connection)

    @_answered
    def read(self, work: Callable[[Connection], AnswerT]) -> AnswerT:
        """The answer of *work*, which only reads."""
        self.prepare()
        with self._engine.connect() as connection:
            return work(connection)

    @_answered
    def write(self, work: Callable[[Connection], AnswerT]) -> AnswerT:
        """The answer of *work*, in one transaction: all that it writes, or nothing of it.

        On SQLite no other writer comes between; on PostgreSQL *work* holds what it reads first
        to write by it (`with_for_update`).
        """
        self.prepare()
        with self._writing() as connection:
            return work(connection)

    def append(self, chain: str, entries: Iterable[Entry]) -> ChainHead:
        """Append each entry whose key *chain* does not hold yet; all of them or none.

        Raises:
            Diverged: an entry of the same key and other content is recorded, or the newest
                record is not the one that the head names.
        """
        return self.write(lambda connection: append(connection, chain, entries))

    def page(self, chain: str, *, after: int = 0, limit: int = 200) -> RecordPage:
        """Up to *limit* links after the position *after*, and the chain's head."""
        rows = (
            select(AUDIT_RECORD)
            .where(AUDIT_RECORD.c.chain == chain, AUDIT_RECORD.c.position > after)
            .order_by(AUDIT_RECORD.c.position)
            .limit(limit)
        )

        def read(connection: Connection) -> RecordPage:
            # The links first: a head read later is at least as new as they are.
            links = tuple(stored_link(row) for row in connection.execute(rows))
            return RecordPage(links=links, head=newest_head(connection, chain))

        return self.read(read)

    def chains(self, *, after: str = "", limit: int = 500) -> tuple[str, ...]:
        """The chains that hold an entry and come after *after*, in the order of their names."""
        names = (
            select(CHAIN_HEADS.c.chain)
            .where(CHAIN_HEADS.c.chain > after, CHAIN_HEADS.c.position > 0)
            .order_by(CHAIN_HEADS.c.chain)
            .limit(limit)
        )
        return self.read(lambda connection: tuple(connection.execute(names).scalars()))

    def open_lease(self, accessor: str, *, release: str, role: str, at: datetime) -> None:
        """Note, before the lease is used, how to revoke it should nobody come back to."""
        lease = LEASES.insert().values(accessor=accessor, release=release, role=role, opened_at=at)
        self.write(lambda connection: connection.execute(lease))

    def close_lease(self, accessor: str, *, at: datetime) -> None:
        """Note that the lease is revoked; once closed it stays as it was closed."""
        closed = (
            LEASES.update()
            .where(LEASES.c.accessor == accessor, LEASES.c.closed_at.is_(None))
            .values(closed_at=at)
        )
        self.write(lambda connection: connection.execute(closed))

    def open_leases(self, release: str) -> tuple[str, ...]:
        """The accessors of the leases of *release* that nobody has closed, oldest first."""
        accessors = (
            select(LEASES.c.accessor)
            .where(LEASES.c.release == release, LEASES.c.closed_at.is_(None))
            .order_by(LEASES.c.opened_at, LEASES.c.accessor)
        )
        return self.read(lambda connection: tuple(connection.execute(accessors).scalars()))

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction; on SQLite it shuts other writers out from its beginning."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def dispose(self) -> None:
        """Close the connections; the next use opens new ones."""
        self._engine.dispose()

    @property
    def place(self) -> str:
        """The database's address, without the password."""
        return self._engine.url.render_as_string(hide_password=True)


def ledger(engine: Engine) -> Ledger:
    """The ledger in the database of *engine*: SQLite or PostgreSQL.

    Raises:
        ValueError: the engine's dialect is neither.
    """
    if engine.dialect.name not in _DATABASES:
        raise ValueError(
            f"ledger: {engine.dialect.name} is not a database it can live in; "
            f"known are {', '.join(_DATABASES)}"
        )
    return Ledger(engine)


def open_ledger(url: str, *, sign_in: SignIn | None = None) -> Ledger:
    """The ledger at a SQLAlchemy URL; *sign_in* leases the login where the URL holds none."""
    place = make_url(url)
    engine = create_engine(place, **_patience(place))
    if sign_in is not None:
        _sign_in_with(engine, sign_in)
    return ledger(engine)


def _patience(place: URL) -> dict[str, Any]:
    """Every wait ends well within the 30 s of one attempt."""
    if place.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 20}}
    limits = "-c statement_timeout=20s -c lock_timeout=15s -c client_connection_check_interval=2s"
    return {
        "connect_args": {
            "connect_timeout": 5,
            "application_name": "lockgate-ledger",
            "options": limits,
        },
        "pool_pre_ping": True,
        "pool_timeout": 15,
        # Connections of a leased login end before their role does.
        "pool_recycle": 600,
    }


def _sign_in_with(engine: Engine, sign_in: SignIn) -> None:
    def add_login(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        parameters["user"], parameters["password"] = sign_in()

    event.listen(engine, "do_connect", add_login)
