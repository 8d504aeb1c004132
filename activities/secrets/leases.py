"""Database credentials that live as long as the work they were leased for."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog

from activities.secrets.answers import answered
from activities.secrets.vault import Connect, Vault, VaultClient
from workflows.domain.errors import Refused, TargetMissing, Unavailable

log = structlog.get_logger(__name__)

TOKEN_ROLE = "lockgate-lease"  # noqa: S105 - the name of the vault's role for child tokens
TTL = timedelta(seconds=60)


class LeaseBook(Protocol):
    """Where it is noted which leases are open for which release."""

    def open_lease(self, accessor: str, *, release: str, role: str, at: datetime) -> None: ...
    def close_lease(self, accessor: str, *, at: datetime) -> None: ...
    def open_leases(self, release: str) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class _Child:
    """A token of its own for one lease: whoever revokes its accessor revokes the credentials."""

    client: VaultClient = field(repr=False)
    accessor: str
    seconds: float

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return answered(path, lambda: self.client.write_data(path, data=body))


class Lease:
    """A leased login: valid while `renew` is called often enough, and gone after its context."""

    def __init__(
        self,
        role: str,
        granted: dict[str, Any],
        *,
        child: _Child,
        keep_alive: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self.username: str = granted["data"]["username"]
        self.password: str = granted["data"]["password"]
        self._id: str = granted["lease_id"]
        self._role = role
        self._child = child
        self._keep_alive = keep_alive
        self._clock = clock
        self._last(min(granted["lease_duration"], child.seconds), since=clock())

    def __repr__(self) -> str:
        return f"<lease of {self._role}>"

    def renew(self) -> None:
        """Keep the login valid; meant for every heartbeat, it asks the vault only when due.

        A vault that is away for a moment is forgiven for as long as the lease lasts.

        Raises:
            Unavailable: the lease is lost: it ran out, or somebody revoked it.
        """
        now = self._clock()
        if now < self._due_at:
            return
        try:
            self._keep_alive()
            increment = {"increment": int(TTL.total_seconds())}
            token = self._child.ask("auth/token/renew-self", increment)
            login = self._child.ask("sys/leases/renew", increment | {"lease_id": self._id})
            self._last(min(token["auth"]["lease_duration"], login["lease_duration"]), since=now)
            return
        except Unavailable as error:
            log.warning("lease_not_renewed", role=self._role, reason=str(error))
            lost = self._clock() >= self._expires_at
        except Refused:
            lost = True
        if lost:
            raise Unavailable(f"vault: the lease of {self._role} ended before its work did")

    def revoke(self) -> None:
        """Drop the login before returning where that is possible.

        Where it is not, the end of the child token makes the vault drop it, as soon as it can.
        """
        try:
            self._child.ask("sys/leases/revoke", {"lease_id": self._id, "sync": True})
        except (Refused, Unavailable) as error:
            log.warning("lease_revoked_later", role=self._role, reason=str(error))

    def _last(self, seconds: float, *, since: float) -> None:
        self._due_at = since + seconds / 3
        self._expires_at = since + seconds


class Leases:
    """Leases logins for releases, and writes each down before it is used."""

    def __init__(
        self,
        vault: Vault,
        book: LeaseBook,
        *,
        connect: Connect,
        token_role: str = TOKEN_ROLE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vault = vault
        self._book = book
        self._connect = connect
        self._token_role = token_role
        self._clock = clock

    @contextmanager
    def lease_credentials(self, role: str, release: str) -> Iterator[Lease]:
        """A login of the database role *role* that is gone when the context ends, on every path.

        Where the vault cannot be reached at the end, the lease stays open in the book, for
        `revoke_leases`, and runs out by itself within a minute.

        Raises:
            Unavailable: vault or book do not answer.
            Refused: the vault grants this pool no such role.
            TargetMissing: the vault leases no database credentials at all.
        """
        child = self._child_token(release)
        lease = None
        try:
            self._book.open_lease(child.accessor, release=release, role=role, at=datetime.now(UTC))
            lease = self._granted(role, child)
            log.info("lease_opened", role=role, accessor=child.accessor)
            yield lease
        finally:
            self._end(child, lease)

    def _child_token(self, release: str) -> _Child:
        asked = {
            "ttl": f"{int(TTL.total_seconds())}s",
            "renewable": True,
            "meta": {"release": release},
            "display_name": "lockgate-lease",
        }
        auth = self._vault.write(f"auth/token/create/{self._token_role}", asked)["auth"]
        client = self._connect()
        client.token = auth["client_token"]
        return _Child(client, auth["accessor"], auth["lease_duration"])

    def _granted(self, role: str, child: _Child) -> Lease:
        path = f"database/creds/{role}"
        granted = answered(path, lambda: child.client.read(path))
        if granted is None:
            raise TargetMissing(f"vault: {path}: there is nothing")
        return Lease(
            role, granted, child=child, keep_alive=self._vault.keep_alive, clock=self._clock
        )

    def _end(self, child: _Child, lease: Lease | None) -> None:
        """Revoke and close; never raises for a system that is away, which changes no result."""
        try:
            if lease is not None:
                lease.revoke()
            _revoke(child)
            self._book.close_lease(child.accessor, at=datetime.now(UTC))
        except Unavailable as error:
            log.warning("lease_left_open", accessor=child.accessor, reason=str(error))
            return
        log.info("lease_closed", accessor=child.accessor)


def _revoke(child: _Child) -> None:
    try:
        child.ask("auth/token/revoke-self")
    except Refused:
        # A token that is denied its own end has ended: it ran out, or was revoked already.
        log.info("lease_was_gone", accessor=child.accessor)
