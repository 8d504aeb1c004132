"""The port over a room: what is told is bounded, and decisions are signed and kept."""

import base64
import json
from datetime import timedelta

import pytest

from activities.attestations import AttestationsActivities
from activities.attestations.parcels import unpacked
from tests.attesting import BUILD, JUNIT, OTHER
from workflows.domain.attestations import dsse
from workflows.domain.attestations.decision import ReleaseDecision, statement_of
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Artifact, digest_of
from workflows.ports.attestations import (
    FetchEvidence,
    ReadAttestations,
    ReadVerificationKeys,
    SignDecision,
)


def decision(kept, **more):
    builds = (("checkout", BUILD), ("payments", OTHER))
    usual = {
        "release": "release/shop/1",
        "environment": "production",
        "allowed": True,
        "decision_digest": OTHER,
        "artifacts": tuple(Artifact(service=s, version="v2", digest=d) for s, d in builds),
        "policies": (),
        "at": kept.now,
    }
    return ReleaseDecision(**{**usual, **more})


@pytest.mark.parametrize("allowed", [True, False])
def test_a_decision_is_signed_kept_about_each_build_and_checked_with_the_public_key(kept, allowed):
    made = decision(kept, allowed=allowed)

    signed = kept.port.sign_decision(SignDecision(decision=made))

    file = kept.port.fetch_evidence(FetchEvidence(digest=signed.digest))
    envelope = dsse.opened(json.loads(unpacked(file, most=10_000)))
    (pem,) = kept.port.read_verification_keys(ReadVerificationKeys()).pems
    assert dsse.verifies(envelope, pem)
    assert envelope.payload == statement_of(made)
    for build in (BUILD, OTHER):
        (found,) = kept.about(build)
        assert (found.type, found.figures.allowed) == ("decision", allowed)
        assert (found.digest, found.added_by) == (signed.digest, "lockgate")


def test_the_same_decision_is_kept_once(kept):
    made = decision(kept)
    first = kept.port.sign_decision(SignDecision(decision=made))
    kept.now += timedelta(hours=1)

    assert kept.port.sign_decision(SignDecision(decision=made)) == first
    assert len(kept.about()) == 1


def test_what_is_told_is_bounded_and_the_rest_is_counted(kept):
    for number in range(9):
        kept.add(JUNIT + b" " * number)

    told = kept.port.read_attestations(ReadAttestations(artifacts=(BUILD, OTHER)))
    older = kept.port.read_attestations(ReadAttestations(artifacts=(BUILD, OTHER), older=True))

    assert (len(told.attestations), told.left_out) == (1, 8)
    assert (len(older.attestations), older.left_out) == (9, 0)


def test_a_file_is_given_out_as_it_was_added(kept):
    kept.add(JUNIT)

    file = kept.port.fetch_evidence(FetchEvidence(digest=digest_of(JUNIT)))

    assert unpacked(file, most=len(JUNIT)) == JUNIT
    assert base64.b64decode(file.content)[:2] == b"\x1f\x8b"


def test_without_a_place_for_evidence_each_ask_says_what_to_set():
    port = AttestationsActivities(None)

    with pytest.raises(TargetMissing, match=r"no \[attestations\]"):
        port.read_attestations(ReadAttestations(artifacts=(BUILD,)))


def test_a_file_that_does_not_arrive_whole_is_refused(kept):
    with pytest.raises(Refused, match="nothing was kept"):
        kept.add(b"")
