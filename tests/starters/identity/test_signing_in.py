"""A statement becomes a token: by a vault's token, or in a browser."""

import threading

import httpx
import pytest

from starters.failures import CommandFailed
from starters.identity.oidc import claims_of
from starters.identity.signing_in import prove, token_place, vault_token
from tests.builders import build_of
from tests.fakes.identity import CLIENT, FakeIssuer
from workflows.domain.people.statement import Statement

STATEMENT = Statement(digest=build_of("plan", "1"), decision="approve")


@pytest.fixture
def issuer():
    return FakeIssuer()


@pytest.fixture
def environment(issuer, tmp_path):
    return {
        "LOCKGATE_OIDC_ISSUER": issuer.url,
        "LOCKGATE_OIDC_CLIENT_ID": CLIENT,
        "XDG_STATE_HOME": str(tmp_path),
    }


def browser(issuer, who):
    """Opens a page in a browser where *who* is signed in, which follows the redirect."""
    opened = []

    def open_page(page):
        opened.append(page)
        back = issuer.log_in(page, who)
        threading.Thread(target=httpx.get, args=(back,), kwargs={"trust_env": False}).start()

    open_page.opened = opened
    return open_page


def test_without_a_vault_s_token_a_browser_is_opened(issuer, environment, capsys):
    opened = browser(issuer, "ben")

    token = prove(STATEMENT, environment=environment, client=issuer.client, open_page=opened)

    assert claims_of(token)["username"] == "ben"
    assert claims_of(token)["nonce"] == STATEMENT.nonce
    told = capsys.readouterr()
    assert opened.opened[0] in told.err
    assert token not in told.err + told.out


@pytest.mark.parametrize("given", ["variable", "file", "kept"])
def test_a_vault_s_token_needs_no_browser(issuer, environment, tmp_path, given):
    issuer.vault_tokens["s.token-of-ana-1"] = "ana"
    file = tmp_path / "token"
    if given == "kept":
        file = token_place(environment)
        file.parent.mkdir()
    file.write_text("s.token-of-ana-1\n")
    file.chmod(0o600)
    more = {
        "variable": {"LOCKGATE_VAULT_TOKEN": "s.token-of-ana-1"},
        "file": {"LOCKGATE_VAULT_TOKEN_FILE": str(file)},
        "kept": {},
    }[given]

    token = prove(
        STATEMENT,
        environment=environment | more,
        client=issuer.client,
        open_page=lambda page: pytest.fail(f"opened {page}"),
    )

    assert claims_of(token)["username"] == "ana"


def test_a_token_that_others_can_read_is_not_used(environment, tmp_path):
    file = tmp_path / "token"
    file.write_text("s.token-of-ana-1234\n")
    file.chmod(0o644)

    with pytest.raises(CommandFailed, match="chmod 600") as failed:
        vault_token(environment | {"LOCKGATE_VAULT_TOKEN_FILE": str(file)})
    assert "token-of-ana" not in str(failed.value)


def test_without_a_provider_it_says_what_to_set(tmp_path):
    with pytest.raises(CommandFailed, match="set LOCKGATE_OIDC_ISSUER and LOCKGATE_OIDC_CLIENT"):
        prove(STATEMENT, environment={"LOCKGATE_HOME": str(tmp_path)})
