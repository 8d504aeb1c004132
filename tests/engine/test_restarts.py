"""Watches that lose their worker, their story or their place, and words that come too late."""

import threading
import uuid

import pytest

from tests.builders import CANARY, a_catalog, an_order, analysis, build_of
from tests.engine.conftest import Started, World, working
from tests.fakes.metrics import FakeMetrics
from workflows.domain.canary.harm import Served
from workflows.domain.canary.verdict import Verdict, Word
from workflows.domain.canary.watch import Watched, WatchState
from workflows.domain.names import WATCHED, promotion_id
from workflows.domain.release.commands import Alert, Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target
from workflows.ports.metrics import WatchCanary
from workflows.promotion import PromotionWorkflow
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
OLD = build_of("checkout", "v1")
ANA = Command(by="ana", reason="enough")
LONG = (*CANARY[:2], analysis("8h"), {"setWeight": 100})
ONE_STAGE = ({"setWeight": 10}, analysis("30m"), {"setWeight": 100})


class Deaf(FakeMetrics):
    """Its watches end only when the test does, whoever cancels them."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end = threading.Event()

    def watch_canary(self, ask: WatchCanary) -> Watched:
        self.asks.append(ask)
        self.may_end.wait(timeout=60)
        return Watched(verdict=Verdict(word=Word.NO_DATA, reason="nobody looked"))


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")


def watches(world) -> list[WatchCanary]:
    return [ask for ask in world.metrics.asks if isinstance(ask, WatchCanary)]


async def kept(client, release: str) -> WatchState | None:
    """What the watch of *release* has last told the server to keep for a successor."""
    promotion = client.get_workflow_handle(promotion_id(release, CHECKOUT))
    pending = (await promotion.describe()).raw_description.pending_activities
    for each in pending:
        if each.activity_type.name == "watch_canary" and each.heartbeat_details.payloads:
            (state,) = await client.data_converter.decode(
                each.heartbeat_details.payloads, [WatchState]
            )
            return state
    return None


@pytest.mark.parametrize("grace", [0, 5])
async def test_another_worker_goes_on_where_the_watch_of_one_that_stops_was(
    client, queue, world, grace
):
    world.metrics.looks_left = 10
    began = world.metrics.clock
    order = an_order(catalog=a_catalog(steps=ONE_STAGE))
    async with working(client, queue, world, grace=grace):
        handle = await client.start_workflow(
            ReleaseWorkflow.run, order, id=f"release/{uuid.uuid4().hex}", task_queue=queue
        )
        started = Started(handle=handle, order=order)
        await started.until(lambda _: world.metrics.looks_left == 0)
        state = await kept(client, handle.id)
        while state is None or state.mark.at < began + 600:
            state = await kept(client, handle.id)

    world.metrics.looks_left = 10_000
    async with working(client, queue, world):
        assert (await started.result()).phase == Phase.HEALTHY
        status = await started.status()

    assert [ask.watch for ask in watches(world)] == [1, 1]
    assert world.metrics.clock - began == 1800
    assert status.exposure.requests == 30 * 500


@pytest.mark.parametrize("how", ["abort", "cancel", "rollback"])
async def test_a_word_to_stop_does_not_wait_for_a_watch_that_never_answers(client, queue, how):
    deaf = Deaf()
    world = World(metrics=deaf)
    world.serve(CHECKOUT, "v1")
    order = an_order(catalog=a_catalog(steps=LONG))
    async with working(client, queue, world):
        handle = await client.start_workflow(
            ReleaseWorkflow.run, order, id=f"release/{uuid.uuid4().hex}", task_queue=queue
        )
        started = Started(handle=handle, order=order)
        try:
            await started.until(lambda _: bool(watches(world)))
            await (handle.cancel() if how == "cancel" else handle.signal(how, ANA))
            outcome = await started.result()
            assert not deaf.may_end.is_set()
        finally:
            deaf.may_end.set()

    assert outcome.phase in {Phase.CANCELLED, Phase.ROLLED_BACK}
    assert world.running(CHECKOUT) == {OLD}


async def test_an_alert_turns_back_in_the_middle_of_a_watch_with_what_was_seen_until_then(
    start, world
):
    world.metrics.looks_left = 5
    started = await start(an_order(catalog=a_catalog(steps=ONE_STAGE)))
    await started.until(lambda status: status.exposure.requests > 0)

    await started.handle.signal(ReleaseWorkflow.alert, Alert(name="ErrorsHigh"))
    await started.until_phase(Phase.ROLLING_BACK)
    world.metrics.looks_left = 1000
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "ErrorsHigh" in outcome.reason
    assert outcome.exposure.requests > 0
    assert world.running(CHECKOUT) == {OLD}


async def test_a_promotion_that_is_terminated_in_a_watch_takes_its_release_back(
    client, start, world
):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda _: bool(watches(world)))

    promotion = client.get_workflow_handle(promotion_id(started.handle.id, CHECKOUT))
    await promotion.terminate("somebody pulled the plug")
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "was terminated" in outcome.reason
    assert world.route(CHECKOUT).stable == OLD


async def test_what_an_older_watch_tells_changes_nothing(client, start, world):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda _: bool(watches(world)))
    promotion = client.get_workflow_handle_for(
        PromotionWorkflow.run, promotion_id(started.handle.id, CHECKOUT)
    )
    harm = Watched(
        verdict=Verdict(word=Word.FAIL, reason="long ago"), served=Served(requests=7), watch=0
    )
    now = harm.model_copy(update={"watch": 1, "served": Served(requests=9)})

    await promotion.signal(WATCHED, harm)
    assert (await promotion.query(PromotionWorkflow.status)).exposure.requests == 0

    await promotion.signal(WATCHED, now)
    assert (await promotion.query(PromotionWorkflow.status)).exposure.requests == 9


async def asked_after_its_cancel(promotion) -> list[str]:
    """The activities that a promotion began once it knew that it was cancelled."""
    names: list[str] | None = None
    async for event in promotion.fetch_history_events():
        if event.HasField("workflow_execution_cancel_requested_event_attributes"):
            names = []
        elif names is not None and event.HasField("activity_task_scheduled_event_attributes"):
            names.append(event.activity_task_scheduled_event_attributes.activity_type.name)
    assert names is not None
    return names


async def test_a_cancel_beside_a_word_to_go_on_ends_the_climb(client, queue, world):
    """What it tells its release of the word is taken back by the cancel, and fails of it.

    That failure is no reason to go on: neither is the calendar asked, nor anything shifted.
    """
    steps = ({"setWeight": 10}, {"pause": {}}, {"pause": {}}, {"setWeight": 100})
    order = an_order(catalog=a_catalog(steps=steps))
    async with working(client, queue, world):
        handle = await client.start_workflow(
            ReleaseWorkflow.run, order, id=f"release/{uuid.uuid4().hex}", task_queue=queue
        )
        started = Started(handle=handle, order=order)
        await started.until(lambda s: bool(s.blocked_by) and s.blocked_by[0].gate == "pause")
    promotion = client.get_workflow_handle(promotion_id(handle.id, CHECKOUT))
    await promotion.signal(PromotionWorkflow.promote, ANA)
    await promotion.cancel()
    async with working(client, queue, world):
        outcome = await started.result()

    assert outcome.phase is Phase.CANCELLED
    assert world.running(CHECKOUT) == {OLD}
    assert await asked_after_its_cancel(promotion) == []
