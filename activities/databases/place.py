"""What every kind of database offers to the checks, and what it is given."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from workflows.domain.release.plan import DataRule


class Place(Protocol):
    """A connection of the worker's settings: where the database is, and who may log in."""

    @property
    def type(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def vault_role(self) -> str: ...


class Login(Protocol):
    """A leased user and password."""

    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...

    def renew(self) -> None:
        """Keep the login valid; cheap enough for every heartbeat.

        Raises:
            Unavailable: the login is lost.
        """


class LoginLeases(Protocol):
    """Whoever leases logins."""

    def lease_credentials(self, role: str, release: str) -> AbstractContextManager[Login]: ...


class Session(Protocol):
    """An open connection that can only read."""

    def number(self, rule: DataRule) -> int:
        """The one number that the rule's query returns.

        Raises:
            Refused: the query is not one that returns one whole number.
            Unavailable: the database did not answer, or not in time.
        """

    def interrupt(self) -> None:
        """End the query that another thread waits for; harmless when there is none."""


class Database(Protocol):
    """One kind of database at one place."""

    def connect(self, login: Login) -> AbstractContextManager[Session]:
        """A session of *login*.

        Raises:
            Unavailable: the database cannot be connected to.
        """


DatabaseFactory = Callable[[Place], Database]
