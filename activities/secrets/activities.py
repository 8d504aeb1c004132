"""The secrets port: what a release left open in the vault is revoked."""

from datetime import UTC, datetime

import structlog

from activities.secrets.leases import LeaseBook
from activities.secrets.vault import Vault
from workflows.ports.secrets import RevokedLeases, RevokeLeases, SecretsPort

log = structlog.get_logger(__name__)


class SecretsActivities(SecretsPort):
    """Revokes by accessor, so that it never sees a credential."""

    def __init__(self, vault: Vault, book: LeaseBook) -> None:
        self._vault = vault
        self._book = book

    def revoke_leases(self, ask: RevokeLeases) -> RevokedLeases:
        accessors = self._book.open_leases(ask.release)
        for accessor in accessors:
            self._vault.revoke_accessor(accessor)
            self._book.close_lease(accessor, at=datetime.now(UTC))
        log.info("leases_revoked", count=len(accessors))
        return RevokedLeases(count=len(accessors))
