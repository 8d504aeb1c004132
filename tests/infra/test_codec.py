import itertools
import os
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from infra.codec import DataKey, PayloadCodec, PayloadLocked

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"approver":"ana"}')


class Keys:
    """Wraps by remembering; counts what the key server would have been asked."""

    def __init__(self, size=32):
        self.made = {}
        self.unwrapped = 0
        self.down = False
        self._size = size
        self._names = itertools.count(1)

    def new(self):
        if self.down:
            raise PayloadLocked("sealed")
        key = DataKey(plaintext=os.urandom(self._size), wrapped=f"vault:v1:{next(self._names)}")
        self.made[key.wrapped] = key.plaintext
        return key

    def unwrap(self, wrapped):
        self.unwrapped += 1
        if self.down or wrapped not in self.made:
            raise PayloadLocked(f"no key {wrapped}")
        return self.made[wrapped]


@pytest.fixture
def keys():
    return Keys()


@pytest.fixture
def codec(keys):
    return PayloadCodec(keys)


@given(data=st.binary(max_size=2000), encoding=st.binary(max_size=20))
async def test_every_payload_comes_back_as_it_was(data, encoding):
    codec = PayloadCodec(Keys())
    payload = Payload(metadata={"encoding": encoding, "messageType": b"X"}, data=data)

    assert await codec.decode(await codec.encode([payload, payload])) == [payload, payload]


async def test_nothing_of_the_payload_is_readable_when_sealed(codec, keys):
    (sealed,) = await codec.encode([PLAIN])

    assert b"ana" not in sealed.SerializeToString()
    assert b"json/plain" not in sealed.SerializeToString()
    assert keys.made["vault:v1:1"] not in sealed.SerializeToString()
    assert sealed.metadata["encoding"] == b"binary/encrypted"
    assert sealed.metadata["encryption-key"] == b"vault:v1:1"


async def test_the_same_payload_is_sealed_differently_each_time(codec):
    first, second = await codec.encode([PLAIN, PLAIN])

    assert first.data != second.data


async def test_a_key_is_renewed_by_age_and_the_old_one_still_opens(keys):
    now = [0.0]
    codec = PayloadCodec(keys, rotate_every=timedelta(hours=8), clock=lambda: now[0])
    (old,) = await codec.encode([PLAIN])
    now[0] = 8 * 3600

    (new,) = await codec.encode([PLAIN])

    assert new.metadata["encryption-key"] != old.metadata["encryption-key"]
    assert await codec.decode([old, new]) == [PLAIN, PLAIN]


async def test_another_worker_opens_what_this_one_sealed(codec, keys):
    sealed = await codec.encode([PLAIN])

    assert await PayloadCodec(keys).decode(sealed) == [PLAIN]


async def test_a_data_key_is_unwrapped_once(codec, keys):
    sealed = await codec.encode([PLAIN] * 5)

    await codec.decode(sealed)
    await codec.decode(sealed)

    assert keys.unwrapped == 1


async def test_known_keys_outlast_an_outage_of_the_key_server(codec, keys):
    sealed = await codec.encode([PLAIN])
    await codec.decode(sealed)
    keys.down = True

    assert await codec.decode(await codec.encode([PLAIN])) == [PLAIN]


async def test_without_a_key_nothing_is_sent(keys, codec):
    keys.down = True

    with pytest.raises(PayloadLocked):
        await codec.encode([PLAIN])


async def test_a_key_of_the_wrong_size_is_refused():
    with pytest.raises(PayloadLocked, match="16 bytes, expected 32"):
        await PayloadCodec(Keys(size=16)).encode([PLAIN])


@pytest.mark.parametrize("where", ["data", "encryption-key", "encryption-cipher"])
async def test_any_change_to_bytes_or_metadata_locks_the_payload(codec, keys, where):
    (sealed,) = await codec.encode([PLAIN])
    if where == "data":
        sealed.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    elif where == "encryption-key":
        keys.made["vault:v1:same-key"] = keys.made["vault:v1:1"]
        sealed.metadata["encryption-key"] = b"vault:v1:same-key"
    else:
        sealed.metadata["encryption-cipher"] = b"none"

    with pytest.raises(PayloadLocked):
        await codec.decode([sealed])


@pytest.mark.parametrize("data", [b"", b"short", b"x" * 40])
async def test_sealed_bytes_of_any_shape_lock_rather_than_crash(codec, data):
    (sealed,) = await codec.encode([PLAIN])
    sealed.data = data

    with pytest.raises(PayloadLocked):
        await codec.decode([sealed])


async def test_a_key_of_another_server_locks(codec):
    (foreign,) = await PayloadCodec(Keys()).encode([PLAIN])
    foreign.metadata["encryption-key"] = b"vault:v9:unknown"

    with pytest.raises(PayloadLocked):
        await codec.decode([foreign])


async def test_payloads_from_before_encryption_pass(codec):
    assert await codec.decode([PLAIN]) == [PLAIN]


def test_a_data_key_does_not_print_itself():
    assert "plaintext" not in repr(DataKey(plaintext=b"secret" * 5, wrapped="vault:v1:x"))
