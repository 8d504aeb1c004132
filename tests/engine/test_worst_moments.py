"""Words and events that come in the worst form, or at the worst moment."""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from temporalio import workflow
from temporalio.worker import (
    Interceptor,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowOutboundInterceptor,
)

from activities.releases.activities import ReleasesActivities
from tests.builders import CANARY, a_catalog, a_release, an_order, analysis, build_of
from tests.engine.conftest import Started
from tests.polling import polling
from workflows.domain.errors import Diverged, ReleaseError, Unavailable
from workflows.domain.gates.vote import Vote
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.ports.base import activities_of
from workflows.promotion import PromotionWorkflow
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow

CHECKOUT = Target(service="checkout", environment="production")
STAGING = Target(service="checkout", environment="staging")
LONG = (*CANARY[:2], analysis("8h"), *CANARY[3:])
ANA = Command(by="ana", reason="lunch")


@pytest.fixture
def v1(world):
    world.serve(CHECKOUT, "v1")
    world.serve(STAGING, "v1")


async def approve(started):
    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    vote = Vote(voter="ana", digest=status.decision_digest)
    await started.handle.execute_update(ReleaseWorkflow.vote, vote)


async def test_a_signal_that_says_nothing_but_its_name_counts(start, world, v1):
    """Whoever sends `abort` from the Temporal UI in a hurry leaves the input empty."""
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda status: status.exposure.weight_asked == 10)

    await started.handle.signal("abort")

    assert (await started.result()).phase == Phase.CANCELLED
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_signal_that_is_only_a_sentence_is_its_reason(start, v1):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda status: status.exposure.weight_asked == 10)

    await started.handle.signal("abort", "wrong build")

    assert "wrong build" in (await started.result()).reason


async def test_an_approval_without_a_name_is_recorded_and_opens_nothing(start, world, v1):
    started = await start(an_order(catalog=a_catalog(gated=True)))
    await started.until_phase(Phase.AWAITING_APPROVAL)

    await started.handle.signal("approve")
    await approve(started)
    await started.result()

    refused = [e for e in world.recorded(started.handle.id) if e.outcome == "refused"]
    assert [entry.sentence for entry in refused] == ["vote of nobody"]


async def test_a_target_that_was_changed_while_a_gate_was_open_is_left_alone(start, world, v1):
    started = await start(an_order(catalog=a_catalog(gated=True)))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    world.serve(CHECKOUT, "v1-hotfix")

    await approve(started)
    outcome = await started.result()

    assert outcome.phase == Phase.DENIED
    assert "v1-hotfix" in outcome.reason
    assert world.route(CHECKOUT).stable == build_of("checkout", "v1-hotfix")


async def test_a_build_that_was_taken_away_while_a_gate_was_open_is_not_called_unchanged(
    start, world, v1
):
    world.serve(CHECKOUT, "v2")
    started = await start(an_order(catalog=a_catalog(gated=True)))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    world.serve(CHECKOUT, "v1")

    await approve(started)

    assert (await started.result()).phase == Phase.DENIED


async def test_an_old_version_that_serves_again_is_not_removed(start, world, v1):
    """While production waits for its approval, somebody takes staging back."""
    release = a_release(environments=("staging", "production"))
    started = await start(an_order(release, a_catalog(gated=True)))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    world.serve(STAGING, "v1")

    await approve(started)
    outcome = await started.result()

    assert outcome.phase == Phase.HEALTHY
    assert build_of("checkout", "v1") in world.running(STAGING)
    assert [left for left in outcome.leftovers if "serves again" in left]
    assert world.running(CHECKOUT) == {build_of("checkout", "v2")}


class RefusedAtTheEnd(list):
    """The ledger takes everything until the world is as it shall be."""

    def __init__(self, settled):
        super().__init__()
        self._settled = settled

    def __bool__(self):
        return self._settled()

    def pop(self, _):
        return Diverged("the chain was cut")


async def test_a_release_that_cannot_be_recorded_at_its_end_is_kept_all_the_same(start, world, v1):
    """Were it raised, the sweep would take a release that failed for one to be put back."""
    world.audit.failures = RefusedAtTheEnd(
        lambda: world.running(CHECKOUT) == {build_of("checkout", "v2")}
    )

    outcome = await (await start()).result()

    assert outcome.phase == Phase.HEALTHY
    assert [left for left in outcome.leftovers if "the chain was cut" in left]


async def test_a_rollback_that_cannot_be_recorded_is_not_begun_again(start, world, v1):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    world.audit.failures = RefusedAtTheEnd(
        lambda: (
            bool(world.metrics.asks) and world.running(CHECKOUT) == {build_of("checkout", "v1")}
        )
    )

    assert (await (await start()).result()).phase == Phase.ROLLED_BACK


class DownFrom(list):
    """The ledger does not answer once *begun* holds, until it is `over`."""

    over = False

    def __init__(self, begun):
        super().__init__()
        self._begun = begun

    def __bool__(self):
        return self._begun() and not self.over

    def pop(self, _):
        return Unavailable("the ledger is down")


async def test_a_canary_is_watched_while_the_ledger_is_down(start, world, v1):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    outage = world.audit.failures = DownFrom(lambda: world.route(CHECKOUT).percent == 10)
    started = await start()

    await started.until(lambda status: status.phase == Phase.ROLLING_BACK)
    await started.until(lambda _: world.running(CHECKOUT) == {build_of("checkout", "v1")})

    outage.over = True
    assert (await started.result()).phase == Phase.ROLLED_BACK


async def test_ending_a_hold_does_not_end_the_pause_after_it(start, world, v1):
    steps = (CANARY[1], {"pause": {}}, {"setWeight": 100})
    started = await start(an_order(catalog=a_catalog(steps=steps, gated=True)))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    await started.handle.signal(ReleaseWorkflow.hold, ANA)
    await approve(started)
    await started.until(lambda s: any(b.gate == "hold" for b in s.blocked_by))

    await started.handle.signal(ReleaseWorkflow.promote, ANA)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            await started.until(lambda s: s.exposure.weight_asked == 100)

    assert (await started.status()).blocked_by[0].gate == "pause"
    await started.handle.signal(ReleaseWorkflow.promote, ANA)
    assert (await started.result()).phase == Phase.HEALTHY


async def test_the_first_version_of_a_service_waits_while_the_release_is_held(start, world):
    started = await start(an_order(catalog=a_catalog(gated=True)))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    await started.handle.signal(ReleaseWorkflow.hold, ANA)
    await approve(started)

    await started.until_phase(Phase.HOLDING)

    assert world.route(CHECKOUT).stable is None
    await started.handle.signal(ReleaseWorkflow.resume, ANA)
    assert (await started.result()).phase == Phase.HEALTHY


async def test_a_pass_while_held_counts_as_soon_as_the_hold_ends(start, world, v1):
    """The watch goes on while somebody holds; what it has passed need not be watched again."""
    steps = (*CANARY[:2], {"pause": {}}, analysis(), {"setWeight": 100})
    started = await start(an_order(catalog=a_catalog(steps=steps)))
    await started.until_phase(Phase.HOLDING)
    world.metrics.still = True
    await started.handle.signal(ReleaseWorkflow.promote, ANA)
    await started.until(lambda status: status.targets[0].step == 4)
    await started.handle.signal(ReleaseWorkflow.hold, ANA)
    await started.until_phase(Phase.HOLDING)
    passed = len(world.metrics.asks)
    world.metrics.still = False
    await started.until(lambda _: len(world.metrics.asks) > passed)

    world.metrics.still = True
    await started.handle.signal(ReleaseWorkflow.resume, ANA)

    await started.until(lambda status: status.exposure.weight_asked == 100)
    world.metrics.still = False
    assert (await started.result()).phase == Phase.HEALTHY


class _HeldJustThen(WorkflowOutboundInterceptor):
    """A hold arrives when a promotion has been ordered and its release has no handle of it."""

    async def start_child_workflow(self, input):
        handle = await super().start_child_workflow(input)
        if input.workflow == "PromotionWorkflow":
            await workflow.instance().hold(ANA)
        return handle


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound):
        super().init(_HeldJustThen(outbound))


class HeldJustThen(Interceptor):
    def workflow_interceptor_class(self, input):
        return _Inbound


async def test_a_hold_is_not_lost_while_a_promotion_is_being_started(client, queue, world, v1):
    releases = ReleasesActivities(client, asyncio.get_running_loop())
    with ThreadPoolExecutor(8) as pool:
        worker = Worker(
            client,
            task_queue=queue,
            workflows=[ReleaseWorkflow, PromotionWorkflow, RollbackWorkflow],
            activities=[*world.activities(), *activities_of(releases)],
            activity_executor=pool,
            workflow_runner=UnsandboxedWorkflowRunner(),
            interceptors=[HeldJustThen()],
            workflow_failure_exception_types=[ReleaseError],
        )
        async with polling(worker):
            order = an_order()
            handle = await client.start_workflow(
                ReleaseWorkflow.run, order, id=f"release/{uuid.uuid4().hex}", task_queue=queue
            )
            started = Started(handle=handle, order=order)
            await started.until_phase(Phase.HOLDING)

            assert world.route(CHECKOUT).percent == 0
            await handle.terminate("the test is over")
