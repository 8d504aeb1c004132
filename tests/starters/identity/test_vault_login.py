import httpx
import pytest

from infra.sign_in import SignIn
from starters.failures import CommandFailed, NobodyAnswers
from starters.identity.vault_login import keep, revoke, signed_in, vault_of

VAULT = SignIn(issuer="http://127.0.0.1:8200/v1/identity/oidc/provider/lockgate", client_id="cli")


def answering(answer):
    return httpx.Client(transport=httpx.MockTransport(answer))


def test_name_and_password_are_worth_a_token():
    def answer(request):
        assert request.url == "http://127.0.0.1:8200/v1/auth/userpass/login/ana%2Fb"
        assert request.read() == b'{"password":"pw"}'
        return httpx.Response(200, json={"auth": {"client_token": "s.1"}})

    assert signed_in(VAULT, answering(answer), user="ana/b", password="pw") == "s.1"


def test_a_wrong_password_is_told_without_it():
    with pytest.raises(CommandFailed, match="check name and password") as failed:
        signed_in(VAULT, answering(lambda _: httpx.Response(400)), user="ana", password="s3cret")
    assert "s3cret" not in str(failed.value)


def test_a_vault_that_is_away_is_told():
    def away(request):
        raise httpx.ConnectError("", request=request)

    with pytest.raises(NobodyAnswers):
        signed_in(VAULT, answering(away), user="ana", password="pw")
    assert revoke(VAULT, answering(away), "s.1") is False


def test_another_provider_takes_no_password_here():
    with pytest.raises(CommandFailed, match="is no OpenBao or Vault"):
        vault_of(SignIn(issuer="https://id.acme.test", client_id="cli"))


def test_a_kept_token_is_its_owner_s_alone_whatever_was_there(tmp_path):
    place = tmp_path / "state" / "token"
    place.parent.mkdir()
    place.write_text("old")
    place.chmod(0o644)

    keep("s.new", place)

    assert place.read_text() == "s.new\n"
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_revoked_token_is_shown_to_the_vault_alone():
    def answer(request):
        assert request.url.path == "/v1/auth/token/revoke-self"
        assert request.headers["X-Vault-Token"] == "s.1"
        return httpx.Response(204)

    assert revoke(VAULT, answering(answer), "s.1") is True
