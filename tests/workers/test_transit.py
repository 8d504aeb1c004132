import base64

import pytest

from infra.codec import PayloadLocked
from workers.transit import TransitKeys
from workflows.domain.errors import Refused, Unavailable

KEY = b"k" * 32
ENCODED = base64.b64encode(KEY).decode()


class Vault:
    def __init__(self, *, plaintext=ENCODED, error=None):
        self.answer = {"data": {"plaintext": plaintext, "ciphertext": "vault:v1:wrapped"}}
        self.error = error
        self.asked = []

    def write(self, path, body):
        self.asked.append((path, body))
        if self.error:
            raise self.error
        return self.answer


def test_a_data_key_comes_with_its_wrapping():
    vault = Vault()

    key = TransitKeys(vault, "payloads").new()

    assert (key.plaintext, key.wrapped) == (KEY, "vault:v1:wrapped")
    assert vault.asked == [("transit/datakey/plaintext/payloads", {})]


def test_a_wrapped_key_is_opened_by_the_same_transit_key():
    vault = Vault()

    assert TransitKeys(vault, "payloads").unwrap("vault:v1:x") == KEY
    assert vault.asked == [("transit/decrypt/payloads", {"ciphertext": "vault:v1:x"})]


@pytest.mark.parametrize(
    "error", [Refused("vault: permission denied"), Unavailable("vault: sealed")]
)
def test_without_an_answer_the_payload_stays_locked_and_the_setting_is_named(error):
    keys = TransitKeys(Vault(error=error), "payloads")

    for ask in (keys.new, lambda: keys.unwrap("vault:v1:x")):
        with pytest.raises(PayloadLocked, match=str(error)) as locked:
            ask()
        assert "codec.transit_key" in str(locked.value)


def test_an_answer_that_is_no_key_is_not_quoted():
    keys = TransitKeys(Vault(plaintext="hunter2!"), "payloads")

    with pytest.raises(PayloadLocked) as locked:
        keys.new()

    assert "hunter2" not in str(locked.value)
    assert locked.value.__context__ is None
