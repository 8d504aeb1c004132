"""Public keys are told apart by their bytes."""

import pytest

from tests.attesting import a_key, pem_of
from workflows.domain.keys import fingerprint


def test_a_key_is_the_same_however_its_lines_are_broken():
    pem = pem_of(a_key())
    begin, *body, end = pem.strip().splitlines()
    squeezed = "\n\n".join([begin, "".join(body)[:20], "".join(body)[20:], end])

    assert fingerprint(pem) == fingerprint(squeezed) == fingerprint(f"\n{pem}\n")
    assert fingerprint(pem) != fingerprint(pem_of(a_key()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519 AAAA",
        "-----BEGIN PUBLIC KEY-----\nA\n-----END PUBLIC KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----",
        pem_of(a_key()) * 2,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="expected -----BEGIN PUBLIC KEY-----"):
        fingerprint(text)
