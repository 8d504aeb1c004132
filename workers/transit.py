"""Data keys from the vault's transit engine, for the payload codec."""

import base64
import binascii
from typing import Any, Protocol

from infra.codec import DataKey, PayloadLocked
from workflows.domain.errors import ReleaseError


class Vault(Protocol):
    """What is used of a pool's vault session; ReleaseErrors say why it gave no answer."""

    def write(self, path: str, body: dict[str, Any]) -> Any: ...


class TransitKeys:
    """A DataKeys that wraps under the transit key *name*; keys stay out of every message."""

    def __init__(self, vault: Vault, name: str) -> None:
        self._vault = vault
        self._name = name

    def new(self) -> DataKey:
        made = self._ask("give a data key", f"transit/datakey/plaintext/{self._name}", {})
        return DataKey(plaintext=_bytes(made["plaintext"]), wrapped=made["ciphertext"])

    def unwrap(self, wrapped: str) -> bytes:
        asked = {"ciphertext": wrapped}
        opened = self._ask("unwrap a payload's data key", f"transit/decrypt/{self._name}", asked)
        return _bytes(opened["plaintext"])

    def _ask(self, what: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._vault.write(path, body)["data"]
            return answer
        except ReleaseError as error:
            raise PayloadLocked(
                f"transit key {self._name!r} does not {what}: {error}; check the vault and "
                "codec.transit_key in the worker's settings"
            ) from error


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        # Not chained: the error may quote the key.
        pass
    raise PayloadLocked("the vault's answer holds no key in base64")
