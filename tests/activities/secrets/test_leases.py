"""When a lease is renewed, when it is lost, and what is left of it at its end."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
import structlog
from hvac import exceptions

from activities.ledger import open_ledger
from activities.secrets import Leases
from activities.secrets.leases import TTL
from workflows.domain.errors import Refused, TargetMissing, Unavailable

RELEASE = "release/shop/abc"
CHILD, PASSWORD = "canary-of-the-child", "canary-of-the-password"
SEALED = exceptions.VaultDown(errors=["Vault is sealed"])
DENIED = exceptions.Forbidden(errors=["permission denied"])


class WireVault:
    """Grants a child token and a login for `seconds`; *failures* are raised by path."""

    def __init__(self):
        self.token = None
        self.seconds = 60
        self.asked = []
        self.bodies = {}
        self.failures = {}
        self.kept_alive = 0
        self.login = {"username": "v-app", "password": PASSWORD}

    def write(self, path, body):
        """As the pool, where the other methods are the child's."""
        assert self.token is None
        self.write_data(path, data=body)
        return {"auth": {"client_token": CHILD, "accessor": "acc", "lease_duration": 60}}

    def keep_alive(self):
        self.kept_alive += 1

    def read(self, path):
        assert self.token == CHILD
        self._ask(path)
        if self.login is None:
            return None
        return {"data": self.login, "lease_id": "lease-1", "lease_duration": self.seconds}

    def write_data(self, path, *, data=None):
        self.bodies[path] = data
        self._ask(path)
        return {"auth": {"lease_duration": self.seconds}, "lease_duration": self.seconds}

    def _ask(self, path):
        self.asked.append(path)
        if path in self.failures:
            raise self.failures[path]


@pytest.fixture
def wire():
    return WireVault()


@pytest.fixture
def book(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield ledger
    ledger.dispose()


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def leases(wire, book, now):
    return Leases(wire, book, connect=lambda: wire, clock=lambda: now[0])


def lease(leases):
    return leases.lease_credentials("shop-read", RELEASE)


def test_a_login_is_the_child_s_own_and_only_for_a_minute(leases, wire):
    with lease(leases) as login:
        assert (login.username, login.password) == ("v-app", PASSWORD)

    asked = wire.bodies["auth/token/create/lockgate-lease"]
    assert asked["meta"] == {"release": RELEASE}
    assert asked["ttl"] == "60s"
    assert timedelta(seconds=60) == TTL


def test_a_lease_is_written_down_before_it_is_used(leases, wire, book):
    """Killed in between, a worker leaves nothing in the vault that nobody knows of."""
    written = []
    read = wire.read
    wire.read = lambda path: (written.append(book.open_leases(RELEASE)), read(path))[1]

    with lease(leases):
        assert book.open_leases(RELEASE) == ("acc",)

    assert written == [("acc",)]
    assert book.open_leases(RELEASE) == ()


def test_the_vault_is_asked_only_when_a_renewal_is_due(leases, wire, now):
    with lease(leases) as login:
        for now[0] in (0, 19.9, 20, 39.9, 40):
            login.renew()

        assert wire.asked.count("sys/leases/renew") == 2
        assert wire.asked.count("auth/token/renew-self") == 2
        assert wire.bodies["sys/leases/renew"] == {"increment": 60, "lease_id": "lease-1"}
        assert wire.kept_alive == 2


def test_a_lease_lasts_as_long_as_the_shorter_of_token_and_login(leases, wire, now):
    wire.seconds = 30

    with lease(leases) as login:
        now[0] = 9.9
        login.renew()
        assert "sys/leases/renew" not in wire.asked
        now[0] = 10
        login.renew()

    assert "sys/leases/renew" in wire.asked


def test_an_outage_is_forgiven_until_the_lease_has_run_out(leases, wire, now):
    with lease(leases) as login:
        wire.failures["auth/token/renew-self"] = SEALED
        now[0] = 59.9
        login.renew()
        now[0] = 60

        with pytest.raises(Unavailable, match="the lease of shop-read ended before its work"):
            login.renew()


def test_a_vault_that_comes_back_in_time_renews_what_it_held(leases, wire, now):
    with lease(leases) as login:
        wire.failures["sys/leases/renew"] = SEALED
        now[0] = 30
        login.renew()
        del wire.failures["sys/leases/renew"]
        login.renew()
        now[0] = 89
        wire.failures["sys/leases/renew"] = SEALED

        login.renew()  # a minute from 30 on, not from 0


def test_a_lease_that_somebody_revoked_is_lost_at_once(leases, wire, now):
    with lease(leases) as login:
        wire.failures["auth/token/renew-self"] = DENIED
        now[0] = 20

        with pytest.raises(Unavailable, match="ended before its work"):
            login.renew()


def test_a_pool_that_cannot_keep_its_own_token_is_forgiven_like_the_vault(leases, wire, now):
    def away():
        raise Unavailable("vault: sealed")

    with lease(leases) as login:
        wire.keep_alive = away
        now[0] = 20
        login.renew()


@pytest.mark.parametrize("end", [nullcontext(), pytest.raises(KeyError)])
def test_on_every_path_the_login_is_dropped_before_the_token(leases, wire, book, end):
    with end, lease(leases):
        if not isinstance(end, nullcontext):
            raise KeyError

    assert wire.asked[-2:] == ["sys/leases/revoke", "auth/token/revoke-self"]
    assert wire.bodies["sys/leases/revoke"] == {"lease_id": "lease-1", "sync": True}
    assert book.open_leases(RELEASE) == ()


@pytest.mark.parametrize("failure", [SEALED, DENIED])
def test_a_login_that_cannot_be_dropped_at_once_ends_with_its_token(leases, wire, book, failure):
    wire.failures["sys/leases/revoke"] = failure

    with lease(leases):
        pass

    assert wire.asked[-1] == "auth/token/revoke-self"
    assert book.open_leases(RELEASE) == ()


def test_a_token_that_is_gone_already_counts_as_revoked(leases, wire, book):
    wire.failures["auth/token/revoke-self"] = DENIED

    with lease(leases):
        pass

    assert book.open_leases(RELEASE) == ()


def test_a_vault_away_at_the_end_changes_no_result_and_leaves_the_lease_open(leases, wire, book):
    with structlog.testing.capture_logs() as logged, lease(leases):
        wire.failures["auth/token/revoke-self"] = SEALED

    assert book.open_leases(RELEASE) == ("acc",)
    assert "lease_left_open" in [line["event"] for line in logged]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (DENIED, Refused),
        (exceptions.InvalidRequest(errors=["unknown role: shop-read"]), Refused),
        (SEALED, Unavailable),
    ],
)
def test_a_login_that_is_not_granted_leaves_neither_token_nor_entry(
    leases, wire, book, failure, kind
):
    wire.failures["database/creds/shop-read"] = failure

    with pytest.raises(kind, match="vault: database/creds/shop-read: "):
        lease(leases).__enter__()

    assert wire.asked[-1] == "auth/token/revoke-self"
    assert "sys/leases/revoke" not in wire.asked
    assert book.open_leases(RELEASE) == ()


def test_a_vault_without_a_database_engine_is_missing_one(leases, wire):
    wire.login = None

    with pytest.raises(TargetMissing, match="database/creds/shop-read: there is nothing"):
        lease(leases).__enter__()


def test_a_book_that_is_away_grants_nothing(leases, wire, book):
    """The token that it was to hold is revoked again, and no login was leased of it."""

    class AwayBook:
        def open_lease(self, accessor, **_):
            raise Unavailable("the ledger does not answer")

        def close_lease(self, accessor, **_):
            raise Unavailable("the ledger does not answer")

    with pytest.raises(Unavailable, match="the ledger"):
        Leases(wire, AwayBook(), connect=lambda: wire).lease_credentials(
            "shop-read", RELEASE
        ).__enter__()

    assert wire.asked == ["auth/token/create/lockgate-lease", "auth/token/revoke-self"]


def test_neither_a_lease_nor_what_is_logged_of_it_shows_a_credential(leases, wire, now):
    with structlog.testing.capture_logs() as logged, lease(leases) as login:
        shown = repr(login) + repr(login._child)
        wire.failures["sys/leases/renew"] = SEALED
        now[0] = 20
        login.renew()

    told = shown + str(logged)
    assert "lease_not_renewed" in told
    assert PASSWORD not in told
    assert CHILD not in told
