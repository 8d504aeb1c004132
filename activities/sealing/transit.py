"""Signatures of the vault's transit engine: the private key never leaves it."""

import base64
from typing import Any, Protocol

from workflows.domain.audit_log.note import NoteUntrusted, SigningKey, opened, signed
from workflows.domain.errors import Refused


class Vault(Protocol):
    """What is used of a pool's vault session; ReleaseErrors say why it gave no answer."""

    def read(self, path: str) -> dict[str, Any]: ...

    def write(self, path: str, body: dict[str, Any]) -> Any: ...


class TransitSigner:
    """Signs notes with the transit key *key*, an Ed25519 key, under the name *origin*.

    Every method raises Unavailable while the vault does not answer, and Refused where it says no.
    """

    def __init__(self, vault: Vault, *, key: str, origin: str) -> None:
        self._vault = vault
        self._key = key
        self._origin = origin

    def sign(self, text: str) -> tuple[str, SigningKey]:
        """*text* as a signed note, and the public half of the key's version that signed it.

        Raises:
            Refused: the signature is not one of the key's, as the vault itself shows them.
        """
        asked = {"input": base64.b64encode(text.encode()).decode()}
        answer = self._vault.write(f"transit/sign/{self._key}", asked)["data"]["signature"]
        _, version, written = answer.split(":", 2)
        key = self._public_keys()[int(version.removeprefix("v"))]
        note = signed(text, key, base64.b64decode(written))
        try:
            opened(note, [key])
        except NoteUntrusted as error:
            raise Refused(
                f"transit key {self._key!r} signs what does not verify: {error}"
            ) from error
        return note, key

    def _public_keys(self) -> dict[int, SigningKey]:
        found = self._vault.read(f"transit/keys/{self._key}")["data"]
        if found["type"] != "ed25519":
            raise Refused(
                f"transit key {self._key!r} is of type {found['type']}; what signs checkpoints is "
                "of type ed25519: make another key"
            )
        return {
            int(version): SigningKey(name=self._origin, public=base64.b64decode(key["public_key"]))
            for version, key in found["keys"].items()
        }
