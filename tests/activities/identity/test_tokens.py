"""One token against everything that is not one: each forgery is refused with its reason."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from jwt import PyJWK
from jwt.utils import der_to_raw_signature, raw_to_der_signature

from activities.identity.tokens import (
    account_in,
    check_nonce,
    issuer_named_in,
    key_named_in,
    proof_digest,
    roles_in,
    verified,
)
from tests.builders import build_of
from tests.fakes.identity import CLIENT, FakeIssuer, trusted
from workflows.domain.errors import ProofRefused
from workflows.domain.people.statement import Statement

STATEMENT = Statement(
    release="release/shop/abc",
    run="run-1",
    gate="production",
    digest=build_of("plan", "1"),
    decision="approve",
    reason="read it",
)
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
AT = int(NOW.timestamp())


@pytest.fixture
def issuer():
    issuer = FakeIssuer()
    issuer.clock = NOW.timestamp
    return issuer


def key_of(issuer):
    return PyJWK.from_dict(issuer.jwks["keys"][0])


def verify(issuer, token, *, now=NOW, **other):
    """All that the activity does with one token and the issuer's key."""
    believed = trusted(issuer, **other)
    assert issuer_named_in(token) == issuer.url
    key_named_in(token, believed)
    claims = verified(token, believed, key_of(issuer), now=now)
    check_nonce(claims, STATEMENT.nonce)
    return account_in(claims, believed), roles_in(claims, believed)


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_a_token_that_says_it_is_another_issuers_is_not_this_ones(issuer):
    """Two issuers may share a key: what either signs is its own."""
    token = issuer.token("ana", STATEMENT, iss="https://other.test")

    with pytest.raises(ProofRefused, match=r"from 'https://other\.test', expected"):
        verified(token, trusted(issuer), key_of(issuer), now=NOW)


def test_a_token_of_the_issuer_about_this_statement_names_the_account_and_its_roles(issuer):
    assert verify(issuer, issuer.token("ana", STATEMENT)) == ("ana@local", ("sre",))


@pytest.mark.parametrize(
    "changed",
    [
        {"release": "release/shop/def"},
        {"run": "run-2"},
        {"gate": "staging"},
        {"digest": build_of("plan", "2")},
        {"decision": "reject"},
        {"reason": "read some of it"},
        {"terms": {"until": "2026-12-01"}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_token_of_another_statement_is_refused(issuer, changed):
    token = issuer.token("ana", STATEMENT.model_copy(update=changed))

    with pytest.raises(ProofRefused, match="stands for another statement"):
        verify(issuer, token)


def test_a_token_without_a_nonce_stands_for_nothing(issuer):
    with pytest.raises(ProofRefused, match="no nonce"):
        verify(issuer, issuer.sign(issuer.claims("ana")))


def test_a_token_that_nobody_signed_is_refused(issuer):
    claims = issuer.claims("ana", STATEMENT.nonce)
    unsigned = jwt.encode(claims, None, algorithm="none", headers={"kid": issuer.key_id})

    with pytest.raises(ProofRefused, match="signed by 'none'"):
        verify(issuer, unsigned)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_no_spelling_of_none_is_a_signature(issuer, algorithm):
    header = {"alg": algorithm, "kid": issuer.key_id, "typ": "JWT"}
    token = f"{encoded(header)}.{encoded(issuer.claims('ana', STATEMENT.nonce))}."

    with pytest.raises(ProofRefused):
        verify(issuer, token)


def test_the_public_key_is_no_secret_to_sign_with(issuer):
    """HS256 with the issuer's public key as its secret: whoever can read the key could sign."""
    public = issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "kid": issuer.key_id, "typ": "JWT"}
    signed = f"{encoded(header)}.{encoded(issuer.claims('ana', STATEMENT.nonce))}"
    mac = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    token = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    with pytest.raises(ProofRefused, match="signed by 'HS256'"):
        verify(issuer, token)


def test_a_key_of_another_kind_than_the_algorithm_is_refused(issuer):
    """The header says RS256, which is trusted, and the key is for ES256."""
    other = rsa.generate_private_key(65537, 2048)
    claims = issuer.claims("ana", STATEMENT.nonce)
    token = jwt.encode(claims, other, algorithm="RS256", headers={"kid": issuer.key_id})

    with pytest.raises(ProofRefused, match="signature"):
        verify(issuer, token)


def test_the_signature_of_another_key_is_refused(issuer):
    forger = FakeIssuer()
    forger.clock = NOW.timestamp
    forger.key_id = issuer.key_id

    with pytest.raises(ProofRefused, match="signature"):
        verify(issuer, forger.token("ana", STATEMENT))


def test_a_claim_that_was_changed_after_signing_is_refused(issuer):
    header, _, signature = issuer.token("eve", STATEMENT).split(".")
    changed = encoded(issuer.claims("ana", STATEMENT.nonce))

    with pytest.raises(ProofRefused, match="signature"):
        verify(issuer, f"{header}.{changed}.{signature}")


def test_a_header_that_demands_what_is_not_understood_is_refused(issuer):
    claims = issuer.claims("ana", STATEMENT.nonce)
    token = issuer.sign(claims, crit=["b64"], b64=False)

    with pytest.raises(ProofRefused):
        verify(issuer, token)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another-client"}, "is for 'another-client'"),
        ({"aud": [CLIENT, "another-client"]}, "not asked for by us"),
        ({"aud": []}, "is for"),
        ({"exp": AT - 60}, "expired at"),
        ({"exp": None}, "has no exp"),
        ({"iat": None}, "has no iat"),
        ({"sub": None}, "has no sub"),
        ({"aud": None}, "has no aud"),
        ({"iat": AT + 600, "exp": AT + 900}, "in the future"),
        ({"iat": AT - 3600, "exp": AT + 900}, "longer ago than"),
        ({"nbf": AT + 300}, "not valid yet"),
        ({"exp": "tomorrow"}, "no time"),
        ({"exp": True}, "no time"),
        ({"exp": 1e300}, "no time"),
        ({"username": None}, "names nobody"),
        ({"username": "ana\nben"}, "names nobody"),
        ({"username": 7}, "names nobody"),
        ({"groups": None}, "no list"),
        ({"groups": "sre"}, "no list"),
        ({"groups": [1]}, "no list"),
    ],
)
def test_a_token_with_such_a_claim_is_refused(issuer, claims, why):
    with pytest.raises(ProofRefused, match=why):
        verify(issuer, issuer.token("ana", STATEMENT, **claims))


def test_a_clock_may_be_off_by_the_skew_and_no_more(issuer):
    token = issuer.token("ana", STATEMENT, iat=AT, exp=AT + 60)

    verify(issuer, token, now=NOW + timedelta(seconds=80))
    with pytest.raises(ProofRefused, match="expired"):
        verify(issuer, token, now=NOW + timedelta(seconds=95))
    verify(issuer, token, now=NOW - timedelta(seconds=20))
    with pytest.raises(ProofRefused, match="future"):
        verify(issuer, token, now=NOW - timedelta(seconds=40))


def test_a_token_that_lives_for_a_day_proves_something_for_minutes(issuer):
    token = issuer.token("ana", STATEMENT, exp=AT + 86_400)

    verify(issuer, token, now=NOW + timedelta(minutes=10))
    with pytest.raises(ProofRefused, match="ask for a new one"):
        verify(issuer, token, now=NOW + timedelta(minutes=11))


def test_a_token_that_is_also_for_others_counts_where_we_asked_for_it(issuer):
    token = issuer.token("ana", STATEMENT, aud=[CLIENT, "another-client"], azp=CLIENT)

    assert verify(issuer, token)[0] == "ana@local"


def test_a_group_is_a_role_of_its_name_unless_the_settings_say_otherwise(issuer):
    token = issuer.token("ana", STATEMENT, groups=["platform-sre", "staff"])

    assert verify(issuer, token, roles={"platform-sre": "sre"})[1] == ("sre", "staff")
    assert verify(issuer, token, groups_claim=None)[1] is None


def test_a_group_claim_of_null_is_no_group_and_one_that_is_missing_is_no_answer(issuer):
    claims = {**issuer.claims("ana", STATEMENT.nonce), "groups": None}

    assert verify(issuer, issuer.sign(claims))[1] == ()


def test_what_else_the_settings_demand_of_a_token_it_must_say(issuer):
    token = issuer.token("ana", STATEMENT, hd="acme.example")

    verify(issuer, token, claims={"hd": "acme.example"})
    with pytest.raises(ProofRefused, match=r"hd is 'acme\.example', expected"):
        verify(issuer, token, claims={"hd": "other.example"})


@pytest.mark.parametrize("text", ["", "a.b.c", "no token", "ey" * 20_000, "..", "\0"])
def test_what_is_no_token_is_refused_and_not_repeated(text):
    with pytest.raises(ProofRefused) as refused:
        issuer_named_in(text)

    assert len(str(refused.value)) < 100


def test_the_same_token_with_another_spelling_of_its_signature_is_the_same_proof(issuer):
    """An ECDSA signature (r, s) has a twin (r, n - s): it must not pass for a second token."""
    token = issuer.token("ana", STATEMENT)
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    r, s = decode_dss_signature(raw_to_der_signature(raw, ec.SECP256R1()))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    twin = der_to_raw_signature(encode_dss_signature(r, order - s), ec.SECP256R1())
    other = f"{signed}.{base64.urlsafe_b64encode(twin).rstrip(b'=').decode()}"

    assert other != token
    assert verify(issuer, other) == verify(issuer, token)
    assert proof_digest(other) == proof_digest(token)
    assert proof_digest(issuer.token("ana", STATEMENT)) != proof_digest(token)
