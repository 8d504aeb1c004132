"""Keys of the vault's transit engine: what they sign is checked with what they publish."""

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from activities.attestations.transit import TransitKeys
from tests.attesting import an_ecdsa_key, pem_of
from tests.fakes.attestations import FakeTransit
from workflows.domain.errors import Refused, TargetMissing


@pytest.fixture
def vault():
    made = FakeTransit()
    made.make("team")
    return made


def test_a_signature_is_checked_with_the_public_key(vault):
    keys = TransitKeys(vault)

    name, signature = keys.sign("team", b"hello")

    (pem,) = keys.public_keys("team")
    load_pem_public_key(pem.encode()).verify(signature, b"hello")
    assert name == "team:v1"


def test_a_key_that_is_not_there_is_named(vault):
    with pytest.raises(TargetMissing, match="transit/keys/nobody"):
        TransitKeys(vault).public_keys("nobody")


class Answers:
    """A vault that gives the same answers each time, and counts them."""

    def __init__(self, **key):
        self.key = key
        self.asked = 0

    def read(self, path):
        self.asked += 1
        return {"data": self.key}

    def write(self, path, body):
        return {"data": {"signature": "vault:v1:not base64"}}


def test_versions_come_in_the_order_of_their_numbers_and_pem_as_it_is():
    pems = {str(n): {"public_key": pem_of(an_ecdsa_key())} for n in range(1, 12)}

    found = TransitKeys(Answers(type="ecdsa-p256", keys=pems)).public_keys("team")

    assert found == tuple(pems[str(n)]["public_key"] for n in range(1, 12))


def test_another_type_of_key_is_refused():
    with pytest.raises(Refused, match="type rsa-2048, expected ed25519 or ecdsa-p256"):
        TransitKeys(Answers(type="rsa-2048", keys={})).public_keys("team")


def test_an_answer_that_is_no_signature_is_refused():
    with pytest.raises(Refused, match="its answer is no signature"):
        TransitKeys(Answers()).sign("team", b"x")


def test_keys_are_asked_for_anew_after_a_minute():
    now = [0.0]
    vault = Answers(type="ecdsa-p256", keys={"1": {"public_key": pem_of(an_ecdsa_key())}})
    keys = TransitKeys(vault, clock=lambda: now[0])

    keys.public_keys("team")
    keys.public_keys("team")
    keys.public_keys("team", anew=True)
    assert vault.asked == 1

    now[0] = 3.0
    keys.public_keys("team")
    keys.public_keys("team", anew=True)
    assert vault.asked == 2

    now[0] = 64.0
    keys.public_keys("team")
    assert vault.asked == 3
