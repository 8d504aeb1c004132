"""The public keys that policies trust, by ids that do not depend on what anybody calls them."""

from collections.abc import Iterable

from workflows.domain.keys import fingerprint
from workflows.domain.spec.criteria import SignerSpec
from workflows.domain.values import Value


class TrustedKey(Value):
    """A key to check signatures with: a PEM, or the name of a key in the vault's transit engine."""

    id: str
    pem: str | None = None
    transit: str | None = None


def key_id(signer: SignerSpec) -> str:
    """The id of the signer's key: the digest of its bytes, or its name in the vault."""
    if signer.public_key is None:
        return f"transit:{signer.transit_key}"
    return fingerprint(signer.public_key)


def keys_of(signers: Iterable[SignerSpec]) -> tuple[TrustedKey, ...]:
    """The keys of *signers*, each once."""
    keys = (
        TrustedKey(id=key_id(signer), pem=signer.public_key, transit=signer.transit_key)
        for signer in signers
    )
    return tuple({key.id: key for key in keys}.values())
