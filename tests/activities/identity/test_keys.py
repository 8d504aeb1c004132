"""Keys are found by discovery, kept for a while, and asked for again rarely."""

import httpx
import pytest

from activities.identity.keys import FRESH_SECONDS, IssuerKeys
from tests.fakes.identity import FakeIssuer
from workflows.domain.errors import ProofRefused, Refused, Unavailable

DISCOVERY = "/.well-known/openid-configuration"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def issuer():
    return FakeIssuer()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(issuer, clock):
    return IssuerKeys(issuer.url, client=issuer.client, clock=clock)


def answering(**pages):
    """A client of an issuer that answers these pages."""

    def answer(request):
        page = pages["discovery" if request.url.path == DISCOVERY else "keys"]
        return page if isinstance(page, httpx.Response) else httpx.Response(200, json=page)

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_keys_are_asked_for_once_while_they_are_fresh(issuer, keys, clock):
    for _ in range(3):
        assert keys.find(issuer.key_id).key_id == issuer.key_id
        clock.now += FRESH_SECONDS / 4

    assert issuer.asked == {DISCOVERY: 1, "/keys": 1}


def test_a_new_key_is_found_when_a_token_names_it(issuer, keys, clock):
    keys.find(issuer.key_id)
    issuer.rotate()
    clock.now += 11

    assert keys.find(issuer.key_id).key_id == issuer.key_id


def test_tokens_with_made_up_keys_do_not_make_us_ask_each_time(issuer, keys, clock):
    keys.find(issuer.key_id)
    for made_up in range(50):
        with pytest.raises(ProofRefused, match="has no key"):
            keys.find(f"made-up-{made_up}")
        clock.now += 0.1

    assert issuer.asked[DISCOVERY] == 1


def test_a_key_that_was_withdrawn_is_not_trusted_for_long(issuer, keys, clock):
    withdrawn = issuer.key_id
    keys.find(withdrawn)
    issuer.rotate()
    clock.now += FRESH_SECONDS

    with pytest.raises(ProofRefused, match="has no key"):
        keys.find(withdrawn)


def test_fresh_keys_serve_while_the_issuer_is_away_and_old_ones_do_not(issuer, keys, clock):
    keys.find(issuer.key_id)
    issuer.down = True
    clock.now += FRESH_SECONDS - 1
    assert keys.find(issuer.key_id)

    clock.now += 1
    with pytest.raises(Unavailable):
        keys.find(issuer.key_id)


def test_an_issuer_that_calls_itself_otherwise_is_not_the_one_that_is_trusted(issuer):
    described = {**issuer.discovery, "issuer": "https://elsewhere.test"}
    keys = IssuerKeys(issuer.url, client=answering(discovery=described, keys=issuer.jwks))

    with pytest.raises(Refused, match=r"describes itself as 'https://elsewhere\.test'"):
        keys.learn()


@pytest.mark.parametrize("where", ["http://issuer.test/keys", "file:///etc/keys", 7, None])
def test_keys_that_anybody_on_the_way_could_change_are_refused(issuer, where):
    described = {**issuer.discovery, "jwks_uri": where}
    keys = IssuerKeys(issuer.url, client=answering(discovery=described, keys=issuer.jwks))

    with pytest.raises(Refused, match=r"jwks_uri|expected https"):
        keys.learn()


def test_plain_http_is_enough_on_this_machine():
    issuer = FakeIssuer("http://127.0.0.1:1")
    described = {**issuer.discovery, "issuer": issuer.url}
    keys = IssuerKeys(issuer.url, client=answering(discovery=described, keys=issuer.jwks))

    assert keys.find(issuer.key_id)


@pytest.mark.parametrize(
    "described",
    [
        {"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"},
        {"kty": "EC", "crv": "P-256", "x": "broken", "y": "broken"},
        {"kty": "EC", "use": "enc"},
        {"kty": "unheard-of"},
        "no key at all",
    ],
)
def test_what_cannot_verify_a_signature_is_no_key(issuer, described):
    if isinstance(described, dict):
        described = {"kid": "odd", **described}
    page = {"keys": [described, *issuer.jwks["keys"]]}
    keys = IssuerKeys(issuer.url, client=answering(discovery=issuer.discovery, keys=page))

    assert keys.find(issuer.key_id)
    with pytest.raises(ProofRefused, match="has no key"):
        keys.find("odd")


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (httpx.Response(500), Unavailable),
        (httpx.Response(302, headers={"location": "https://elsewhere.test"}), Refused),
        (httpx.Response(200, text="<html>"), Unavailable),
        (httpx.Response(200, json=[]), Unavailable),
        (httpx.Response(200, content=b"x" * 300_000), Unavailable),
    ],
)
def test_an_issuer_that_answers_something_else_proves_nothing(issuer, page, error):
    keys = IssuerKeys(issuer.url, client=answering(discovery=page, keys=issuer.jwks))

    with pytest.raises(error):
        keys.find(issuer.key_id)
