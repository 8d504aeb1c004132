"""When a session renews, when it signs in anew, and what the vault's answers are called."""

import pytest
import requests
from hvac import exceptions

from activities.secrets.answers import answered
from activities.secrets.vault import Vault, VaultSession
from workflows.domain.errors import Refused, TargetMissing, Unavailable

TTL = 1200


class WireVault:
    """The vault's wire: grants tokens, renews them for `renewal` seconds, fails as told."""

    def __init__(self):
        self.token = None
        self.renewal = TTL
        self.failure = None
        self.written = []
        self.logins = []

    def read(self, path):
        if self.failure:
            raise self.failure
        return {"data": {"data": {"token": self.token}}}

    def write_data(self, path, *, data=None):
        self.written.append(path)
        if self.failure:
            raise self.failure
        if path == "auth/token/renew-self":
            return {"auth": {"client_token": self.token, "lease_duration": self.renewal}}
        self.logins.append(data)
        token = f"token-{len(self.logins)}"
        return {"auth": {"client_token": token, "lease_duration": TTL}}


@pytest.fixture
def wire():
    return WireVault()


@pytest.fixture
def approle(tmp_path):
    (tmp_path / "role-id").write_text("the-role\n")
    (tmp_path / "secret-id").write_text("the-secret\n")
    return tmp_path


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def session(wire, approle, now):
    return VaultSession(lambda: wire, approle, clock=lambda: now[0])


def test_it_signs_in_once_and_not_before_it_is_asked(session, wire):
    assert wire.written == []

    assert session.client().token == "token-1"
    session.client()

    assert wire.written == ["auth/approle/login"]


def test_it_renews_when_half_the_time_is_over(session, wire, now):
    session.client()

    for now[0] in (TTL / 2 - 1, TTL / 2, TTL - 1):
        assert session.client().token == "token-1"

    assert wire.written == ["auth/approle/login", "auth/token/renew-self"]


def test_it_signs_in_anew_when_a_renewal_would_not_last(session, wire, now):
    session.client()
    wire.renewal, now[0] = TTL / 2 - 1, TTL / 2

    assert session.client().token == "token-2"


def test_it_signs_in_anew_when_its_token_ran_out(session, wire, now):
    session.client()
    now[0] = TTL

    assert session.client().token == "token-2"
    assert "auth/token/renew-self" not in wire.written


def test_it_signs_in_anew_when_the_vault_will_not_renew_its_token(session, wire, now):
    session.client()
    write, now[0] = wire.write_data, TTL / 2

    def deny_renewals(path, *, data=None):
        if path == "auth/token/renew-self":
            raise exceptions.Forbidden(errors=["permission denied"])
        return write(path, data=data)

    wire.write_data = deny_renewals

    assert session.client().token == "token-2"


def test_a_vault_that_is_away_when_a_renewal_is_due_costs_no_login(session, wire, now):
    session.client()
    wire.failure, now[0] = exceptions.VaultDown(errors=["Vault is sealed"]), TTL / 2

    with pytest.raises(Unavailable, match="sealed"):
        session.client()

    wire.failure = None
    assert session.client().token == "token-1"


def test_it_reads_its_files_at_each_login(session, wire, approle, now):
    session.client()
    (approle / "secret-id").write_text("another")
    now[0] = TTL

    session.client()

    assert [login["secret_id"] for login in wire.logins] == ["the-secret", "another"]


def test_only_the_token_that_was_denied_is_forgotten(session, wire):
    session.client()
    session.forget("token-0")
    assert session.client().token == "token-1"

    session.forget("token-1")
    assert session.client().token == "token-2"


def test_a_missing_file_is_named(session, approle):
    (approle / "role-id").unlink()

    with pytest.raises(Unavailable, match="role-id cannot be read: No such file"):
        session.client()


def test_a_lasting_denial_is_tried_with_one_new_login_and_refused(session, wire):
    session.client()
    reads = []

    def deny(path):
        reads.append(path)
        raise exceptions.Forbidden(errors=["permission denied"], method="get", url="u")

    wire.read = deny
    with pytest.raises(Refused, match="kv/data/x: permission denied"):
        Vault(session).read_secret("kv/x")

    assert len(reads) == 2
    assert len(wire.logins) == 2


def test_an_accessor_that_vault_no_longer_knows_counts_as_revoked(session, wire):
    session.client()
    wire.failure = exceptions.InvalidRequest(errors=["invalid accessor"])

    Vault(session).revoke_accessor("gone")

    wire.failure = exceptions.Forbidden(errors=["permission denied"])
    with pytest.raises(Refused):
        Vault(session).revoke_accessor("not-ours")


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (exceptions.VaultDown(errors=["Vault is sealed"]), Unavailable),
        (exceptions.InternalServerError("boom"), Unavailable),
        (exceptions.BadGateway("<html>"), Unavailable),
        (exceptions.RateLimitExceeded("slow down"), Unavailable),
        (exceptions.UnexpectedError("504"), Unavailable),
        (exceptions.VaultNotInitialized("new"), Unavailable),
        (requests.ConnectionError("refused"), Unavailable),
        (requests.Timeout("slow"), Unavailable),
        (exceptions.Forbidden(errors=["permission denied"]), Refused),
        (exceptions.InvalidRequest(errors=["unknown role: x"]), Refused),
        (exceptions.Unauthorized("who"), Refused),
        (exceptions.InvalidPath("none"), TargetMissing),
    ],
)
def test_an_answer_is_named_by_what_to_do_and_chained_to_nothing(failure, kind):
    def ask():
        raise failure

    with pytest.raises(kind, match="vault: kv/data/x: ") as raised:
        answered("kv/data/x", ask)

    assert type(raised.value) is kind
    assert raised.value.__context__ is None
