"""The vault as one worker pool may use it: signed in by AppRole, its token kept alive."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog
from hvac import exceptions

from activities.secrets.answers import answered
from workflows.domain.errors import Refused, TargetMissing, Unavailable

log = structlog.get_logger(__name__)
AnswerT = TypeVar("AnswerT")

_LOGIN = "auth/approle/login"
_RENEWAL = "auth/token/renew-self"


class VaultClient(Protocol):
    """What is used of hvac.Client."""

    token: Any

    def read(self, path: str) -> Any: ...
    def write_data(self, path: str, *, data: dict[str, Any] | None = None) -> Any: ...


Connect = Callable[[], VaultClient]
"""Makes a client that is not signed in yet; its requests must end within a few seconds."""


class VaultSession:
    """A client whose token is valid: renewed when half its time is over, else signed in anew.

    So the token that `client` answers with, and any child of it, has half of the login's time
    ahead of it, even if nothing is asked for a while. Safe to share between threads.
    """

    def __init__(
        self, connect: Connect, approle: Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Sign in with the files `role-id` and `secret-id` of the folder *approle*.

        They are read at each login, so that either may be replaced while the worker runs.
        """
        self._client = connect()
        self._approle = approle
        self._clock = clock
        self._turn = threading.Lock()
        self._granted = 0.0
        self._expires_at = clock()

    def client(self) -> VaultClient:
        """The signed-in client.

        Raises:
            Unavailable: the vault does not answer, or the AppRole's files cannot be read.
            Refused: the vault does not accept the AppRole.
        """
        with self._turn:
            if not self._is_fresh() and not self._renewed():
                self._sign_in()
            return self._client

    def forget(self, token: str) -> None:
        """Sign in anew before the next use; *token* is the one that was turned down."""
        with self._turn:
            if self._client.token == token:
                self._expires_at = self._clock()

    def _is_fresh(self) -> bool:
        return self._expires_at - self._clock() > self._granted / 2

    def _renewed(self) -> bool:
        """Whether the token was renewed, and for long enough: not beyond its greatest age."""
        if self._clock() >= self._expires_at:
            return False
        asked_at = self._clock()
        try:
            answer = answered(_RENEWAL, lambda: self._client.write_data(_RENEWAL))
        except Refused:
            return False
        self._expires_at = asked_at + answer["auth"]["lease_duration"]
        return self._is_fresh()

    def _sign_in(self) -> None:
        login = {"role_id": self._read("role-id"), "secret_id": self._read("secret-id")}
        asked_at = self._clock()
        self._client.token = None
        answer = answered(
            f"{_LOGIN} of {self._approle.name}",
            lambda: self._client.write_data(_LOGIN, data=login),
        )
        self._client.token = answer["auth"]["client_token"]
        self._granted = answer["auth"]["lease_duration"]
        self._expires_at = asked_at + self._granted
        log.info("vault_signed_in", approle=self._approle.name, seconds=self._granted)

    def _read(self, name: str) -> str:
        try:
            return (self._approle / name).read_text(encoding="utf-8").strip()
        except OSError as error:
            problem = f"vault: {self._approle / name} cannot be read: {error.strerror}"
        raise Unavailable(problem)


class Vault:
    """Reading and writing paths of the vault.

    Every method raises Unavailable while the vault does not answer, and Refused where it says no.
    """

    def __init__(self, session: VaultSession) -> None:
        self._session = session

    def keep_alive(self) -> None:
        """Renew the token where it is due, so that its children live on."""
        self._session.client()

    def read(self, path: str) -> dict[str, Any]:
        """What the vault holds at *path*, with the envelope of its API.

        Raises:
            TargetMissing: there is nothing.
        """
        found: dict[str, Any] | None = self._ask(path, lambda client: client.read(path))
        if found is None:
            raise TargetMissing(f"vault: {path}: there is nothing")
        return found

    def write(self, path: str, body: dict[str, Any]) -> Any:
        """Write *body*; the answer is the API's envelope where the path answers at all."""
        return self._ask(path, lambda client: client.write_data(path, data=body))

    def read_secret(self, path: str) -> dict[str, str]:
        """The fields of a KV version 2 secret; the path's first segment is the engine's mount.

        Raises:
            TargetMissing: there is no such secret, or its newest version is deleted.
            Refused: a field of it is not text.
        """
        mount, _, name = path.partition("/")
        fields: dict[str, Any] = self.read(f"{mount}/data/{name}")["data"]["data"]
        if odd := sorted(field for field, value in fields.items() if not isinstance(value, str)):
            raise Refused(f"secret at {path}: not text: {', '.join(odd)}")
        return fields

    def revoke_accessor(self, accessor: str) -> None:
        """Revoke the token that *accessor* names and all that it leased; gone already is well."""
        path = "auth/token/revoke-accessor"

        def revoke(client: VaultClient) -> None:
            try:
                client.write_data(path, data={"accessor": accessor})
            except exceptions.InvalidRequest:
                # HashiCorp's Vault refuses an accessor that it no longer knows; OpenBao warns.
                log.info("lease_was_gone", accessor=accessor)

        self._ask(path, revoke)

    def _ask(self, path: str, ask: Callable[[VaultClient], AnswerT]) -> AnswerT:
        def signed_in() -> AnswerT:
            client = self._session.client()
            token = client.token
            try:
                return ask(client)
            except exceptions.Forbidden:
                # A token that was revoked is denied like one that lacks the right: try a new one.
                self._session.forget(token)
            return ask(self._session.client())

        return answered(path, signed_in)


def open_vault(connect: Connect, approle: Path) -> Vault:
    """The vault as the pool whose AppRole files are in the folder *approle*."""
    return Vault(VaultSession(connect, approle))
