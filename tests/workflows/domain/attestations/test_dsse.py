"""Envelopes: what was signed is what is read, and nothing an envelope says of its keys counts."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as ReferenceEnvelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from tests.attesting import a_key, an_ecdsa_key, an_envelope, pem_of, signature
from workflows.domain.attestations.dsse import (
    IN_TOTO,
    EnvelopeInvalid,
    opened,
    pre_authentication,
    sealed,
    verifies,
)

KEY, ECDSA = a_key(), an_ecdsa_key()
STATEMENT = {"hello": "world"}


def envelope(**more):
    return json.loads(an_envelope(STATEMENT, KEY, **more))


def test_the_encoding_is_that_of_the_specification():
    """The example of https://github.com/secure-systems-lab/dsse/blob/master/protocol.md."""
    assert (
        pre_authentication(b"hello world", "http://example.com/HelloWorld")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@pytest.mark.parametrize("key", [KEY, ECDSA])
@pytest.mark.parametrize("urlsafe", [False, True])
def test_a_signature_verifies_in_either_alphabet_and_by_its_key_alone(key, urlsafe):
    found = opened(json.loads(an_envelope(STATEMENT, a_key(), key, urlsafe=urlsafe)))

    assert json.loads(found.payload) == STATEMENT
    assert verifies(found, pem_of(key))
    assert not verifies(found, pem_of(a_key()))


@given(st.data())
def test_a_changed_byte_of_payload_or_signature_does_not_verify(data):
    document = envelope()
    where = data.draw(st.sampled_from(["payload", "sig"]))
    holder = document if where == "payload" else document["signatures"][0]
    raw = bytearray(base64.b64decode(holder[where]))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    holder[where] = base64.b64encode(raw).decode()

    assert not verifies(opened(document), pem_of(KEY))


def test_a_signature_over_the_bare_payload_does_not_count():
    document = envelope()
    payload = base64.b64decode(document["payload"])
    document["signatures"] = [{"sig": base64.b64encode(signature(KEY, payload)).decode()}]

    assert not verifies(opened(document), pem_of(KEY))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"payloadType": "application/json"}, "payloadType: found 'application/json'"),
        ({"payloadType": None}, "payloadType: found None"),
        ({"signatures": []}, "signatures: expected 1 to 20"),
        ({"signatures": [{"sig": "AAAA"}] * 21}, "signatures: expected 1 to 20"),
        ({"signatures": ["AAAA"]}, "signatures.0.sig: expected base64"),
        ({"signatures": [{"sig": "?"}]}, "signatures.0.sig: not base64"),
        ({"payload": 7}, "payload: expected base64"),
        ({"payload": "A"}, "payload: not base64"),
    ],
)
def test_what_is_no_envelope_of_a_statement_is_refused(change, why):
    with pytest.raises(EnvelopeInvalid, match=why):
        opened(envelope(**change))


@pytest.mark.parametrize(
    "pem",
    [
        "nonsense",
        pem_of(rsa.generate_private_key(65537, 2048)),
        pem_of(ec.generate_private_key(ec.SECP384R1())),
    ],
)
def test_only_keys_of_the_two_types_are_asked(pem):
    with pytest.raises(EnvelopeInvalid, match="the key to check with"):
        verifies(opened(envelope()), pem)


@pytest.mark.parametrize("key", [KEY, ECDSA])
def test_another_implementation_signs_what_we_verify_and_verifies_what_we_sign(key):
    public = SSlibKey.from_crypto(key.public_key())
    theirs = ReferenceEnvelope(b'{"a": 1}', IN_TOTO, {})
    theirs.sign(CryptoSigner(key, public))
    ours = sealed(b"{}", [(public.keyid, signature(key, pre_authentication(b"{}")))])

    assert verifies(opened(theirs.to_dict()), pem_of(key))
    assert ReferenceEnvelope.from_dict(json.loads(ours)).verify([public], 1)
