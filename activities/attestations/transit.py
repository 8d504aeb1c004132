"""Signatures by a key that never leaves the vault, and the public keys that check them."""

import base64
import binascii
import time
from collections.abc import Callable
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workflows.domain.errors import Refused

_FRESH_SECONDS = 60.0
_JUST_READ_SECONDS = 2.0
_KINDS = ("ed25519", "ecdsa-p256")


class Vault(Protocol):
    """What is used of a pool's vault; both raise the release's own errors."""

    def read(self, path: str) -> dict[str, Any]: ...

    def write(self, path: str, body: dict[str, Any]) -> Any: ...


class TransitKeys:
    """Keys of the vault's transit engine, of type ed25519 or ecdsa-p256."""

    def __init__(self, vault: Vault, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._vault = vault
        self._clock = clock
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}

    def sign(self, name: str, content: bytes) -> tuple[str, bytes]:
        """A signature by the newest version of the key *name*, and what to call that version.

        Raises:
            TargetMissing: the vault has no such key.
            Refused: the vault says no, or answers with something else.
            Unavailable: the vault does not answer.
        """
        asked = {"input": base64.b64encode(content).decode()}
        answer = self._vault.write(f"transit/sign/{name}", asked)
        _, version, signature = str(answer["data"]["signature"]).split(":", 2)
        if version != f"v{len(self._known.get(name, (0.0, ()))[1])}":
            self._known.pop(name, None)  # the key was rotated since its versions were read
        try:
            return f"{name}:{version}", base64.b64decode(signature, validate=True)
        except binascii.Error as error:
            raise Refused(f"vault: transit/sign/{name}: its answer is no signature") from error

    def public_keys(self, name: str, *, anew: bool = False) -> tuple[str, ...]:
        """Every version of the public key in PEM, oldest first; asked anew after a minute.

        *anew* for who looks for a key that was made meanwhile: asked again unless that was just
        done.

        Raises:
            TargetMissing: the vault has no such key.
            Refused: the vault says no, or the key is of another type.
            Unavailable: the vault does not answer.
        """
        read_at, held = self._known.get(name, (0.0, ()))
        if not held or self._clock() - read_at > (_JUST_READ_SECONDS if anew else _FRESH_SECONDS):
            held = self._read(name)
            self._known[name] = (self._clock(), held)
        return held

    def _read(self, name: str) -> tuple[str, ...]:
        key = self._vault.read(f"transit/keys/{name}")["data"]
        if (kind := key["type"]) not in _KINDS:
            raise Refused(
                f"vault: transit key {name!r} is of type {kind}, expected {' or '.join(_KINDS)}"
            )
        versions = sorted(key["keys"].items(), key=lambda item: int(item[0]))
        return tuple(_pem(version["public_key"]) for _, version in versions)


def _pem(public_key: str) -> str:
    """The vault gives ECDSA keys in PEM, and ed25519 keys as their 32 bytes in base64."""
    if public_key.startswith("-----BEGIN"):
        return public_key
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
