"""What a release left open is revoked once, noted, and finished by the next attempt."""

from datetime import UTC, datetime

import pytest
import structlog

from activities.ledger import open_ledger
from activities.secrets import SecretsActivities
from workflows.domain.errors import Unavailable
from workflows.ports.secrets import RevokeLeases

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP, OTHER = "release/shop/abc", "release/other/1"


class WireVault:
    """Revokes accessors; is away when it comes to the one named `away`."""

    def __init__(self):
        self.revoked = []
        self.away = None

    def revoke_accessor(self, accessor):
        if accessor == self.away:
            raise Unavailable("vault: sealed")
        self.revoked.append(accessor)


@pytest.fixture
def vault():
    return WireVault()


@pytest.fixture
def book(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    for accessor, release in (("one", SHOP), ("two", SHOP), ("theirs", OTHER)):
        ledger.open_lease(accessor, release=release, role="shop-read", at=NOON)
    yield ledger
    ledger.dispose()


@pytest.fixture
def secrets(vault, book):
    return SecretsActivities(vault, book)


def revoke(secrets, release=SHOP):
    return secrets.revoke_leases(RevokeLeases(release=release)).count


def test_every_open_lease_of_the_release_is_revoked_and_closed(secrets, vault, book):
    assert revoke(secrets) == 2

    assert vault.revoked == ["one", "two"]
    assert book.open_leases(SHOP) == ()
    assert book.open_leases(OTHER) == ("theirs",)


def test_a_release_without_open_leases_asks_the_vault_for_nothing(secrets, vault):
    revoke(secrets)

    assert revoke(secrets) == 0
    assert len(vault.revoked) == 2


def test_an_attempt_that_was_cut_off_leaves_only_the_rest_to_the_next(secrets, vault, book):
    vault.away = "two"
    with pytest.raises(Unavailable, match="sealed"):
        revoke(secrets)
    assert book.open_leases(SHOP) == ("two",)

    vault.away = None

    assert revoke(secrets) == 1
    assert vault.revoked == ["one", "two"]


def test_a_lease_is_closed_only_after_it_was_revoked(secrets, vault, book):
    """Closed first, a lease whose revocation failed would be open with nobody to know."""
    seen = []
    real = vault.revoke_accessor
    vault.revoke_accessor = lambda accessor: (seen.append(book.open_leases(SHOP)), real(accessor))

    revoke(secrets)

    assert seen == [("one", "two"), ("two",)]


def test_the_log_counts_and_names_no_accessor(secrets):
    with structlog.testing.capture_logs() as logged:
        revoke(secrets)

    assert [(line["event"], line["count"]) for line in logged] == [("leases_revoked", 2)]
    assert "one" not in str(logged)
