"""Dead Simple Signing Envelopes: what was signed, and by which of the keys that one trusts.

See https://github.com/secure-systems-lab/dsse: signatures are over the pre-authentication encoding
of type and payload, and only bytes that were verified are ever parsed.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import JsonValue

IN_TOTO = "application/vnd.in-toto+json"
MOST_SIGNATURES = 20


class EnvelopeInvalid(ValueError):
    """It is no envelope of the kind that is read here; the message says why."""


class Envelope(NamedTuple):
    """A payload and the signatures that it came with; none of them is checked yet.

    There are no key ids: what an envelope says about its keys is a hint that nobody signed.
    """

    payload: bytes
    payload_type: str
    signatures: tuple[bytes, ...]


def is_envelope(document: object) -> bool:
    """Whether a JSON document means to be an envelope."""
    return isinstance(document, dict) and {"payload", "payloadType"} <= document.keys()


def opened(document: Mapping[str, JsonValue]) -> Envelope:
    """The envelope that *document* spells.

    Raises:
        EnvelopeInvalid: another payload type than in-toto's, no signature, or not base64.
    """
    if (kind := document.get("payloadType")) != IN_TOTO:
        raise EnvelopeInvalid(f"payloadType: found {kind!r}, expected {IN_TOTO!r}")
    listed = document.get("signatures")
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_SIGNATURES:
        raise EnvelopeInvalid(f"signatures: expected 1 to {MOST_SIGNATURES} of them")
    signatures = (each.get("sig") if isinstance(each, dict) else None for each in listed)
    return Envelope(
        payload=_decoded("payload", document.get("payload")),
        payload_type=IN_TOTO,
        signatures=tuple(
            _decoded(f"signatures.{place}.sig", each) for place, each in enumerate(signatures)
        ),
    )


def sealed(payload: bytes, signatures: Iterable[tuple[str, bytes]]) -> str:
    """The envelope as JSON text; *signatures* are key ids, which are hints, and signatures."""
    return json.dumps(
        {
            "payloadType": IN_TOTO,
            "payload": base64.b64encode(payload).decode(),
            "signatures": [
                {"keyid": key, "sig": base64.b64encode(sig).decode()} for key, sig in signatures
            ],
        },
        sort_keys=True,
        separators=(",", ":"),
    )


def pre_authentication(payload: bytes, payload_type: str = IN_TOTO) -> bytes:
    """The bytes that are signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def verifies(envelope: Envelope, pem: str) -> bool:
    """Whether the key *pem* verifies one of the envelope's signatures.

    Raises:
        EnvelopeInvalid: the key is no ed25519 key and no ECDSA key on P-256.
    """
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError as error:
        raise EnvelopeInvalid("the key to check with is not a public key in PEM") from error
    signed = pre_authentication(envelope.payload, envelope.payload_type)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return any(_is_ed25519(key, each, signed) for each in envelope.signatures)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return any(_is_ecdsa(key, each, signed) for each in envelope.signatures)
    raise EnvelopeInvalid("the key to check with is neither ed25519 nor ECDSA on P-256")


def _is_ed25519(key: ed25519.Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _is_ecdsa(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _decoded(where: str, encoded: object) -> bytes:
    """Base64 in either alphabet, as DSSE wants it accepted."""
    if not isinstance(encoded, str) or not encoded:
        raise EnvelopeInvalid(f"{where}: expected base64")
    plain = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise EnvelopeInvalid(f"{where}: not base64: {error}") from error
