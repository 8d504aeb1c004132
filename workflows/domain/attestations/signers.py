"""The public keys that policies trust, by ids that do not depend on what anybody calls them."""

from collections.abc import Iterable, Mapping

from workflows.domain.keys import fingerprint
from workflows.domain.spec.criteria import SignerSpec
from workflows.domain.values import FileName, Value


class TrustedKey(Value):
    """A key to check signatures with: a PEM, or the name of a transit key of the vault."""

    id: str
    pem: str | None = None
    transit: str | None = None


def with_keys(
    signers: Iterable[SignerSpec], files: Mapping[FileName, str]
) -> tuple[SignerSpec, ...]:
    """*signers* with their keys in place of the names of the *files* that hold them.

    Raises:
        ValueError: a file holds no public key in PEM; the text names both.
    """
    return tuple(_with_key(signer, files) for signer in signers)


def _with_key(signer: SignerSpec, files: Mapping[FileName, str]) -> SignerSpec:
    if signer.key_file is None:
        return signer
    text = files.get(signer.key_file, "")
    try:
        fingerprint(text)
    except ValueError as error:
        raise ValueError(f"signers.{signer.name}.keyFile: {signer.key_file}: {error}") from error
    return signer.model_copy(update={"public_key": text, "key_file": None})


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
