"""Votes that prove who sends them, at a gate whose policy asks for that."""

import asyncio
import time
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.builders import a_catalog, an_order, build_of
from workflows.domain.gates.gates import GateRuling
from workflows.domain.gates.vote import Vote
from workflows.domain.gates.waiver import Waiver
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")


@pytest.fixture
def gated(start, world):
    """A release that waits at a gate for two of sre, asked for by eve."""
    world.serve(CHECKOUT, "v1")

    async def begin(count=1, requested_by="eve", **more):
        needs = ({"role": "sre", "count": count},)
        catalog = a_catalog(gated=True, identity="proven", needs=needs, **more)
        order = an_order(catalog=catalog, requested_by="whoever")

        def asks(statement):
            return world.identity.issuer.token(requested_by, statement)

        started = await start(order, proof=asks)
        await started.until_phase(Phase.AWAITING_APPROVAL)
        return started

    return begin


async def vote_of(started, world, who, *, about=None, approved=True, note="", **claims):
    """A vote of *who*, whose token stands for the vote, or for *about* where that differs."""
    status = await started.status()
    vote = Vote(approved=approved, digest=status.decision_digest, note=note)
    run = (await started.handle.describe()).run_id
    stated = vote.statement(release=started.handle.id, run=run, gate="production")
    stated = stated.model_copy(update=about or {})
    return vote.model_copy(update={"proof": world.identity.issuer.token(who, stated, **claims)})


async def cast(started, vote):
    return await started.handle.execute_update(ReleaseWorkflow.vote, vote)


async def refused(started, vote):
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await cast(started, vote)
    return failed.value.cause.message


def refusals(world, started):
    recorded = world.recorded(started.handle.id)
    return [entry.detail for entry in recorded if entry.outcome == "refused"]


async def test_a_proven_approval_opens_the_gate_and_is_told_as_proven(gated, world):
    started = await gated()

    gate = await cast(started, await vote_of(started, world, "ana", note="read it"))
    outcome = await started.result()

    assert (gate.decision, outcome.phase) == ("approved", Phase.HEALTHY)
    (vote,) = (await started.status()).votes
    assert (vote.voter, vote.assurance) == ("ana", "proven")
    assert vote.proven.account == "oidc:ana@local"
    (entry,) = [e for e in world.recorded(started.handle.id) if e.action == "vote"]
    assert (entry.actor, entry.outcome) == ("ana", "approves")
    assert "proven as oidc:ana@local" in entry.detail


async def test_a_proven_approval_by_signal_opens_the_gate(gated, world):
    started = await gated()

    await started.handle.signal(ReleaseWorkflow.approve, await vote_of(started, world, "ana"))

    assert (await started.result()).phase == Phase.HEALTHY


async def test_a_proven_rejection_closes_the_gate(gated, world):
    started = await gated()
    vote = await vote_of(started, world, "ben", approved=False, note="no runbook")

    assert (await cast(started, vote)).decision == "rejected"
    assert (await started.result()).phase == Phase.DENIED


async def test_no_token_stays_in_what_the_release_tells_of_itself(gated, world):
    started = await gated()
    vote = await vote_of(started, world, "ana")

    await cast(started, vote)
    await started.result()

    told = (await started.status()).model_dump_json()
    told += "".join(e.model_dump_json() for e in world.recorded(started.handle.id))
    assert [part for part in vote.proof.split(".") if part in told] == []


async def test_an_approval_that_only_asserts_a_name_is_refused_and_recorded(gated, world):
    started = await gated()
    digest = (await started.status()).decision_digest
    claims = Vote(voter="ana", digest=digest, assurance="proven")

    said = await refused(started, claims)
    await started.handle.signal(ReleaseWorkflow.approve, claims)
    await cast(started, await vote_of(started, world, "ben"))
    await started.result()

    assert "asks for a proven identity" in said
    assert len(refusals(world, started)) == 2


async def test_a_refused_attempt_is_recorded_at_once_and_of_whom_the_token_proved(gated, world):
    started = await gated()

    said = await refused(started, await vote_of(started, world, "eve"))
    await started.until(lambda status: bool(refusals(world, started)))

    assert "eve asked for this release" in said
    (entry,) = [e for e in world.recorded(started.handle.id) if e.outcome == "refused"]
    assert entry.actor == "eve"


async def test_a_token_replayed_for_another_release_is_refused_there(gated, world):
    first, second = await gated(), await gated()
    vote = await vote_of(first, world, "ana")
    await cast(first, vote)

    assert "stands for another statement" in await refused(second, vote)
    assert (await second.status()).votes == ()


@pytest.mark.parametrize(
    "about",
    [
        {"run": "another-run"},
        {"gate": "staging"},
        {"digest": build_of("plan", "other")},
        {"decision": "reject"},
        {"reason": "another reason"},
    ],
    ids=lambda about: next(iter(about)),
)
async def test_a_token_that_stands_for_something_else_is_refused(gated, world, about):
    started = await gated()

    said = await refused(started, await vote_of(started, world, "ana", about=about))

    assert "stands for another statement" in said
    assert (await started.status()).phase == Phase.AWAITING_APPROVAL


async def test_a_token_counts_once(gated, world):
    started = await gated(count=2)
    vote = await vote_of(started, world, "ana")
    await cast(started, vote)

    assert "used already: each counts once" in await refused(started, vote)


async def test_the_same_token_sent_twice_at_once_counts_once(gated, world):
    started = await gated(count=2)
    vote = await vote_of(started, world, "ana")

    answers = await asyncio.gather(
        cast(started, vote), cast(started, vote), return_exceptions=True
    )

    assert [type(a).__name__ for a in answers].count("WorkflowUpdateFailedError") == 1
    assert len((await started.status()).votes) == 1


async def test_an_expired_token_is_refused(gated, world):
    started = await gated()
    then = int(time.time()) - 3600
    vote = await vote_of(started, world, "ana", iat=then, exp=then + 300)

    assert "expired" in await refused(started, vote)


async def test_whoever_asked_for_the_release_cannot_approve_it_with_their_own_token(gated, world):
    started = await gated(requested_by="ana")

    said = await refused(started, await vote_of(started, world, "ana"))
    await cast(started, await vote_of(started, world, "ben"))

    assert said == "ana asked for this release and cannot decide on it"
    assert (await started.result()).phase == Phase.HEALTHY
    assert refusals(world, started) == [said]


async def test_a_vote_under_another_s_name_is_refused(gated, world):
    started = await gated()
    vote = await vote_of(started, world, "ana")

    said = await refused(started, vote.model_copy(update={"voter": "ben"}))

    assert "the vote is ben's, and its token that of ana" in said


async def test_a_role_that_the_issuer_no_longer_confirms_does_not_count(gated, world):
    """The catalog still says sre; the group was taken from her this morning."""
    started = await gated()

    said = await refused(started, await vote_of(started, world, "ana", groups=["staff"]))

    assert "holds none of the roles this gate asks for: sre" in said


async def test_somebody_whom_the_gate_does_not_ask_is_refused(gated, world):
    started = await gated(requested_by="ana")

    said = await refused(started, await vote_of(started, world, "eve"))

    assert "eve holds none of the roles this gate asks for: sre" in said


async def test_one_person_fills_one_place_however_often_they_vote(gated, world):
    started = await gated(count=2)

    await cast(started, await vote_of(started, world, "ana", note="first"))
    gate = await cast(started, await vote_of(started, world, "ana", note="second"))

    assert gate.decision == "open"
    assert [vote.note for vote in (await started.status()).votes] == ["second"]


async def test_a_gate_says_how_names_are_known_there(gated, start, world):
    proven = await gated()
    asserted = await start(an_order(catalog=a_catalog(gated=True)))
    status = await asserted.until_phase(Phase.AWAITING_APPROVAL)

    assert "asserted, not proven" in status.blocked_by[0].reason
    assert "asserted" not in (await proven.status()).blocked_by[0].reason


async def test_a_waiver_proves_who_gives_it_or_does_not_count(start, world):
    world.serve(CHECKOUT, "v1")
    tests = GateRuling(environment="production", gate="tests", met=False, reason="no tests")
    world.decisions.gates["tests"] = tests
    catalog = a_catalog(gated=True, identity="proven")
    catalog["policies"]["guarded"]["gates"] = [{"name": "tests", "waiver": {"roles": ["sre"]}}]
    order = an_order(catalog=catalog, requested_by="eve")
    started = await start(order, proof=lambda it: world.identity.issuer.token("eve", it))
    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    digest, run = status.decision_digest, (await started.handle.describe()).run_id

    def waiver_of(who, gate="tests"):
        said = Waiver(gate="tests", digest=digest, reason="flaky", lasts=timedelta(hours=1))
        stated = said.model_copy(update={"gate": gate}).statement(
            release=started.handle.id, run=run, environment="production"
        )
        token = world.identity.issuer.token(who, stated)
        return said.model_copy(update={"proof": token})

    claimed = waiver_of("ana").model_copy(update={"by": "ana", "proof": None})
    for waiver in (claimed, waiver_of("ana", gate="sbom"), waiver_of("eve")):
        with pytest.raises(WorkflowUpdateFailedError):
            await started.handle.execute_update(ReleaseWorkflow.waive, waiver)
    for who in ("ana", "ben"):
        view = await started.handle.execute_update(ReleaseWorkflow.waive, waiver_of(who))

    assert (view.stands, view.by) == (True, ("ana", "ben"))


HUGE = "x" * 1_500_000
"""What a message may hold, and what is too much once another one is carried with it."""


@pytest.mark.parametrize("claimed", [{"voter": HUGE}, {"note": HUGE}, {"proof": HUGE}])
async def test_words_that_are_too_long_to_carry_do_not_end_the_release(gated, world, claimed):
    started = await gated()
    digest = (await started.status()).decision_digest

    for _ in range(2):
        await started.handle.signal(ReleaseWorkflow.approve, Vote(digest=digest, **claimed))
    await started.handle.signal(ReleaseWorkflow.hold, Command(by=HUGE, reason=HUGE[:100_000]))
    await started.handle.signal(ReleaseWorkflow.resume)
    await cast(started, await vote_of(started, world, "ana"))

    assert (await started.result()).phase == Phase.HEALTHY
    assert len(refusals(world, started)) == 2
