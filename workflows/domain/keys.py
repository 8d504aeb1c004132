"""Public keys in PEM: told apart by their bytes, whatever anybody calls them."""

import base64
import binascii
import re

from workflows.domain.values import Digest, digest_of

_PEM = re.compile(
    r"\s*-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END PUBLIC KEY-----\s*"
)


def fingerprint(pem: str) -> Digest:
    """The digest of the key that *pem* holds, however its lines are broken.

    Raises:
        ValueError: it is not one public key in PEM.
    """
    found = _PEM.fullmatch(pem)
    try:
        return digest_of(
            base64.b64decode("".join(found[1].split()) if found else "-", validate=True)
        )
    except binascii.Error:
        raise ValueError(
            "not a public key in PEM: expected -----BEGIN PUBLIC KEY-----, base64 and "
            "-----END PUBLIC KEY-----"
        ) from None
