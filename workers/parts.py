"""What an implementation is built from: the settings, and the sign-ins of its pool."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import httpx
import hvac
import requests
from temporalio.client import Client

from activities.ledger import Ledger, LedgerUnfit, open_ledger
from activities.secrets import Vault
from infra.settings import Settings
from workers.health import Dependency
from workflows.domain.names import Queue
from workflows.ports.base import Port

# Every client's own limits, because nothing can end a thread that waits in one.
_VAULT_SECONDS = 10
_HTTP = httpx.Timeout(10, connect=3)


@dataclass(frozen=True)
class Served:
    """A port's implementation, ready to be registered, and the systems that it will ask."""

    port: Port
    needs: tuple[Dependency, ...] = ()


@dataclass(frozen=True)
class Parts:
    """What a port may be built from: the settings, and the sign-in of its pool."""

    settings: Settings
    queue: Queue
    vault: Vault
    client: Client
    loop: asyncio.AbstractEventLoop

    @cached_property
    def http(self) -> httpx.Client:
        # The settings say where each system is; a proxy of somebody's shell has no part in it.
        return httpx.Client(timeout=_HTTP, trust_env=False)

    @cached_property
    def ledger(self) -> Ledger:
        return ledger_of(self.settings, self.vault)

    @property
    def vault_need(self) -> Dependency:
        setting = f"vault.approles ({self.queue})"
        return Dependency(setting, self.settings.vault.address, self.vault.keep_alive)

    @property
    def ledger_need(self) -> Dependency:
        def ping() -> None:
            self.ledger.open_leases("")

        return Dependency("ledger.url", self.ledger.place, ping, unfit=(LedgerUnfit,))


def ledger_of(settings: Settings, vault: Vault) -> Ledger:
    """The ledger as the settings say, logged in by leases of *vault* where they name a role."""
    role = settings.ledger.vault_role
    sign_in = None if role is None else lambda: login_of(vault, role)
    return open_ledger(settings.ledger.url, sign_in=sign_in)


def login_of(vault: Vault, role: str) -> tuple[str, str]:
    """A user and password of the database role *role*, leased anew."""
    login = vault.read(f"database/creds/{role}")["data"]
    return login["username"], login["password"]


def connector(address: str) -> Callable[[], hvac.Client]:
    """Makes clients of the vault that are signed in as nobody."""
    # One for all of them, so that a lease's short-lived client leaves no socket behind.
    session = requests.Session()
    session.trust_env = False

    def connect() -> hvac.Client:
        # Without a token hvac would take the one of whoever started the worker.
        return hvac.Client(url=address, token="", session=session, timeout=_VAULT_SECONDS)

    return connect
