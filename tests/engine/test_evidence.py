"""A release waits for evidence about its builds, goes by it, and what was decided is signed."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.attestations import AttestationsActivities
from activities.ledger import open_ledger
from starters import evidence
from starters.failures import CommandFailed
from tests.attesting import JUNIT, OTHER, a_statement, as_json, results
from tests.builders import a_catalog, a_release, an_order, build_of
from tests.fakes.attestations import FakeArchive, FakeTransit, a_room
from workflows.domain.attestations import statement as types
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.figures import (
    SuiteFigures,
)
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.errors import Refused
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target, digest_of
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
BUILD = build_of("checkout", "v2")
TESTS = {"name": "tests", "evidence": "test-result", "minTests": 2}


@pytest.fixture
def v1(world):
    world.serve(CHECKOUT, "v1")


def order(*criteria, gates=()):
    """Production asks for evidence, and for nobody's approval."""
    catalog = a_catalog(gated=True)
    guarded = catalog["policies"]["guarded"]
    guarded["approvals"].pop("require")
    guarded["decisionMatrix"] = {"inputs": ["risk"], "rules": [{"require": []}]}
    guarded["criteria"] = list(criteria or [TESTS])
    guarded["gates"] = list(gates)
    return an_order(a_release(), catalog)


def passed(*, tests=2, artifact=BUILD):
    return Attestation(
        artifact=artifact,
        type=EvidenceType.TEST_RESULT,
        digest=digest_of(f"{tests} tests"),
        at=datetime.now(UTC) - timedelta(minutes=1),
        size=1,
        added_by="ci",
        figures=SuiteFigures(result="PASSED", passed=tests, failed=0),
    )


def recorded(world, started, action):
    return [entry for entry in world.recorded(started.handle.id) if entry.action == action]


async def test_it_waits_for_evidence_goes_on_once_it_arrives_and_signs_the_go(start, world, v1):
    started = await start(order())

    status = await started.until_phase(Phase.AWAITING_EVIDENCE)
    (blocker,) = status.blocked_by
    assert blocker.gate == "tests of production"
    assert f"lockgate evidence add FILE --artifact {BUILD}" in blocker.reason
    assert blocker.can_be_cleared_by == ("whoever adds test-result about checkout",)
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}

    world.attestations.held.append(passed())
    await started.handle.signal(ReleaseWorkflow.evidence_arrived)
    assert (await started.result()).phase == Phase.HEALTHY

    (signed,) = world.attestations.signed
    assert signed.decision.allowed
    assert signed.decision.properties == (
        "LOCKGATE_CRITERIA_MET",
        "LOCKGATE_CRITERION_TESTS_MET",
    )
    final = await started.status()
    assert signed.decision.decision_digest == final.decision_digest
    (entry,) = recorded(world, started, "sign_decision")
    assert (entry.outcome, entry.detail) == ("done", f"signed decision {final.signed_decision}")


async def test_evidence_about_another_build_or_not_good_enough_keeps_it_waiting(start, world, v1):
    world.attestations.held.append(passed(artifact=build_of("checkout", "v3")))
    started = await start(order())
    await started.until_phase(Phase.AWAITING_EVIDENCE)

    world.attestations.held.append(passed(tests=1))
    await started.handle.signal(ReleaseWorkflow.evidence_arrived)

    status = await started.until(lambda s: any("passed" in b.reason for b in s.blocked_by))
    assert "1 test passed, at least 2 must" in status.blocked_by[0].reason
    assert world.attestations.signed == []


async def test_what_never_arrives_denies_the_release_and_the_denial_is_signed(start, world, v1):
    started = await start(order(gates=[{"name": "tests", "timeout": "300ms"}]))

    outcome = await started.result()

    assert outcome.phase == Phase.DENIED
    (signed,) = world.attestations.signed
    assert not signed.decision.allowed
    assert "tests of production" in signed.decision.reasons[0]
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_signature_that_cannot_be_had_is_told_and_holds_nobody_up(start, world, v1):
    world.attestations.held.append(passed())
    world.attestations.unsigned = Refused("the vault says no")
    started = await start(order())

    assert (await started.result()).phase == Phase.HEALTHY
    (entry,) = recorded(world, started, "sign_decision")
    assert (entry.outcome, entry.detail) == ("Refused", "the vault says no")
    assert (await started.status()).signed_decision is None


async def test_a_release_whose_policies_ask_for_no_evidence_asks_nobody(start, world, v1):
    started = await start()

    assert (await started.result()).phase == Phase.HEALTHY
    assert (world.attestations.asks, world.attestations.signed) == ([], [])


@pytest.fixture
def room(world, v1, tmp_path):
    """Real files, receipts and rulings behind the release."""
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    world.attestations = AttestationsActivities(a_room(ledger, FakeArchive(), FakeTransit()))
    yield world.attestations
    ledger.dispose()


async def test_what_a_person_adds_is_kept_by_a_worker_and_the_waiting_release_is_told(
    room, client, start, tmp_path
):
    started = await start(order())
    await started.until_phase(Phase.AWAITING_EVIDENCE)
    file = tmp_path / "junit.xml"
    file.write_bytes(JUNIT)

    added = await evidence.add(client, evidence.packed(file), BUILD, by="ana", type=None)
    told = await evidence.tell(client, started.handle.id)

    assert (added.known, added.attestation.added_by, told) == (False, "ana", 1)
    assert (await started.result()).phase == Phase.HEALTHY
    assert await evidence.tell(client, started.handle.id) == 0
    kept = {each.type.value for each in await evidence.about(client, [BUILD])}
    assert kept == {"test-result", "decision"}
    assert await evidence.fetch(client, digest_of(JUNIT)) == JUNIT
    assert len((await evidence.keys(client)).pems) == 1


async def test_what_is_refused_is_told_to_whoever_adds_it(room, client, start, tmp_path):
    file = tmp_path / "results.json"
    file.write_bytes(as_json(a_statement(types.TEST_RESULT, results())))

    with pytest.raises(CommandFailed, match=r"(?s)it is about sha256:.*nothing was kept"):
        await evidence.add(client, evidence.packed(file), OTHER, by="ana", type=None)
