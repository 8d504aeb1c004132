"""A stage waits at all of its gates at once: evidence, people, time, and whoever waives one."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.builders import a_catalog, a_release, a_runbook, an_order, build_of
from workflows.domain.admission.admission import admit
from workflows.domain.errors import Refused
from workflows.domain.gates.gates import GateRuling, waiver_rule
from workflows.domain.gates.vote import Vote
from workflows.domain.gates.waiver import Waiver
from workflows.domain.readiness.reviews import Review
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import GateWord
from workflows.domain.spec.policy import PersonSpec
from workflows.domain.values import Target
from workflows.ports.reviews import RecordReview
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
PEOPLE = {name: PersonSpec(roles=("sre",)) for name in ("ana", "ben", "carl")}
HOUR = timedelta(hours=1)


@pytest.fixture
def v1(world):
    world.serve(CHECKOUT, "v1")


def ruling(gate="tests", *, met=False, **more):
    reason = "" if met else f"no {gate} yet"
    return GateRuling(environment="production", gate=gate, met=met, **{"reason": reason} | more)


def policy(*gates, approvals=True, expire_after="1h"):
    """A catalog whose production is guarded on the terms of *gates*, by people only if asked."""
    catalog = a_catalog(gated=True, expire_after=expire_after)
    guarded = catalog["policies"]["guarded"]
    if not approvals:
        guarded["approvals"].pop("require")
        guarded["decisionMatrix"] = {"inputs": ["risk"], "rules": [{"require": []}]}
    guarded["gates"] = list(gates)
    return an_order(a_release(), catalog)


async def vote(started, voter="ana"):
    digest = (await started.status()).decision_digest
    return await started.handle.execute_update(
        ReleaseWorkflow.vote, Vote(voter=voter, digest=digest)
    )


async def waive(started, by, **changes):
    digest = (await started.status()).decision_digest
    fields = {"gate": "tests", "digest": digest, "reason": "flaky", "lasts": HOUR}
    return await started.handle.execute_update(
        ReleaseWorkflow.waive, Waiver(by=by, **fields | changes)
    )


def says(gate, word):
    return lambda status: any(g.gate == gate and g.word is word for g in status.gates)


def recorded(world, started, action):
    return [e for e in world.recorded(started.handle.id) if e.action == action]


async def test_a_gate_opens_when_evidence_arrives(start, world, v1):
    world.decisions.gates["tests"] = ruling()
    started = await start(policy(approvals=False))

    status = await started.until_phase(Phase.AWAITING_EVIDENCE)
    (blocker,) = status.blocked_by
    assert (blocker.gate, blocker.reason) == ("tests of production", "no tests yet")
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}

    world.decisions.gates["tests"] = ruling(met=True)
    await started.handle.signal(ReleaseWorkflow.evidence_arrived)
    assert (await started.result()).phase == Phase.HEALTHY


async def test_evidence_and_people_are_waited_for_at_once(start, world, v1):
    """The longest wait counts, not the sum: nobody waits for tests before they may approve."""
    world.decisions.gates["tests"] = ruling()
    world.decisions.gates["sbom"] = ruling("sbom")
    started = await start(policy())

    status = await started.until(lambda s: len(s.blocked_by) == 3)
    assert [b.gate for b in status.blocked_by] == [
        "approval of production",
        "tests of production",
        "sbom of production",
    ]
    since = {gate.since for gate in status.gates}
    assert max(since) - min(since) < timedelta(milliseconds=1)

    await vote(started)
    status = await started.until(says("approval", GateWord.OPEN))
    assert [b.gate for b in status.blocked_by] == ["tests of production", "sbom of production"]
    assert status.phase == Phase.AWAITING_EVIDENCE


async def test_votes_are_void_once_what_they_were_about_has_changed(start, world, v1):
    world.decisions.gates["tests"] = ruling(met=True, evidence=("sha256:old",))
    world.decisions.gates["sbom"] = ruling("sbom")
    started = await start(policy())
    await started.until_phase(Phase.AWAITING_APPROVAL)
    await vote(started)
    before = await started.until(says("approval", GateWord.OPEN))

    world.decisions.gates["tests"] = ruling(met=True, evidence=("sha256:new",))
    world.decisions.gates["sbom"] = ruling("sbom", met=True)
    await started.handle.signal(ReleaseWorkflow.evidence_arrived)

    status = await started.until(
        lambda s: s.decision_digest != before.decision_digest and s.blocked_by
    )
    assert status.votes == ()
    assert "tests of production: holds, by sha256:new; before: held" in status.blocked_by[0].reason
    stale = Vote(voter="ana", digest=before.decision_digest)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await started.handle.execute_update(ReleaseWorkflow.vote, stale)
    assert "look at the plan again" in str(refused.value.cause)
    await vote(started, "ben")
    assert (await started.result()).phase == Phase.HEALTHY
    (voided,) = recorded(world, started, "approvals_voided")
    assert "ana" in voided.sentence
    assert "sha256:new" in voided.detail


async def test_what_changed_unseen_is_found_right_before_the_promotion(start, world, v1):
    """No message came: it is the last look that finds it, and asks again."""
    world.decisions.gates["tests"] = ruling(met=True, evidence=("sha256:old",))
    started = await start(policy())
    before = await started.until_phase(Phase.AWAITING_APPROVAL)
    world.decisions.gates["tests"] = ruling(met=True, evidence=("sha256:new",))

    await vote(started)

    status = await started.until(lambda s: s.decision_digest != before.decision_digest)
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}
    assert status.phase == Phase.AWAITING_APPROVAL
    await vote(started)
    assert (await started.result()).phase == Phase.HEALTHY


async def test_an_advisory_gate_informs_and_keeps_nobody_waiting(start, world, v1):
    world.decisions.gates["tests"] = ruling()
    started = await start(policy({"name": "tests", "advisory": True}, approvals=False))

    assert (await started.result()).phase == Phase.HEALTHY

    (gate,) = [g for g in (await started.status()).gates if g.gate == "tests"]
    assert (gate.word, gate.reason) == (GateWord.ADVISED, "no tests yet")
    (entry,) = recorded(world, started, "gate")[-1:]
    assert (entry.outcome, entry.detail) == ("advised", "no tests yet")


async def test_a_gate_that_stays_closed_for_too_long_denies_the_release(start, world, v1):
    world.decisions.gates["tests"] = ruling()

    started = await start(policy({"name": "tests", "timeout": "50ms"}, approvals=False))

    outcome = await started.result()
    assert outcome.phase == Phase.DENIED
    assert outcome.reason == "tests of production: expired: no tests yet"
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_gate_has_to_hold_for_a_while_without_a_break(start, world, v1):
    world.decisions.gates["tests"] = ruling(met=True)
    started = await start(policy({"name": "tests", "stableFor": "1h"}, approvals=False))
    status = await started.until(says("tests", GateWord.SETTLING))
    first = status.blocked_by[0].clears_at
    assert status.blocked_by[0].reason == "it holds, and has to go on holding for a while"

    world.decisions.gates["tests"] = ruling()
    await started.handle.signal(ReleaseWorkflow.evidence_arrived)
    await started.until(says("tests", GateWord.CLOSED))
    world.decisions.gates["tests"] = ruling(met=True)
    await started.handle.signal(ReleaseWorkflow.evidence_arrived)

    status = await started.until(says("tests", GateWord.SETTLING))
    assert status.blocked_by[0].clears_at > first


async def test_a_gate_that_has_held_for_long_enough_lets_the_release_go(start, world, v1):
    world.decisions.gates["tests"] = ruling(met=True)
    started = await start(policy({"name": "tests", "stableFor": "100ms"}, approvals=False))

    assert (await started.result()).phase == Phase.HEALTHY

    status = await started.status()
    begun = min(t.started_at for t in status.targets if t.started_at)
    assert begun - status.started_at >= timedelta(milliseconds=100)


WAIVABLE = {"name": "tests", "waiver": {"roles": ["sre"], "atMost": "2h"}}


class TestWaiver:
    """Two people together may let a release past a gate."""

    @pytest.fixture
    async def waiting(self, start, world, v1):
        world.decisions.gates["tests"] = ruling()
        started = await start(policy(WAIVABLE, approvals=False))
        await started.until_phase(Phase.AWAITING_EVIDENCE)
        return started

    async def test_one_person_is_not_enough_and_two_are(self, waiting, world):
        first = await waive(waiting, "ana")
        assert (first.stands, first.missing) == (False, 1)
        await waive(waiting, "ana")
        status = await waiting.status()
        assert status.blocked_by[0].reason == "no tests yet; 1 of 2 have waived it: ana"

        second = await waive(waiting, "ben")

        assert (second.stands, second.by) == (True, ("ana", "ben"))
        assert (await waiting.result()).phase == Phase.HEALTHY
        (gate,) = [g for g in (await waiting.status()).gates if g.gate == "tests"]
        assert (gate.word, gate.waived_by) == (GateWord.WAIVED, ("ana", "ben"))
        words = [(e.actor, e.outcome) for e in recorded(world, waiting, "waiver")]
        assert words == [("ana", "counted"), ("ana", "counted"), ("ben", "waived")]

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"by": "carl"}, "carl asked for this release"),
            ({"by": "eve"}, "eve may not waive tests"),
            ({"by": "ana", "gate": "sbom"}, "there is no gate 'sbom' here"),
            ({"by": "ana", "gate": "approval"}, "holds: there is nothing to waive"),
            ({"by": "ana", "reason": ""}, "needs a reason"),
            ({"by": "ana", "lasts": 3 * HOUR}, "lasts at most"),
            ({"by": "ana", "digest": build_of("some", "other")}, "look at what has changed"),
            ({"by": "ana", "environment": "staging"}, "the waiver is about staging"),
        ],
    )
    async def test_a_waiver_that_cannot_count_is_refused_with_its_reason(
        self, waiting, changes, why
    ):
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await waive(waiting, **changes)

        assert why in str(refused.value.cause)

    async def test_a_waiver_does_not_cover_what_came_later(self, waiting, world):
        await waive(waiting, "ana")
        world.decisions.gates["tests"] = ruling(reason="3 tests failed")
        await waiting.handle.signal(ReleaseWorkflow.evidence_arrived)
        await waiting.until(lambda s: s.blocked_by[0].reason == "3 tests failed")

        view = await waive(waiting, "ben")

        assert (view.stands, view.by) == (False, ("ben",))

    async def test_a_waiver_is_for_the_evidence_that_was_looked_at(self, waiting, world):
        world.decisions.gates["tests"] = ruling(evidence=(build_of("report", "1"),))
        await waiting.handle.signal(ReleaseWorkflow.evidence_arrived)
        await waiting.until(lambda s: s.blocked_by[0].evidence == (build_of("report", "1"),))
        await waive(waiting, "ana")
        world.decisions.gates["tests"] = ruling(evidence=(build_of("report", "2"),))
        await waiting.handle.signal(ReleaseWorkflow.evidence_arrived)
        await waiting.until(lambda s: s.blocked_by[0].evidence == (build_of("report", "2"),))

        view = await waive(waiting, "ben")

        assert (view.stands, view.by) == (False, ("ben",))

    async def test_a_waiver_that_is_over_closes_the_gate_again(self, start, world, v1):
        """Another gate outlasts it, and the stage is not entered on a waiver of yesterday."""
        world.decisions.gates["tests"] = ruling()
        world.decisions.gates["sbom"] = ruling("sbom")
        started = await start(policy(WAIVABLE, approvals=False))
        await started.until_phase(Phase.AWAITING_EVIDENCE)
        for by in ("ana", "ben"):
            await waive(started, by, lasts=timedelta(milliseconds=300))
        await started.until(says("tests", GateWord.WAIVED))

        await started.until(says("tests", GateWord.CLOSED))

    async def test_the_ruling_may_say_who_waives_where_the_policy_does_not(self, start, world, v1):
        world.decisions.gates["tests"] = ruling(waiver=waiver_rule(["sre"], PEOPLE))
        started = await start(policy(approvals=False))
        await started.until_phase(Phase.AWAITING_EVIDENCE)
        for by in ("ana", "ben"):
            await waive(started, by)

        assert (await started.result()).phase == Phase.HEALTHY

    async def test_a_gate_for_which_nobody_is_named_cannot_be_waived(self, start, world, v1):
        world.decisions.gates["tests"] = ruling()
        started = await start(policy(approvals=False))
        await started.until_phase(Phase.AWAITING_EVIDENCE)

        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await waive(started, "ana")

        assert "its policy names nobody" in str(refused.value.cause)


async def test_approval_opens_only_after_what_comes_before_it(start, world, v1):
    world.decisions.gates["runbook"] = ruling("runbook", before_approval=True)
    started = await start(policy())
    status = await started.until(lambda s: len(s.blocked_by) == 2)
    assert status.blocked_by[0].reason == "opens after runbook of production"
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await vote(started)
    assert "no gate is open" in str(refused.value.cause)

    world.decisions.gates["runbook"] = ruling("runbook", met=True, before_approval=True)
    await started.handle.signal(ReleaseWorkflow.evidence_arrived)
    await started.until(says("runbook", GateWord.OPEN))

    await vote(started)
    assert (await started.result()).phase == Phase.HEALTHY


async def test_a_wait_goes_to_the_next_when_nobody_acts(start, world, v1):
    world.decisions.gates["tests"] = ruling()
    gate = {
        "name": "tests",
        "owner": "qa",
        "escalateTo": [
            {"role": "sre", "after": "1s"},
            {"person": "eve", "after": "2h"},
        ],
    }
    started = await start(policy(gate, approvals=False))
    status = await started.until_phase(Phase.AWAITING_EVIDENCE)
    assert (status.blocked_by[0].owner, status.blocked_by[0].escalates_to) == (
        "qa",
        "sre (ana, ben)",
    )

    status = await started.until(lambda s: s.blocked_by[0].owner != "qa")

    assert status.blocked_by[0].owner == "sre (ana, ben)"
    assert status.blocked_by[0].escalates_to == "eve"
    await started.until(lambda _: recorded(world, started, "escalation"))
    (told,) = recorded(world, started, "escalation")
    assert (told.outcome, told.sentence) == (
        "escalated",
        "tests of production: escalate to sre (ana, ben)",
    )


async def test_a_release_that_cannot_be_ruled_on_anew_waits_and_says_so(start, world, v1):
    """Unknown is neither good nor bad: it is neither promoted nor turned back."""
    started = await start(policy())
    await started.until_phase(Phase.AWAITING_APPROVAL)
    world.decisions.lacking = "who is on call cannot be read"

    await vote(started)

    status = await started.until(lambda s: s.blocked_by and "ruling" in s.blocked_by[0].gate)
    assert "who is on call cannot be read" in status.blocked_by[0].reason
    assert status.blocked_by[0].clears_at is not None
    world.decisions.lacking = ""
    await started.handle.signal(ReleaseWorkflow.evidence_arrived)
    assert (await started.result()).phase == Phase.HEALTHY


async def test_rules_that_deny_a_release_later_on_end_it(start, world, v1):
    started = await start(policy())
    await started.until_phase(Phase.AWAITING_APPROVAL)
    world.decisions.denied = "not on this day"

    await vote(started)

    outcome = await started.result()
    assert outcome.phase == Phase.DENIED
    assert "not on this day" in outcome.reason
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_stage_that_nobody_guards_is_entered_without_another_ruling(start, world, v1):
    await (await start()).result()

    assert len(world.decisions.asks) == 1


async def test_what_each_gate_took_and_how_it_ended_is_kept(start, world, v1):
    """The gates of a stage take as long as the slowest of them, and each only its own time."""
    world.decisions.gates["tests"] = ruling()
    world.decisions.gates["sbom"] = ruling("sbom", met=True)
    started = await start(policy(WAIVABLE))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    await vote(started)
    await started.until(says("approval", GateWord.OPEN))
    for by in ("ana", "ben"):
        await waive(started, by)
    await started.result()

    waits = {wait.gate: wait for wait in world.gates.waits.values()}

    outcomes = {name: wait.outcome.value for name, wait in waits.items()}
    assert outcomes == {
        "approval": "opened",
        "tests": "waived",
        "sbom": "opened",
        "window": "opened",
    }
    assert waits["sbom"].seconds == 0
    assert waits["approval"].seconds < waits["tests"].seconds
    lasted = waits["tests"].closed_at - waits["tests"].opened_at
    assert waits["tests"].seconds <= lasted.total_seconds()
    summed = sum(wait.seconds for wait in waits.values())
    assert lasted.total_seconds() < summed + 1
    assert waits["tests"].builds == {"checkout": build_of("checkout", "v2")}


async def test_a_rejection_is_kept_as_what_it_was(start, world, v1):
    world.decisions.gates["tests"] = ruling()
    started = await start(policy())
    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    said = Vote(voter="ana", digest=status.decision_digest)
    await started.handle.signal(ReleaseWorkflow.reject, said)
    await started.result()

    outcomes = {wait.gate: wait.outcome.value for wait in world.gates.waits.values()}
    assert outcomes == {"approval": "rejected", "tests": "abandoned", "window": "opened"}


async def test_figures_that_cannot_be_kept_do_not_hold_a_release_up(start, world, v1):
    world.gates.failures.append(Refused("the table is gone"))
    started = await start(policy())
    await started.until_phase(Phase.AWAITING_APPROVAL)

    await vote(started)

    assert (await started.result()).phase == Phase.HEALTHY
    (entry,) = recorded(world, started, "record_gate_waits")
    assert entry.outcome == "Refused"


async def test_a_matrix_is_published_when_a_release_first_goes_by_it(start, world, v1):
    for _ in range(2):
        await (await start(policy(approvals=False))).result()
        world.serve(CHECKOUT, "v1")

    (entry,) = [link.entry for link in world.audit.links["matrix"]]
    assert (entry.action, entry.outcome) == ("publish_matrix", "published")


async def test_gates_that_take_time_take_it_at_once(start, world, v1):
    """Added latency is the longest wait of a stage, not the sum of its waits."""
    for name in ("tests", "sbom", "coverage"):
        world.decisions.gates[name] = ruling(name, met=True)
    gates = [{"name": name, "stableFor": "2s"} for name in world.decisions.gates]

    await (await start(policy(*gates, approvals=False))).result()

    waits = [wait for wait in world.gates.waits.values() if wait.gate != "window"]
    assert len(waits) == 3
    assert all(wait.seconds >= 2 for wait in waits)
    lasted = max(w.closed_at for w in waits) - min(w.opened_at for w in waits)
    assert lasted.total_seconds() < 4 < sum(wait.seconds for wait in waits)


async def test_a_gate_may_be_ruled_on_at_an_interval(start, world, v1):
    """Nobody says that the review is there; the gate looks by itself."""
    release = a_release()
    release["spec"]["rollback"] = {"runbookRef": "take-back"}
    gate = {"name": "runbook", "every": "50ms"}
    catalog = a_catalog(gated=True, runbooks={"take-back": a_runbook()}, policy={"gates": [gate]})
    started = await start(an_order(release, catalog))
    status = await started.until(lambda s: len(s.blocked_by) == 2)
    digest = admit(started.order).runbooks[0].digest
    review = Review(
        runbook="take-back", digest=digest, reviewer="ben", approved=True, at=status.started_at
    )

    world.reviews.record_review(RecordReview(review=review, author="ana"))

    await started.until(says("runbook", GateWord.OPEN))
