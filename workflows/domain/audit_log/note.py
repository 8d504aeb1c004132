"""Signed notes as transparency logs write them: a text, and below it who signed it.

The form is C2SP's signed note: readable as it is, and checked by the tools of other logs. A key is
written as one line, `<name>+<id>+<key>`; the id is in every signature, so that a key cannot be
taken for another one of the same name.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from workflows.domain.values import Value

_ED25519 = b"\x01"
_KEY_BYTES, _SIGNATURE_BYTES, _ID_BYTES = 32, 64, 4
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")
_SIGNED = re.compile(r"— (?P<name>\S+) (?P<signature>\S+)")


class NoteUntrusted(Exception):
    """A note, or a key, that cannot be believed; the text says what is wrong with it."""


class SigningKey(Value):
    """The public half of an Ed25519 key, and the name that it signs under."""

    name: str
    public: bytes

    def __str__(self) -> str:
        """The line that people keep, and that the tools of other logs read."""
        written = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{written}"

    @property
    def id(self) -> bytes:
        """What tells this key from another one of the same name: four bytes."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(named).digest()[:_ID_BYTES]


def named(name: str) -> str:
    """*name*, where it can be that of a key.

    Raises:
        ValueError: it is empty, longer than 200 characters, or holds a space or a plus.
    """
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} cannot name a log or a key: no spaces, no plus")
    return name


def read_key(line: str) -> SigningKey:
    """The key that *line* is written as.

    Raises:
        NoteUntrusted: it is no such line, or its id is another key's.
    """
    parts = line.split("+", 2)
    if len(parts) != 3 or _NAME.fullmatch(parts[0]) is None:
        raise NoteUntrusted(f"not a key, which is written <name>+<id>+<base64>: {line[:80]!r}")
    raw = _decoded(parts[2])
    if len(raw) != 1 + _KEY_BYTES or raw[:1] != _ED25519:
        raise NoteUntrusted(f"the key {parts[0]} is not an Ed25519 key")
    key = SigningKey(name=parts[0], public=raw[1:])
    if str(key) != line:
        raise NoteUntrusted(f"the key {parts[0]} has the id {key.id.hex()}, not {parts[1]}")
    return key


def signed(text: str, key: SigningKey, signature: bytes) -> str:
    """*text*, which ends with a newline, with the *signature* that *key* gave for its bytes."""
    return f"{text}\n— {key.name} {base64.b64encode(key.id + signature).decode()}\n"


def opened(note: str, keys: Iterable[SigningKey]) -> str:
    """The text of *note*, once one of *keys* has been seen to have signed it.

    Exactly what `signed` writes is read, so that no byte of a note can be another.

    Raises:
        NoteUntrusted: it is no note, its key is none of these, or the signature is not its own.
    """
    text, separator, last = note.rpartition("\n\n")
    line = _SIGNED.fullmatch(last.removesuffix("\n"))
    if not separator or line is None or not last.endswith("\n"):
        raise NoteUntrusted("not a signed note: it does not end with one line of a signature")
    text += "\n"
    raw = _decoded(line["signature"])
    if len(raw) != _ID_BYTES + _SIGNATURE_BYTES:
        raise NoteUntrusted("not a signed note: the signature has another length than Ed25519's")
    key = _signer(line["name"], raw[:_ID_BYTES], keys)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw[_ID_BYTES:], text.encode())
    except InvalidSignature:
        raise NoteUntrusted(f"the signature is not that of {key.name} for this text") from None
    return text


def _signer(name: str, key_id: bytes, keys: Iterable[SigningKey]) -> SigningKey:
    for key in keys:
        if key.name == name and key.id == key_id:
            return key
    raise NoteUntrusted(f"it was signed by the key {name}+{key_id.hex()}, which is not known here")


def _decoded(written: str) -> bytes:
    """Base64 of which there is one spelling only: unused bits are zero, and nothing is skipped."""
    try:
        raw = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteUntrusted(f"not base64: {error}") from None
    if base64.b64encode(raw).decode() != written:
        raise NoteUntrusted("not base64 as it is written: bits are set that mean nothing")
    return raw
