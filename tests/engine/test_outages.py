"""What a release does while something it needs does not answer, or not in time."""

import asyncio
import threading
from datetime import UTC, datetime

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError

from tests.builders import CANARY, a_catalog, a_release, an_order, analysis, build_of
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.gates.vote import Vote
from workflows.domain.names import promotion_id
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.ports.traffic import ShiftTraffic
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
STAGING = Target(service="checkout", environment="staging")
LONG = (*CANARY[:2], analysis("8h"), *CANARY[3:])
_CANCELLED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
ANA = Command(by="ana", reason="enough")


class Outage(list):
    """Failures without end, until it is `over`."""

    over = False

    def __bool__(self):
        return not self.over

    def pop(self, _):
        return Unavailable("the ledger is down")


class Slow(list):
    """Whoever appends one of *kind* to it waits until `may_go` is set."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.waiting = threading.Event()
        self.may_go = threading.Event()

    def append(self, item):
        super().append(item)
        if isinstance(item, self.kind):
            self.waiting.set()
            assert self.may_go.wait(timeout=20)


@pytest.fixture
def v1(world):
    world.serve(CHECKOUT, "v1")
    world.serve(STAGING, "v1")


async def test_a_release_goes_back_while_the_ledger_is_down(start, world, v1):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda status: status.exposure.weight_asked == 10)
    outage = world.audit.failures = Outage()

    await started.handle.signal(ReleaseWorkflow.rollback, ANA)
    await started.until(lambda _: world.running(CHECKOUT) == {build_of("checkout", "v1")})

    assert world.route(CHECKOUT).stable == build_of("checkout", "v1")
    assert world.route(CHECKOUT).whole
    outage.over = True
    assert (await started.result()).phase == Phase.ROLLED_BACK


async def test_what_happened_while_the_ledger_was_down_is_recorded_afterwards(start, world, v1):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda status: status.exposure.weight_asked == 10)
    outage = world.audit.failures = Outage()
    began = datetime.now(UTC)

    await started.handle.signal(ReleaseWorkflow.rollback, ANA)
    await started.until(lambda _: world.running(CHECKOUT) == {build_of("checkout", "v1")})
    outage.over = True
    await started.result()

    late = {e.action for e in world.recorded(started.handle.id) if e.at >= began}
    assert {"rollback", "turn_back", "withdraw_version", "end"} <= late
    assert world.chain_break(started.handle.id) is None


async def test_a_rollback_can_be_retried_while_the_ledger_is_down(start, world, v1):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda status: status.exposure.weight_asked == 10)
    outage = world.audit.failures = Outage()
    world.traffic.stuck.add(CHECKOUT)

    await started.handle.signal(ReleaseWorkflow.rollback, ANA)
    await started.until_phase(Phase.ROLLBACK_INCOMPLETE)
    world.traffic.stuck.clear()
    await started.handle.signal(ReleaseWorkflow.retry, ANA)
    await started.until(lambda _: world.running(CHECKOUT) == {build_of("checkout", "v1")})

    outage.over = True
    assert (await started.result()).phase == Phase.ROLLED_BACK


async def test_a_lease_that_cannot_be_revoked_is_left_over_and_turns_nothing_back(
    start, world, v1
):
    world.secrets.failures = [Refused("the vault knows no such prefix")]

    outcome = await (await start()).result()

    assert outcome.phase == Phase.HEALTHY
    assert [left for left in outcome.leftovers if "the vault knows no such prefix" in left]


async def test_a_release_may_be_started_again_under_its_name(start, client, queue, world, v1):
    """The second run's entries have keys of their own, at every story of it."""
    first = await start()
    await first.result()
    world.serve(CHECKOUT, "v1")

    again = await client.start_workflow(
        ReleaseWorkflow.run, first.order, id=first.handle.id, task_queue=queue
    )

    assert (await again.result()).phase == Phase.HEALTHY
    assert world.chain_break(first.handle.id) is None


async def test_a_vote_after_an_abort_does_not_open_the_gate_again(start, world, v1):
    release = a_release(environments=("staging", "production"))
    started = await start(an_order(release, a_catalog(gated=True)))
    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    world.traffic.stuck.add(STAGING)
    await started.handle.signal(ReleaseWorkflow.abort, ANA)
    await started.until_phase(Phase.ROLLBACK_INCOMPLETE)

    vote = Vote(voter="ana", approved=True, digest=status.decision_digest)
    await started.handle.signal(ReleaseWorkflow.approve, vote)
    with pytest.raises(WorkflowUpdateFailedError):
        await started.handle.execute_update(ReleaseWorkflow.vote, vote)

    assert (await started.status()).phase == Phase.ROLLBACK_INCOMPLETE
    world.traffic.stuck.clear()
    await started.handle.signal(ReleaseWorkflow.retry, ANA)
    assert (await started.result()).phase == Phase.CANCELLED


async def until_cancel_reaches(client, workflow_id):
    handle = client.get_workflow_handle(workflow_id)
    async with asyncio.timeout(20):
        while True:
            events = (await handle.fetch_history()).events
            if any(event.event_type == _CANCELLED for event in events):
                return
            await asyncio.sleep(0.02)


async def test_an_abort_is_not_lost_while_a_shift_is_under_way(start, client, world, v1):
    """The shift cannot be interrupted and succeeds; the release must not climb on after it."""
    shifts = world.traffic.asks = Slow(ShiftTraffic)
    started = await start()
    await started.until(lambda _: shifts.waiting.is_set())

    await started.handle.signal(ReleaseWorkflow.abort, ANA)
    await until_cancel_reaches(client, promotion_id(started.handle.id, CHECKOUT))
    shifts.may_go.set()
    outcome = await started.result()

    assert outcome.phase == Phase.CANCELLED
    assert len([ask for ask in shifts if isinstance(ask, ShiftTraffic)]) == 1
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}
