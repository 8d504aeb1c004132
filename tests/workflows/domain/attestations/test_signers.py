"""The keys of signers: inline, in files beside the catalog, or in the vault."""

import pytest

from tests.attesting import a_key, pem_of
from workflows.domain.attestations.signers import key_id, keys_of, with_keys
from workflows.domain.keys import fingerprint
from workflows.domain.spec import SignerSpec

PEM = pem_of(a_key())


def test_one_key_under_two_names_is_asked_about_once():
    ci = SignerSpec(name="ci", public_key=PEM)
    again = SignerSpec(name="builder", public_key=f"\n{PEM}")
    vault = SignerSpec(name="security", transit_key="security-team")

    asked = keys_of((ci, again, vault))

    assert {each.id for each in asked} == {fingerprint(PEM), "transit:security-team"}
    assert key_id(ci) == key_id(again)


def test_a_key_is_read_from_the_file_beside_the_catalog():
    signer = SignerSpec(name="ci", key_file="keys/ci.pem")

    (read,) = with_keys([signer], {"keys/ci.pem": PEM})

    assert (read.public_key, read.key_file) == (PEM, None)


@pytest.mark.parametrize("files", [{}, {"keys/ci.pem": "hello"}])
def test_a_file_without_a_key_is_named(files):
    with pytest.raises(ValueError, match=r"signers\.ci\.keyFile: keys/ci\.pem: not a public key"):
        with_keys([SignerSpec(name="ci", key_file="keys/ci.pem")], files)
