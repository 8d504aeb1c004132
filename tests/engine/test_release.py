"""The story of one release, told by its ends: kept, refused, turned back, stuck, repaired."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.builders import CANARY, a_catalog, a_release, a_service, an_order, analysis, build_of
from workflows.domain.gates.vote import Vote
from workflows.domain.release.commands import Alert, Command
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Progress
from workflows.domain.values import Target
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
PAYMENTS = Target(service="payments", environment="production")
LONG = (*CANARY[:2], analysis("8h"), *CANARY[3:])


@pytest.fixture
def v1(world):
    """Version 1 of every service serves production and staging."""
    for service in ("checkout", "payments", "inventory"):
        for environment in ("staging", "production"):
            world.serve(Target(service=service, environment=environment), "v1")


async def test_a_healthy_release_ends_on_the_new_version_alone(start, world, v1):
    outcome = await (await start()).result()

    assert outcome.phase == Phase.HEALTHY
    assert world.route(CHECKOUT).stable == build_of("checkout", "v2")
    assert world.route(CHECKOUT).whole
    assert world.running(CHECKOUT) == {build_of("checkout", "v2")}


async def test_the_first_version_of_a_service_takes_all_traffic_at_once(start, world):
    outcome = await (await start()).result()

    assert outcome.phase == Phase.HEALTHY
    assert world.route(CHECKOUT).stable == build_of("checkout", "v2")


async def test_a_target_that_serves_the_build_already_is_left_alone(start, world, v1):
    world.serve(CHECKOUT, "v2")

    started = await start()
    await started.result()

    (view,) = (await started.status()).targets
    assert view.progress == Progress.UNCHANGED


async def test_a_failing_canary_goes_back_to_the_old_version(start, world, v1):
    world.metrics.error_ratio[CHECKOUT] = 0.4

    outcome = await (await start()).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "error-rate" in outcome.reason
    assert world.route(CHECKOUT).stable == build_of("checkout", "v1")
    assert world.route(CHECKOUT).whole
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_when_a_later_service_fails_the_earlier_ones_go_back_in_reverse_order(
    start, world, v1
):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    release = a_release(a_service("checkout", after=("payments",)), a_service("payments"))

    outcome = await (await start(an_order(release))).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert world.route(PAYMENTS).stable == build_of("payments", "v1")
    assert [undone.undo.subject for undone in outcome.undone] == [
        *["checkout@production"] * 3,
        *["payments@production"] * 3,
        "recovery of payments@production",
        "recovery of checkout@production",
    ]


async def test_what_cannot_be_undone_stays_open_until_it_is_retried(start, world, v1):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    world.traffic.stuck.add(CHECKOUT)
    started = await start()

    status = await started.until_phase(Phase.ROLLBACK_INCOMPLETE)
    failures = [undone.failure for undone in status.rollback.differences]
    assert failures[0].startswith("Refused")
    assert failures[1].startswith("not tried")
    assert world.running(CHECKOUT) >= {build_of("checkout", "v2")}

    world.traffic.stuck.clear()
    await started.handle.signal(ReleaseWorkflow.retry, Command(by="ana"))
    outcome = await started.result()
    assert outcome.phase == Phase.ROLLED_BACK
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_person_may_confirm_that_the_rest_is_repaired(start, world, v1):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    world.traffic.stuck.add(CHECKOUT)
    started = await start()
    await started.until_phase(Phase.ROLLBACK_INCOMPLETE)

    await started.handle.signal("confirmRepaired", Command(by="ana", reason="by hand"))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert any(undone.failure for undone in outcome.undone)
    assert ("confirmRepaired", "ana") in [
        (entry.action, entry.actor) for entry in world.recorded(started.handle.id)
    ]


async def test_abort_in_the_middle_of_a_canary_puts_everything_back(start, world, v1):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda s: s.targets != () and s.exposure.weight_asked == 10)

    await started.handle.signal(ReleaseWorkflow.abort, Command(by="ana", reason="wrong build"))
    outcome = await started.result()

    assert outcome.phase == Phase.CANCELLED
    assert "wrong build" in outcome.reason
    assert world.route(CHECKOUT).stable == build_of("checkout", "v1")
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_cancel_from_the_temporal_ui_takes_the_same_path(start, world, v1):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda s: s.exposure.weight_asked == 10)

    await started.handle.cancel()
    outcome = await started.result()

    assert outcome.phase == Phase.CANCELLED
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_firing_alert_turns_the_release_back(start, world, v1):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda s: s.exposure.weight_asked == 10)

    await started.handle.signal(ReleaseWorkflow.alert, Alert(name="ErrorsHigh"))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "ErrorsHigh" in outcome.reason


async def test_a_held_release_watches_on_but_does_not_advance(start, world, v1):
    started = await start(an_order(catalog=a_catalog(steps=LONG[:2] + CANARY[2:])))
    await started.handle.signal(ReleaseWorkflow.hold, Command(by="ana", reason="lunch"))

    status = await started.until_phase(Phase.HOLDING)
    assert "lunch" in status.blocked_by[0].reason

    await started.handle.signal(ReleaseWorkflow.resume, Command(by="ana"))
    assert (await started.result()).phase == Phase.HEALTHY


async def test_a_hold_goes_before_a_verdict_that_cannot_conclude(start, world, v1):
    """A person asked for time; only proof of harm turns a held release back."""
    world.metrics.silent.add(CHECKOUT)
    world.metrics.still = True
    started = await start(an_order(catalog=a_catalog(actions={"noData": "rollback"})))
    await started.until(lambda s: s.exposure.weight_asked == 10)
    await started.handle.signal(ReleaseWorkflow.hold, Command(by="ana", reason="looking"))
    await started.until_phase(Phase.HOLDING)

    world.metrics.still = False
    asked = len(world.metrics.asks)
    status = await started.until(lambda _: len(world.metrics.asks) > asked + 2)
    assert status.phase == Phase.HOLDING

    world.metrics.silent.clear()
    world.metrics.error_ratio[CHECKOUT] = 0.4
    assert "error-rate" in (await started.result()).reason


async def test_a_hold_keeps_the_old_versions_until_it_ends(start, world):
    """The first version of a service has no ladder to be held on: the release itself waits."""
    started = await start(an_order(catalog=a_catalog(gated=True)))
    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    await started.handle.signal(ReleaseWorkflow.hold, Command(by="ana", reason="not yet"))
    vote = Vote(voter="ana", digest=status.decision_digest)
    await started.handle.execute_update(ReleaseWorkflow.vote, vote)

    held = await started.until_phase(Phase.HOLDING)
    assert "not yet" in held.blocked_by[0].reason
    await started.handle.signal(ReleaseWorkflow.resume, Command(by="ana"))
    assert (await started.result()).phase == Phase.HEALTHY


async def test_no_data_holds_and_never_promotes_by_itself(start, world, v1):
    world.metrics.silent.add(CHECKOUT)
    started = await start(an_order(catalog=a_catalog(hold_for="1h")))

    status = await started.until_phase(Phase.HOLDING)
    assert status.exposure.weight_asked == 10
    assert status.blocked_by[0].gate == "analysis"
    assert status.blocked_by[0].clears_at is not None

    world.metrics.silent.clear()
    assert (await started.result()).phase == Phase.HEALTHY


async def test_a_hold_that_lasts_too_long_turns_back(start, world, v1):
    world.metrics.down = True

    outcome = await (await start(an_order(catalog=a_catalog(hold_for="50ms")))).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "providerError" in outcome.reason


async def test_a_person_may_promote_past_an_analysis_that_cannot_conclude(start, world, v1):
    world.metrics.silent.add(CHECKOUT)
    started = await start(an_order(catalog=a_catalog(hold_for="1h")))
    await started.until_phase(Phase.HOLDING)

    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana", reason="night, quiet"))
    await started.until(lambda s: s.exposure.weight_asked == 50 and s.phase == Phase.HOLDING)
    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana", reason="still quiet"))

    assert (await started.result()).phase == Phase.HEALTHY
    overrides = [e for e in world.recorded(started.handle.id) if e.action == "override"]
    assert [entry.actor for entry in overrides] == ["ana", "ana"]


async def test_refused_documents_end_as_denied_before_anything_is_touched(start, world, v1):
    release = a_release(a_service("checkout"), environments=("nowhere",))

    outcome = await (await start(an_order(release))).result()

    assert outcome.phase == Phase.DENIED
    assert "nowhere" in outcome.reason
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_target_that_another_release_moves_is_refused(start, world, v1):
    world.canary(CHECKOUT, "v9", percent=5, release="release/other")

    outcome = await (await start()).result()

    assert outcome.phase == Phase.DENIED
    assert "release/other" in outcome.reason
    assert world.route(CHECKOUT).canary == build_of("checkout", "v9")


class TestGate:
    """Production waits for those whom its policy asks."""

    @pytest.fixture
    async def waiting(self, start, v1):
        started = await start(an_order(catalog=a_catalog(gated=True)))
        await started.until_phase(Phase.AWAITING_APPROVAL)
        return started

    async def vote(self, started, voter: str, *, approved: bool = True, digest: str = ""):
        status = await started.status()
        return Vote(voter=voter, approved=approved, digest=digest or status.decision_digest)

    async def test_an_approval_opens_it(self, waiting, world):
        view = await waiting.handle.execute_update(
            ReleaseWorkflow.vote, await self.vote(waiting, "ana")
        )

        assert view.decision == "approved"
        assert (await waiting.result()).phase == Phase.HEALTHY

    async def test_an_approval_by_signal_counts_as_well(self, waiting):
        await waiting.handle.signal(ReleaseWorkflow.approve, await self.vote(waiting, "ben"))

        assert (await waiting.result()).phase == Phase.HEALTHY

    async def test_a_rejection_ends_the_release(self, waiting, world):
        await waiting.handle.signal(ReleaseWorkflow.reject, await self.vote(waiting, "ana"))

        outcome = await waiting.result()
        assert (outcome.phase, outcome.reason) == (Phase.DENIED, "gate of production: rejected")
        assert world.running(CHECKOUT) == {build_of("checkout", "v1")}

    @pytest.mark.parametrize(
        ("voter", "digest", "why"),
        [
            ("carl", "", "cannot decide on it"),
            ("eve", "", "none of the roles"),
            ("ana", build_of("some", "other"), "look at the plan again"),
        ],
    )
    async def test_a_vote_that_cannot_count_is_refused_with_its_reason(
        self, waiting, voter, digest, why
    ):
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await waiting.handle.execute_update(
                ReleaseWorkflow.vote, await self.vote(waiting, voter, digest=digest)
            )

        assert why in str(refused.value.cause)
        assert (await waiting.status()).phase == Phase.AWAITING_APPROVAL

    async def test_an_unanswered_gate_expires(self, start, v1):
        order = an_order(catalog=a_catalog(gated=True, expire_after="50ms"))

        outcome = await (await start(order)).result()

        assert (outcome.phase, outcome.reason) == (Phase.DENIED, "gate of production: expired")

    async def test_a_rejection_in_production_takes_staging_back_too(self, start, world, v1):
        release = a_release(environments=("staging", "production"))
        started = await start(an_order(release, a_catalog(gated=True)))
        await started.until_phase(Phase.AWAITING_APPROVAL)

        await started.handle.signal(ReleaseWorkflow.reject, await self.vote(started, "ana"))
        await started.result()

        staging = Target(service="checkout", environment="staging")
        assert world.running(staging) == {build_of("checkout", "v1")}


async def test_the_record_holds_every_action_and_decision_in_an_unbroken_chain(start, world, v1):
    started = await start(an_order(catalog=a_catalog(gated=True)))
    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    vote = Vote(voter="ana", digest=status.decision_digest)
    await started.handle.execute_update(ReleaseWorkflow.vote, vote)
    await started.result()

    actions = [entry.action for entry in world.recorded(started.handle.id)]
    assert actions[0] == "admit_release"
    assert actions[-1] == "end"
    done = {"promote_artifact", "install_version", "shift_traffic", "watch_canary"}
    kept = {"verify_running", "check_data", "remove_version", "revoke_leases"}
    assert {"vote", "gate", *done, *kept} <= set(actions)
    assert world.chain_break(started.handle.id) is None


async def test_no_lease_outlives_a_release_on_either_path(start, world, v1):
    kept = await start()
    await kept.result()
    world.metrics.error_ratio[CHECKOUT] = 0.4
    world.serve(CHECKOUT, "v1")
    turned = await start()
    await turned.result()

    assert world.secrets.revocations[kept.handle.id] == 1
    assert world.secrets.revocations[turned.handle.id] == 1


async def test_a_pause_waits_as_long_as_the_strategy_says(start, world, v1):
    steps = (*CANARY[:2], {"pause": {"duration": "20ms"}}, *CANARY[3:])

    started = await start(an_order(catalog=a_catalog(steps=steps)))

    assert (await started.result()).phase == Phase.HEALTHY
    status = await started.status()
    assert status.ended_at - status.started_at >= timedelta(milliseconds=20)


async def test_a_pause_without_an_end_waits_until_somebody_promotes(start, world, v1):
    steps = (*CANARY[:2], {"pause": {}}, *CANARY[3:])
    started = await start(an_order(catalog=a_catalog(steps=steps)))

    status = await started.until_phase(Phase.HOLDING)
    assert status.blocked_by[0].gate == "pause"
    assert status.exposure.weight_asked == 10
    assert "lockgate promote" in status.blocked_by[0].can_be_cleared_by[0]

    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana", reason="it looks well"))

    assert (await started.result()).phase == Phase.HEALTHY
