"""The evidence room believes files by their digest and receipts by their signature alone."""

from datetime import timedelta

import pytest

from tests.attesting import (
    BUILD,
    JUNIT,
    OTHER,
    a_key,
    a_statement,
    an_envelope,
    cyclonedx,
    pem_of,
    results,
)
from tests.attesting import as_json as json_bytes
from workflows.domain.attestations import statement as types
from workflows.domain.attestations.signers import TrustedKey
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.errors import ArtifactMismatch, Refused, TargetMissing
from workflows.domain.values import digest_of

HOUR = timedelta(hours=1)
KEY = a_key()
SIGNED = an_envelope(a_statement(types.TEST_RESULT, results()), KEY)


def test_a_file_is_kept_under_its_digest_and_told_with_its_receipt(kept):
    added = kept.add(JUNIT)

    found = kept.only()
    assert found == added.attestation
    assert (found.digest, found.size) == (digest_of(JUNIT), len(JUNIT))
    assert (found.added_by, found.type) == ("ana", EvidenceType.TEST_RESULT)
    assert found.at.hour == 9, "the file says when it was made, before it was received"
    assert kept.room.file(found.digest) == JUNIT


def test_a_file_that_is_added_again_stays_as_it_was_first_received(kept):
    """Or else nothing would ever grow stale that is added every day."""
    undated = JUNIT.replace(b"timestamp", b"when")
    first = kept.add(undated)
    kept.now += 24 * HOUR

    again = kept.add(undated)

    assert (first.known, again.known) == (False, True)
    assert again.attestation == first.attestation == kept.only()


def test_the_same_file_may_be_about_two_builds(kept):
    kept.add(JUNIT)
    kept.add(JUNIT, artifact=OTHER)

    assert kept.only().artifact == BUILD
    assert kept.about(OTHER)[0].artifact == OTHER


def test_a_file_that_says_it_was_made_later_is_as_old_as_its_receipt(kept):
    kept.add(JUNIT.replace(b"2026-", b"2036-"))

    assert kept.only().at == kept.now


@pytest.mark.parametrize(
    ("content", "more", "why"),
    [
        (b"hello", {}, "no format that is known"),
        (JUNIT, {"type": "sarif"}, "it is a test-result, expected a sarif"),
        (SIGNED, {"artifact": OTHER}, f"it is about {BUILD}, not about {OTHER}"),
        (
            json_bytes(
                cyclonedx(
                    metadata={"component": {"hashes": [{"alg": "SHA-256", "content": OTHER[7:]}]}}
                )
            ),
            {},
            f"it is about {OTHER}",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_of_it_is_kept(kept, content, more, why):
    with pytest.raises(Refused, match=rf"(?s){why}.*nothing was kept"):
        kept.add(content, **more)

    assert kept.archive.held == {}
    assert kept.about() == ()


def test_the_keys_that_verify_it_are_told_whatever_they_are_called(kept):
    kept.add(SIGNED)
    kept.vault.make("team")
    asked = (
        TrustedKey(id="a", pem=pem_of(KEY)),
        TrustedKey(id="b", pem=pem_of(a_key())),
        TrustedKey(id="c", transit="team"),
    )

    found = kept.only(keys=asked)

    assert (found.signed, found.keys) == (True, ("a",))


def test_a_key_of_the_vault_verifies_what_the_vault_signed(kept):
    kept.vault.make("team")
    kept.add(an_envelope(a_statement(types.TEST_RESULT, results()), kept.vault.keys["team"]))

    assert kept.only(keys=(TrustedKey(id="c", transit="team"),)).keys == ("c",)


def test_a_key_that_the_vault_does_not_have_is_an_error(kept):
    with pytest.raises(TargetMissing, match="transit/keys/nobody"):
        kept.about(keys=(TrustedKey(id="c", transit="nobody"),))


def of(kept, folder):
    (key,) = [key for key in kept.archive.held if key.startswith(folder)]
    return key


def change_file(kept):
    kept.archive.held[of(kept, "files/")] = JUNIT.replace(b"<skipped/>", b"")


def remove_file(kept):
    del kept.archive.held[of(kept, "files/")]


def remove_receipt(kept):
    del kept.archive.held[of(kept, "receipts/")]


def garble_receipt(kept):
    kept.archive.held[of(kept, "receipts/")] = b"{}"


def forge_receipt(kept):
    """Somebody with a key of their own signs the same receipt."""
    key = of(kept, "receipts/")
    kept.vault.make("lockgate-decisions")
    theirs = kept.vault.keys.pop("lockgate-decisions")
    kept.vault.keys["lockgate-decisions"] = a_key()
    receipt = a_statement(types.RECEIPT, {"artifact": BUILD})
    kept.archive.held[key] = an_envelope(receipt, theirs)


def sign_something_else(kept):
    """The right key signed, but it is no receipt."""
    key = of(kept, "receipts/")
    kept.archive.held[key] = an_envelope(
        a_statement(types.TEST_RESULT, results()), kept.vault.keys["lockgate-decisions"]
    )


def put_another_receipt_in_its_place(kept):
    """A receipt of ours, for the same file and another build."""
    key = of(kept, "receipts/")
    kept.add(JUNIT, artifact=OTHER)
    (theirs,) = [k for k in kept.archive.held if k.startswith(f"receipts/{OTHER[7:]}")]
    kept.archive.held[key] = kept.archive.held[theirs]


@pytest.mark.parametrize(
    ("tamper", "why"),
    [
        (change_file, "found bytes of"),
        (remove_file, "no such evidence is kept"),
        (remove_receipt, "it has no receipt"),
        (garble_receipt, "its receipt cannot be read"),
        (forge_receipt, "its receipt is not signed by this Lockgate"),
        (sign_something_else, "expected a receipt"),
        (put_another_receipt_in_its_place, "its receipt is about"),
    ],
)
def test_what_was_tampered_with_is_told_with_its_flaw_and_without_figures(kept, tamper, why):
    kept.add(JUNIT)
    tamper(kept)
    kept.forget()

    found = kept.only()

    assert why in found.flaw
    assert (found.figures, found.keys) == (None, ())


def test_a_file_that_is_not_what_it_was_is_not_given_out(kept):
    kept.add(JUNIT)
    change_file(kept)

    with pytest.raises(ArtifactMismatch, match="found bytes of"):
        kept.room.file(digest_of(JUNIT))
    with pytest.raises(TargetMissing, match="no such evidence"):
        kept.room.file(OTHER)


def test_evidence_is_not_added_over_a_receipt_that_is_not_ours(kept):
    kept.add(JUNIT)
    forge_receipt(kept)
    kept.forget()

    with pytest.raises(Refused, match="not signed by this Lockgate"):
        kept.add(JUNIT)
