"""Leases and secrets on a real OpenBao and a real PostgreSQL."""

import traceback
from datetime import UTC, datetime

import psycopg
import pytest

from activities.secrets import open_vault
from tests.contract.vault.conftest import CANARY
from tests.loopback import eventually
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.ports.secrets import RevokeLeases

RELEASE = "release/shop/abc"


def number_as(login, shop):
    with psycopg.connect(
        host=shop.host,
        port=shop.port,
        dbname=shop.name,
        user=login.username,
        password=login.password,
    ) as link:
        return link.execute("SELECT count(*) FROM orders").fetchone()[0]


def revoke(cleaner):
    return cleaner.revoke_leases(RevokeLeases(release=RELEASE)).count


def test_a_leased_login_works_and_is_gone_after_its_context(leases, shop, leased, book):
    with leases.lease_credentials("shop-read", RELEASE) as login:
        assert number_as(login, shop) == 2
        assert len(book.open_leases(RELEASE)) == 1

    assert leased() == []
    assert book.open_leases(RELEASE) == ()
    with pytest.raises(psycopg.OperationalError):
        number_as(login, shop)


def test_a_leased_login_is_gone_after_an_exception(leases, leased, book):
    with pytest.raises(KeyError), leases.lease_credentials("shop-read", RELEASE):
        raise KeyError

    assert leased() == []
    assert book.open_leases(RELEASE) == ()


def test_what_a_killed_worker_leased_is_revoked_for_the_release(leases, leased, book, cleaner):
    left_behind = leases.lease_credentials("shop-read", RELEASE)
    left_behind.__enter__()
    assert len(leased()) == 1

    assert revoke(cleaner) == 1

    eventually(lambda: leased() == [], "the login to be dropped")
    assert book.open_leases(RELEASE) == ()
    assert revoke(cleaner) == 0


def test_a_lease_that_is_already_gone_counts_as_revoked(book, cleaner):
    book.open_lease("long-gone", release=RELEASE, role="shop-read", at=datetime.now(UTC))

    assert revoke(cleaner) == 1
    assert book.open_leases(RELEASE) == ()


def test_a_lease_is_revoked_only_with_its_own_release(leases, cleaner, leased):
    with leases.lease_credentials("shop-read", "release/other/1"):
        assert revoke(cleaner) == 0
        assert len(leased()) == 1


def test_a_vault_sealed_at_the_end_leaves_the_lease_open_for_later(bao, leases, book, cleaner):
    revoke(cleaner)  # signs in while it can

    with leases.lease_credentials("shop-read", RELEASE):
        bao.root.sys.seal()

    assert len(book.open_leases(RELEASE)) == 1
    with pytest.raises(Unavailable, match="sealed"):
        revoke(cleaner)
    assert len(book.open_leases(RELEASE)) == 1


def test_a_renewed_lease_lasts(bao, leases, now):
    with leases.lease_credentials("shop-read", RELEASE) as login:
        now[0] = 30
        login.renew()
        now[0] = 80
        bao.root.sys.seal()
        login.renew()  # forgiven: ten seconds are left
        now[0] = 91

        with pytest.raises(Unavailable, match="ended before its work"):
            login.renew()


def test_a_lease_that_somebody_revoked_is_lost(leases, cleaner, now):
    with leases.lease_credentials("shop-read", RELEASE) as login:
        revoke(cleaner)
        now[0] = 30

        with pytest.raises(Unavailable, match="ended before its work"):
            login.renew()


def test_a_child_token_may_only_what_its_lease_needs(bao, leases, book):
    with leases.lease_credentials("shop-read", RELEASE):
        (accessor,) = book.open_leases(RELEASE)
        shown = bao.root.write_data("auth/token/lookup-accessor", data={"accessor": accessor})

    assert shown["data"]["policies"] == ["lockgate-lease"]
    assert shown["data"]["meta"] == {"release": RELEASE}
    assert shown["data"]["ttl"] <= 60
    assert shown["data"]["orphan"] is False


def test_a_role_that_is_not_granted_is_refused_and_leaves_nothing_open(leases, book, bao):
    for role, said in {"admin": "permission denied", "none": "unknown role"}.items():
        lease = leases.lease_credentials(role, RELEASE)
        with pytest.raises(Refused, match=f"database/creds/{role}: .*{said}"):
            lease.__enter__()

    assert book.open_leases(RELEASE) == ()


def test_secrets_are_read_by_path_and_missing_ones_named(bao, vault):
    bao.root.write_data("secret/data/shop", data={"data": {"access_key": CANARY}})

    assert vault.read_secret("secret/shop") == {"access_key": CANARY}
    with pytest.raises(TargetMissing, match="secret/data/none"):
        vault.read_secret("secret/none")
    with pytest.raises(Refused, match=r"secret/data/other: .*permission denied"):
        vault.read_secret("secret/other")


def test_a_secret_that_is_not_text_is_refused_without_being_shown(bao, vault):
    bao.root.write_data("secret/data/shop", data={"data": {"n": 4711, "ok": "x"}})

    with pytest.raises(Refused, match="not text: n") as refusal:
        vault.read_secret("secret/shop")

    assert "4711" not in str(refusal.value)


def test_a_revoked_token_is_replaced_by_a_new_login(bao, vault):
    bao.root.write_data("secret/data/shop", data={"data": {"k": "v"}})
    vault.read_secret("secret/shop")
    for accessor in bao.root.list("auth/token/accessors")["data"]["keys"]:
        token = bao.root.write_data("auth/token/lookup-accessor", data={"accessor": accessor})
        if token["data"]["display_name"] == "approle":
            bao.root.write_data("auth/token/revoke-accessor", data={"accessor": accessor})

    assert vault.read_secret("secret/shop") == {"k": "v"}


def test_a_login_that_is_not_accepted_is_refused(bao, approle):
    (approle / "secret-id").write_text(CANARY)

    with pytest.raises(Refused, match="auth/approle/login of data") as refusal:
        open_vault(bao.connect, approle).read_secret("secret/shop")

    assert CANARY not in "".join(traceback.format_exception(refusal.value))
