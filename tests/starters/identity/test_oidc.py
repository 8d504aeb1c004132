"""The code flow with PKCE against a provider that answers as it should, or otherwise."""

import httpx
import pytest

from infra.sign_in import SignIn
from starters.failures import CommandFailed, NobodyAnswers
from starters.identity.oidc import Asking, Provider, browserless, claims_of
from tests.fakes.identity import CLIENT, FakeIssuer

REDIRECT = "http://127.0.0.1:7/callback"


@pytest.fixture
def issuer():
    return FakeIssuer()


@pytest.fixture
def settings(issuer):
    return SignIn(issuer=issuer.url, client_id=CLIENT, scopes=("openid", "groups"))


@pytest.fixture
def provider(issuer, settings):
    return Provider(settings, issuer.client)


@pytest.fixture
def asking():
    return Asking(nonce="sha256:statement", redirect=REDIRECT)


def brought_by(issuer, page, who="ana"):
    return dict(httpx.URL(issuer.log_in(page, who)).params)


def test_a_login_in_a_browser_is_worth_a_token_for_the_nonce(issuer, provider, asking):
    answer = brought_by(issuer, provider.page_for(asking))

    token = provider.token_for(provider.code_in(answer, asking), asking)

    assert claims_of(token)["nonce"] == "sha256:statement"
    assert claims_of(token)["username"] == "ana"


def test_a_vault_s_token_is_worth_a_token_for_the_nonce(issuer, provider, asking):
    issuer.vault_tokens["s.ana"] = "ana"

    token = provider.token_for(provider.code_with("s.ana", asking), asking)

    assert claims_of(token)["username"] == "ana"


def test_a_vault_s_token_that_is_none_is_refused_with_what_to_do(provider, asking):
    with pytest.raises(CommandFailed, match="403: sign in anew"):
        provider.code_with("s.nobody", asking)


def test_the_page_asks_for_a_code_with_state_and_challenge_and_no_secret(provider, asking):
    asked = dict(httpx.URL(provider.page_for(asking)).params)

    assert asked["code_challenge_method"] == "S256"
    assert asked["state"] == asking.state
    assert asked["scope"] == "openid groups"
    assert asking.verifier not in provider.page_for(asking)
    assert asking.verifier not in repr(asking)


def test_two_requests_share_neither_state_nor_verifier(asking):
    other = Asking(nonce=asking.nonce, redirect=REDIRECT)

    assert other.state != asking.state
    assert other.verifier != asking.verifier


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": "another"}, "another request"),
        ({"state": None}, "another request"),
        ({"error": "access_denied"}, "access_denied"),
        ({"iss": "https://elsewhere.test"}, "another issuer"),
        ({"code": None}, "no code"),
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused(issuer, provider, asking, change, why):
    answer = {**brought_by(issuer, provider.page_for(asking)), **change}

    with pytest.raises(CommandFailed, match=why):
        provider.code_in({k: v for k, v in answer.items() if v is not None}, asking)


def test_a_code_that_somebody_else_caught_is_worth_nothing_to_them(issuer, provider, asking):
    """They saw the code in an address, but not the verifier that only this process holds."""
    code = provider.code_in(brought_by(issuer, provider.page_for(asking)), asking)
    thief = Asking(nonce=asking.nonce, redirect=REDIRECT, state=asking.state)

    with pytest.raises(CommandFailed, match="answered 400"):
        provider.token_for(code, thief)


def test_a_token_for_something_else_is_not_sent_on(issuer, provider, asking):
    code = provider.code_in(brought_by(issuer, provider.page_for(asking)), asking)
    issuer.codes[code]["nonce"] = "sha256:another"

    with pytest.raises(CommandFailed, match="no token for what was asked"):
        provider.token_for(code, asking)


def test_a_provider_that_is_away_is_no_fault_of_the_person(issuer, settings):
    issuer.down = True

    with pytest.raises(NobodyAnswers, match="does not answer"):
        Provider(settings, issuer.client)


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://elsewhere.test"},
        {"token_endpoint": "http://issuer.test/token"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_describes_itself_oddly_is_not_used(issuer, settings, described):
    page = {**issuer.discovery, **described}
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=page)))

    with pytest.raises(CommandFailed, match="identity provider"):
        Provider(settings, client)


def test_no_proxy_of_a_shell_stands_before_a_provider_on_this_machine():
    local = SignIn(issuer="http://127.0.0.1:1", client_id="cli")
    far = SignIn(issuer="https://id.acme.test", client_id="cli")

    with browserless(local) as one, browserless(far) as other:
        assert (one.trust_env, other.trust_env) == (False, True)
        assert not one.follow_redirects


def test_what_is_no_token_says_nothing():
    assert claims_of("not a token") == {}
