"""Take any piece of evidence away, age it, forge it or point it elsewhere: the decision flips.

Over the real readers, receipts and rulings; memory stands in for bucket and vault alone.
"""

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.attestations.readers import Unreadable, read_evidence
from activities.ledger import open_ledger
from tests.activities.attestations.conftest import NOON, Kept
from tests.attesting import (
    BUILD,
    BUILDER,
    JUNIT,
    LCOV,
    OTHER,
    a_key,
    a_statement,
    an_envelope,
    as_json,
    benchmark,
    cyclonedx,
    pem_of,
    provenance,
    rehearsal,
    sarif,
    sign_off,
)
from workflows.domain.attestations import statement as types
from workflows.domain.attestations.criteria import Ground, judge_criteria
from workflows.domain.attestations.dsse import verifies
from workflows.domain.attestations.signers import keys_of
from workflows.domain.canonical import content_digest
from workflows.domain.spec import CriterionSpec, SignerSpec

CI, SECURITY, MALLORY = a_key(), a_key(), a_key()
SIGNERS = (
    SignerSpec(name="ci", public_key=pem_of(CI), builders={BUILDER: 3}),
    SignerSpec(name="sec", public_key=pem_of(SECURITY), roles=("security",), person="eve"),
)
WEEK = timedelta(days=7)


def report(content: bytes):
    return types.REPORT, {"content": content.decode()}


# For each kind of evidence: what is asked, what is signed, and by whom.
EVIDENCE = {
    "test-result": ({"minTests": 2}, report(JUNIT), CI),
    "coverage": ({"minLines": "50%"}, report(LCOV), CI),
    "sarif": ({"fail": {"level": "error"}}, report(as_json(sarif())), CI),
    "sbom": ({"vulnerabilities": {}}, (types.CYCLONEDX, cyclonedx()), CI),
    "slsa-provenance": (
        {
            "builderId": BUILDER,
            "minLevel": 3,
            "externalParameters": {"workflow.ref": "refs/heads/main"},
        },
        (types.PROVENANCE, provenance()),
        CI,
    ),
    "benchmark": ({"maxRegression": "10%"}, (types.BENCHMARK, benchmark()), CI),
    "migration-rehearsal": ({"rolledBack": True}, (types.REHEARSAL, rehearsal()), CI),
    "security-sign-off": ({}, (types.SIGN_OFF, sign_off()), SECURITY),
}
# The same kinds as their tools write them, signed by nobody.
PLAIN = {
    "test-result": JUNIT,
    "coverage": LCOV,
    "sarif": as_json(sarif()),
    "sbom": as_json(cyclonedx()),
    "benchmark": as_json(a_statement(types.BENCHMARK, benchmark())),
    "migration-rehearsal": as_json(a_statement(types.REHEARSAL, rehearsal())),
}
# The same kinds of evidence when what they show is not good enough.
BAD = {
    "test-result": report(JUNIT.replace(b"<skipped/>", b"<failure/>")),
    "coverage": report(LCOV.replace(b"DA:1,1", b"DA:1,0")),
    "sarif": report(as_json(sarif({"level": "error"}))),
    "sbom": (types.CYCLONEDX, cyclonedx({"ratings": [{"severity": "critical"}]})),
    "slsa-provenance": (types.PROVENANCE, provenance(workflow={"ref": "refs/heads/evil"})),
    "benchmark": (types.BENCHMARK, benchmark([[10.0, 12.0 + n % 3] for n in range(40)])),
    "migration-rehearsal": (types.REHEARSAL, rehearsal(succeeded=False)),
    "security-sign-off": (types.SIGN_OFF, sign_off("rejected")),
}
SIGNED = {kind: an_envelope(a_statement(*said), key) for kind, (_, said, key) in EVIDENCE.items()}


def criteria(*, signed=True):
    rules = []
    for kind, (asked, _, key) in EVIDENCE.items():
        if not signed and kind not in PLAIN:
            continue
        rule = {"name": kind, "evidence": kind, "maxAge": "7d", **asked}
        if signed:
            rule["signedBy"] = ["role:security" if key is SECURITY else "ci"]
        rules.append(CriterionSpec.model_validate_json(json.dumps(rule), strict=True))
    return rules


def decided(kept, *, signed=True, artifact=BUILD):
    """The outcome of each criterion by its kind, and the digest that approvals are bound to."""
    ground = Ground(
        environment="production",
        artifacts={"checkout": artifact},
        requested_by="carl",
        now=kept.now,
    )
    found = kept.about(artifact, keys=keys_of(SIGNERS))
    results = judge_criteria(criteria(signed=signed), SIGNERS, found, ground)
    digest = content_digest([result.pinned.model_dump(mode="json") for result in results])
    return {result.name: result.outcome.value for result in results}, digest


def filled(kept, files, *, leave_out=()):
    for kind, content in files.items():
        if kind not in leave_out:
            kept.add(content)


def file_of(kept, content):
    return next(key for key, held in kept.archive.held.items() if held == content)


def remove(kept, content):
    del kept.archive.held[file_of(kept, content)]


def lose_receipt(kept, content):
    digest = file_of(kept, content).removeprefix("files/")
    del kept.archive.held[f"receipts/{BUILD[7:]}/{digest}"]


def flip_a_byte(kept, content):
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 1
    kept.archive.held[file_of(kept, content)] = bytes(changed)


def take_anothers_receipt(kept, content):
    """Point the receipt of another build's evidence at this one."""
    file = file_of(kept, content).removeprefix("files/")
    kept.add(JUNIT + b" ", artifact=OTHER)
    theirs = next(key for key in kept.archive.held if key.startswith(f"receipts/{OTHER[7:]}"))
    kept.archive.held[f"receipts/{BUILD[7:]}/{file}"] = kept.archive.held[theirs]


MUTATIONS = [remove, lose_receipt, flip_a_byte, take_anothers_receipt]


def test_with_all_of_it_every_criterion_is_met(kept):
    filled(kept, SIGNED)

    outcomes, _ = decided(kept)

    assert outcomes == dict.fromkeys(EVIDENCE, "met")


def test_without_signatures_every_criterion_that_needs_none_is_met(kept):
    filled(kept, PLAIN)

    assert decided(kept, signed=False)[0] == dict.fromkeys(PLAIN, "met")


@pytest.mark.parametrize("mutate", MUTATIONS)
@pytest.mark.parametrize("kind", EVIDENCE)
def test_what_is_tampered_with_where_it_is_kept_flips_its_criterion(kept, kind, mutate):
    filled(kept, SIGNED)
    before = decided(kept)
    mutate(kept, SIGNED[kind])
    kept.forget()

    outcomes, digest = decided(kept)

    assert outcomes == {**before[0], kind: "untrusted"}
    assert digest != before[1]


@pytest.mark.parametrize("mutate", MUTATIONS)
@pytest.mark.parametrize("kind", PLAIN)
def test_so_it_does_where_nothing_is_signed(kept, kind, mutate):
    filled(kept, PLAIN)
    mutate(kept, PLAIN[kind])
    kept.forget()

    outcomes, _ = decided(kept, signed=False)

    assert outcomes == {**dict.fromkeys(PLAIN, "met"), kind: "untrusted"}


@pytest.mark.parametrize("kind", EVIDENCE)
def test_what_was_never_added_is_missing(kept, kind):
    filled(kept, SIGNED)
    before = decided(kept)[1]
    without = Kept(kept.ledger, archive=kept.archive, vault=kept.vault)
    ground = Ground(
        environment="production",
        artifacts={"checkout": BUILD},
        requested_by="carl",
        now=kept.now,
    )
    found = [each for each in without.about(keys=keys_of(SIGNERS)) if each.type != kind]

    results = judge_criteria(criteria(), SIGNERS, found, ground)

    outcomes = {result.name: result.outcome for result in results}
    assert outcomes == {**dict.fromkeys(EVIDENCE, "met"), kind: "missing"}
    assert content_digest([each.pinned.model_dump(mode="json") for each in results]) != before


@pytest.mark.parametrize("kind", EVIDENCE)
def test_what_is_too_old_is_stale(kept, kind):
    filled(kept, SIGNED)
    kept.now = NOON + WEEK + timedelta(seconds=1)

    outcomes, _ = decided(kept)

    assert outcomes[kind] == "stale"


@pytest.mark.parametrize("kind", EVIDENCE)
def test_what_is_about_another_build_is_missing_for_this_one(kept, kind):
    filled(kept, SIGNED, leave_out=[kind])
    key = EVIDENCE[kind][2]
    kept.add(an_envelope(a_statement(*EVIDENCE[kind][1], artifact=OTHER), key), artifact=OTHER)

    assert decided(kept)[0] == {**dict.fromkeys(EVIDENCE, "met"), kind: "missing"}
    assert decided(kept, artifact=OTHER)[0][kind] == "met"


@pytest.mark.parametrize("kind", EVIDENCE)
def test_what_somebody_else_signed_is_not_trusted(kept, kind):
    filled(kept, SIGNED, leave_out=[kind])
    kept.add(an_envelope(a_statement(*EVIDENCE[kind][1]), MALLORY))

    assert decided(kept)[0] == {**dict.fromkeys(EVIDENCE, "met"), kind: "untrusted"}


@pytest.mark.parametrize("kind", EVIDENCE)
def test_what_carries_anothers_signature_is_not_trusted(kept, kind):
    """A good signature over one statement, moved to the envelope of another."""
    filled(kept, SIGNED, leave_out=[kind])
    envelope = json.loads(an_envelope(a_statement(*EVIDENCE[kind][1]), MALLORY))
    envelope["signatures"] = json.loads(an_envelope(a_statement(*BAD[kind]), EVIDENCE[kind][2]))[
        "signatures"
    ]
    kept.add(as_json(envelope))

    assert decided(kept)[0][kind] == "untrusted"


@pytest.mark.parametrize("kind", PLAIN)
def test_what_nobody_signed_is_not_trusted_where_a_signature_is_asked(kept, kind):
    filled(kept, SIGNED, leave_out=[kind])
    kept.add(PLAIN[kind])

    assert decided(kept)[0][kind] == "untrusted"


@pytest.mark.parametrize("kind", EVIDENCE)
def test_the_wrong_signer_for_the_role_is_not_trusted(kept, kind):
    filled(kept, SIGNED, leave_out=[kind])
    wrong = CI if EVIDENCE[kind][2] is SECURITY else SECURITY
    kept.add(an_envelope(a_statement(*EVIDENCE[kind][1]), wrong))

    assert decided(kept)[0][kind] == "untrusted"


@pytest.mark.parametrize("kind", EVIDENCE)
def test_newer_evidence_that_is_not_good_enough_fails(kept, kind):
    filled(kept, SIGNED)
    kept.now += timedelta(hours=1)
    predicate_type, predicate = BAD[kind]
    later = json.loads(json.dumps(predicate).replace("2026-11-10T09:00", "2026-11-10T11:00"))
    kept.add(an_envelope(a_statement(predicate_type, later), EVIDENCE[kind][2]))

    assert decided(kept)[0] == {**dict.fromkeys(EVIDENCE, "met"), kind: "failed"}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    touched=st.dictionaries(
        st.sampled_from(sorted(EVIDENCE)), st.sampled_from(MUTATIONS), min_size=1
    )
)
def test_exactly_what_was_touched_flips(tmp_path_factory, touched):
    ledger = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('l') / 'ledger.db'}")
    kept = Kept(ledger)
    filled(kept, SIGNED)
    for kind, mutate in touched.items():
        mutate(kept, SIGNED[kind])
    kept.forget()

    outcomes, _ = decided(kept)

    ledger.dispose()
    assert {kind for kind, outcome in outcomes.items() if outcome != "met"} == set(touched)


@settings(max_examples=150)
@given(st.sampled_from(sorted(SIGNED)), st.data())
def test_no_change_of_a_signed_file_keeps_its_signature_and_says_something_else(kind, data):
    """Every byte of the payload counts; base64 that decodes to the same bytes is the same."""
    envelope = json.loads(SIGNED[kind])
    payload = bytearray(base64.b64decode(envelope["payload"]))
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    envelope["payload"] = base64.b64encode(payload).decode()
    try:
        evidence = read_evidence(as_json(envelope))
    except Unreadable:
        return
    assert not verifies(evidence.envelope, pem_of(EVIDENCE[kind][2]))
