"""Payload encryption: AES-256-GCM under data keys that a key server wraps.

Envelope encryption: each payload is sealed with a data key, which travels beside it wrapped by the
key server. Only who may ask that server can open either; Temporal stores nothing else.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec as TemporalCodec

ENCODING = b"binary/encrypted"
CIPHER = b"AES-256-GCM"
_ENCODING_FIELD, _CIPHER_FIELD, _KEY_FIELD = "encoding", "encryption-cipher", "encryption-key"
_NONCE_BYTES = 12
_KEY_BYTES = 32

# Random 96-bit nonces stay safe for 2^32 messages under one key; stop well before.
_MOST_USES = 2**28
_UNWRAPPED_KEYS = 256


class PayloadLocked(Exception):
    """A payload cannot be opened, or no key can be had to seal one; nothing passes in plain."""


@dataclass(frozen=True)
class DataKey:
    """32 bytes to seal with, and the same wrapped by the key server, safe to store."""

    plaintext: bytes = field(repr=False)
    wrapped: str


class DataKeys(Protocol):
    """A key server. Both calls may block; both raise PayloadLocked when there is no key."""

    def new(self) -> DataKey: ...

    def unwrap(self, wrapped: str) -> bytes: ...


class PayloadCodec(TemporalCodec):
    """Seals every payload; opens what any key of the same key server has sealed.

    A new data key is taken every *rotate_every*; older ones are unwrapped when met, and a bounded
    number is kept. Payloads that were never sealed pass `decode` as they are: histories from
    before encryption was turned on, and signals that a person sends from Temporal's UI.

    Raises:
        PayloadLocked: no key, a key of another server, or bytes that were tampered with.
    """

    def __init__(
        self,
        keys: DataKeys,
        *,
        rotate_every: timedelta = timedelta(hours=8),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sealing = _Rotation(keys, rotate_every, clock)
        self._unwrap = lru_cache(maxsize=_UNWRAPPED_KEYS)(keys.unwrap)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        # In a thread, because taking a key waits for the key server.
        return await asyncio.to_thread(lambda: [self._seal(payload) for payload in payloads])

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if not any(_is_sealed(payload) for payload in payloads):
            return list(payloads)
        return await asyncio.to_thread(lambda: [self._open(payload) for payload in payloads])

    def _seal(self, payload: Payload) -> Payload:
        key = self._sealing.key()
        nonce = os.urandom(_NONCE_BYTES)
        metadata = {
            _ENCODING_FIELD: ENCODING,
            _CIPHER_FIELD: CIPHER,
            _KEY_FIELD: key.wrapped.encode(),
        }
        sealed = AESGCM(key.plaintext).encrypt(
            nonce, payload.SerializeToString(), _bound(metadata)
        )
        return Payload(metadata=metadata, data=nonce + sealed)

    def _open(self, payload: Payload) -> Payload:
        if not _is_sealed(payload):
            return payload
        wrapped = payload.metadata.get(_KEY_FIELD, b"").decode(errors="replace")
        nonce, sealed = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        try:
            cipher = AESGCM(self._unwrap(wrapped))
            opened = cipher.decrypt(nonce, sealed, _bound(payload.metadata))
            return Payload.FromString(opened)
        except (InvalidTag, ValueError, DecodeError) as error:
            raise PayloadLocked(
                "a payload does not open with the key it names: its bytes or its metadata changed"
            ) from error


class _Rotation:
    """The data key of the moment, renewed by age and by number of uses; safe across threads."""

    def __init__(
        self, keys: DataKeys, rotate_every: timedelta, clock: Callable[[], float]
    ) -> None:
        self._keys = keys
        self._seconds = rotate_every.total_seconds()
        self._clock = clock
        self._lock = threading.Lock()
        self._current: DataKey | None = None
        self._taken_at = 0.0
        self._uses = 0

    def key(self) -> DataKey:
        with self._lock:
            if self._current is None or self._is_worn():
                self._current = self._fresh()
                self._taken_at, self._uses = self._clock(), 0
            self._uses += 1
            return self._current

    def _is_worn(self) -> bool:
        return self._clock() - self._taken_at >= self._seconds or self._uses >= _MOST_USES

    def _fresh(self) -> DataKey:
        key = self._keys.new()
        if len(key.plaintext) != _KEY_BYTES:
            raise PayloadLocked(
                f"the key server gave a data key of {len(key.plaintext)} bytes, expected "
                f"{_KEY_BYTES}; the transit key must be of type aes256-gcm96"
            )
        return key


def _is_sealed(payload: Payload) -> bool:
    return payload.metadata.get(_ENCODING_FIELD) == ENCODING


def _bound(metadata: Mapping[str, bytes]) -> bytes:
    """What is authenticated beside the ciphertext: each field behind its length."""
    parts = (metadata.get(name, b"") for name in (_ENCODING_FIELD, _CIPHER_FIELD, _KEY_FIELD))
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
