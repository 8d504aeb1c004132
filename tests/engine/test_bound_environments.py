"""A release that brings an environment along: it is there in time, and ends with the release."""

import asyncio
import uuid
from datetime import timedelta
from threading import Event

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.builders import CANARY, a_release, an_order, analysis, build_of
from tests.engine.conftest import Started, working
from tests.engine.living import Living, a_living_order
from tests.environments import a_catalog_for_releases
from workflows.domain.canonical import content_digest
from workflows.domain.environments.census import Tag
from workflows.domain.environments.commands import Teardown
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.gates.vote import Vote
from workflows.domain.names import environment_id, rollback_id
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.release.promotion import RollbackOrder
from workflows.domain.release.status import GateWord
from workflows.domain.values import Target
from workflows.environment import EnvironmentWorkflow
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow
from workflows.sweep import SweepOrder, SweepWorkflow

CHECKOUT = Target(service="checkout", environment="production")
ENDLESS = (*CANARY[:2], analysis("8h"), {"setWeight": 100})
GO = Teardown(by="ana", reason="not needed any more")


class Stage:
    """A stage of a name of its own, and what there is of it."""

    def __init__(self, client, world) -> None:
        self.name = f"preview-{uuid.uuid4().hex[:8]}"
        self.target = Target(service="checkout", environment=self.name)
        self.living = Living(client, a_living_order(self.name))
        self.world = world
        self.cloud = world.environments.cloud

    def order(self, *, production=False, **catalog):
        """A release into it, and with *production* there as well."""
        environments = (self.name, "production") if production else (self.name,)
        release = a_release(environments=environments)
        return an_order(release, a_catalog_for_releases(stage=self.name, **catalog))

    async def gone(self):
        """How it ended: its story is over, and nothing of it is left."""
        view = await self.living.result()
        assert not self.cloud.of(self.name)
        return view

    @property
    def heard(self) -> list[str]:
        """What environments of this name made of each time that one was asked to end."""
        entries = self.world.recorded(environment_id(self.name))
        return [entry.outcome for entry in entries if entry.action == "end"]

    @property
    def asked_to_end(self) -> int:
        """How often it was asked to end, by whomever."""
        return len(self.heard)


def being_made(status):
    """Whether it waits for an environment that it has begun."""
    return any(blocker.gate.startswith("environment ") for blocker in status.blocked_by)


@pytest.fixture
def stage(client, world):
    world.serve(CHECKOUT, "v1")
    return Stage(client, world)


@pytest.fixture
async def somebodys(client, queue, worker, stage):
    """Another environment of that name, of a person."""
    order = a_living_order(stage.name)
    await client.start_workflow(
        EnvironmentWorkflow.run, order, id=environment_id(stage.name), task_queue=queue
    )
    await stage.living.until_phase(EnvironmentPhase.READY)
    yield stage.living
    if (await stage.living.handle.describe()).status is WorkflowExecutionStatus.RUNNING:
        await stage.living.handle.terminate("the test is over")


async def test_it_is_made_before_anything_is_promoted_and_torn_down_when_all_is_kept(
    start, stage, world
):
    held = stage.cloud.blocked["create_environment"] = Event()
    started = await start(stage.order())

    status = await started.until(being_made)
    assert status.phase == Phase.PROGRESSING
    assert status.blocked_by[0].gate == f"environment {stage.name}"
    assert not world.running(stage.target)
    held.set()
    outcome = await started.result()

    assert (outcome.phase, outcome.leftovers) == (Phase.HEALTHY, ())
    assert world.running(stage.target) == {build_of("checkout", "v2")}
    made = next(ask for method, ask in stage.cloud.asked if method == "create_environment")
    assert made.tags[Tag.RELEASE] == started.handle.id
    gone = await stage.gone()
    assert (gone.phase, gone.requested_by) == (EnvironmentPhase.REMOVED, started.handle.id)
    assert stage.asked_to_end == 1
    told = [e.outcome for e in world.recorded(started.handle.id) if e.action == "environment"]
    assert told == ["begun", "ready"]


async def test_whoever_asks_for_the_release_is_told_that_it_is_gone(start, stage, world):
    order = stage.order()
    order.catalog["people"]["carl"] = {"roles": ["development"], "email": "carl@shop.test"}
    digest = content_digest(order.catalog)
    started = await start(order.model_copy(update={"catalog_digest": digest}))

    await started.result()
    await stage.gone()

    (told,) = [ask for ask in world.notices.told.values() if stage.name in ask.subject]
    assert (told.to, told.address) == ("carl", "carl@shop.test")
    assert told.subject == f"{stage.name} was torn down"


async def test_a_target_in_it_is_first_asked_for_once_it_is_there(start, stage, world):
    """Before, nobody could say what it serves; a fresh one serves nothing."""
    started = await start(stage.order(production=True))

    assert (await started.result()).phase == Phase.HEALTHY
    views = {view.target.environment: view for view in (await started.status()).targets}
    assert views[stage.name].replaces is None
    assert views["production"].replaces == build_of("checkout", "v1")


async def test_what_a_template_brings_along_is_the_baseline(start, stage, world):
    held = stage.cloud.blocked["create_environment"] = Event()
    started = await start(stage.order())
    await started.until(being_made)

    world.serve(stage.target, "v0")
    held.set()
    outcome = await started.result()

    assert outcome.phase == Phase.HEALTHY
    (view,) = (await started.status()).targets
    assert view.replaces == build_of("checkout", "v0")
    await stage.gone()


async def test_a_later_stage_that_fails_takes_it_back_last_of_all(start, stage, world):
    world.metrics.error_ratio[CHECKOUT] = 0.4

    outcome = await (await start(stage.order(production=True))).result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert [undone.undo.subject for undone in outcome.undone] == [
        *["checkout@production"] * 3,
        *[str(stage.target)] * 2,
        f"environment {stage.name}",
        "recovery of checkout@production",
    ]
    await stage.gone()
    assert stage.asked_to_end == 1


async def test_what_cannot_be_put_back_in_it_keeps_it_until_a_person_accepts_that(
    start, stage, world
):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    world.traffic.stuck.add(stage.target)
    started = await start(stage.order(production=True))

    status = await started.until_phase(Phase.ROLLBACK_INCOMPLETE)
    assert status.rollback.differences[-1].undo.subject == f"environment {stage.name}"
    assert (await stage.living.view()).phase is EnvironmentPhase.READY
    repaired = Command(by="ana", reason="it goes with its environment")
    await started.handle.signal(ReleaseWorkflow.confirm_repaired, repaired)

    assert (await started.result()).phase == Phase.ROLLED_BACK
    await stage.gone()
    assert stage.asked_to_end == 1


async def test_a_cancel_while_it_is_made_leaves_nothing_of_it(start, stage):
    stage.cloud.blocked["create_environment"] = Event()
    started = await start(stage.order())
    await started.until(being_made)

    await started.handle.cancel()

    assert (await started.result()).phase == Phase.CANCELLED
    await stage.gone()
    assert stage.asked_to_end == 1


async def test_an_abort_under_way_ends_it_after_what_is_in_it(start, stage, world):
    started = await start(stage.order(production=True, steps=ENDLESS))
    await started.until(lambda s: s.exposure.weight_asked == 10)

    await started.handle.signal(ReleaseWorkflow.abort, Command(by="ana", reason="wrong build"))

    assert (await started.result()).phase == Phase.CANCELLED
    assert not world.running(stage.target)
    await stage.gone()
    assert stage.asked_to_end == 1


async def test_one_that_cannot_be_made_denies_the_release_and_says_why(start, stage, world):
    """Nothing that anybody uses was touched: it is no change that failed."""
    stage.cloud.breaks["Orders"] = "you have too many queues"

    outcome = await (await start(stage.order(production=True))).result()

    assert outcome.phase == Phase.DENIED
    assert "Orders (AWS::SQS::Queue): you have too many queues" in outcome.reason
    assert (await stage.gone()).phase is EnvironmentPhase.FAILED
    assert stage.asked_to_end <= 1
    assert not world.running(stage.target)


async def test_a_release_that_is_denied_before_it_makes_nothing(start, stage):
    order = stage.order()
    catalog = {**order.catalog}
    catalog["environments"][stage.name]["policyRef"] = "guarded"
    started = await start(an_order(order.release, catalog))
    status = await started.until_phase(Phase.AWAITING_APPROVAL)

    vote = Vote(voter="ana", approved=False, digest=status.decision_digest)
    await started.handle.execute_update(ReleaseWorkflow.vote, vote)

    assert (await started.result()).phase == Phase.DENIED
    assert stage.cloud.asked == []


async def test_the_sweep_ends_that_of_a_release_that_was_terminated(client, queue, start, stage):
    started = await start(stage.order(production=True, steps=ENDLESS))
    await started.until(lambda s: s.exposure.weight_asked == 10)
    await started.handle.terminate("somebody pulled the plug")
    assert (await stage.living.view()).phase is EnvironmentPhase.READY

    await _swept(client, queue, started.handle.id)
    rollback = client.get_workflow_handle_for(RollbackWorkflow.run, rollback_id(started.handle.id))
    view = await asyncio.wait_for(rollback.result(), timeout=20)

    assert view.differences == ()
    await stage.gone()
    assert stage.asked_to_end == 1


async def test_a_rollback_leaves_alone_what_bears_the_name_by_now(client, queue, start, stage):
    """The environment has ended by itself, and somebody else has asked for one of that name."""
    started = await start(stage.order(production=True, steps=ENDLESS))
    await started.until(lambda s: s.exposure.weight_asked == 10)
    await started.handle.terminate("somebody pulled the plug")
    await stage.living.tell(EnvironmentWorkflow.teardown, GO)
    await stage.gone()
    order = a_living_order(stage.name)
    await client.start_workflow(
        EnvironmentWorkflow.run, order, id=environment_id(stage.name), task_queue=queue
    )
    await stage.living.until_phase(EnvironmentPhase.READY)
    stage.world.serve(stage.target, "v2")

    await _swept(client, queue, started.handle.id)
    rollback = client.get_workflow_handle_for(RollbackWorkflow.run, rollback_id(started.handle.id))
    view = await asyncio.wait_for(rollback.result(), timeout=20)

    assert view.differences == ()
    assert (await stage.living.view()).phase is EnvironmentPhase.READY
    assert stage.world.running(stage.target) == {build_of("checkout", "v2")}
    assert stage.heard == ["not meant"]
    await stage.living.tell(EnvironmentWorkflow.teardown, GO)
    await stage.gone()


async def test_a_rollback_after_the_end_puts_back_what_is_still_there(client, queue, start, stage):
    started = await start(stage.order(production=True))
    assert (await started.result()).phase == Phase.HEALTHY
    await stage.gone()
    undos = await started.handle.query(ReleaseWorkflow.undos)

    view = await client.execute_workflow(
        RollbackWorkflow.run,
        RollbackOrder(release=started.handle.id, undos=undos, reason="wrong after all"),
        id=rollback_id(started.handle.id),
        task_queue=queue,
    )

    assert view.differences == ()
    assert stage.world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_worker_that_dies_while_it_is_made_is_not_missed(client, queue, stage, world):
    held = stage.cloud.blocked["create_environment"] = Event()
    order, release = stage.order(), f"release/{uuid.uuid4().hex}"
    async with working(client, queue, world):
        handle = await client.start_workflow(
            ReleaseWorkflow.run, order, id=release, task_queue=queue
        )
        await Started(handle=handle, order=order).until(being_made)

    async with working(client, queue, world):
        held.set()
        outcome = await asyncio.wait_for(handle.result(), timeout=30)
        await stage.gone()

    assert outcome.phase == Phase.HEALTHY
    assert stage.asked_to_end == 1


async def test_one_that_a_person_has_is_waited_for_and_left_alone(start, stage, somebodys):
    started = await start(stage.order())

    status = await started.until(
        lambda s: any("lives for ana" in blocker.reason for blocker in s.blocked_by)
    )
    (blocker,) = status.blocked_by
    assert blocker.gate == f"vacancy of {stage.name}"
    assert blocker.can_be_cleared_by == (f"ana: lockgate env teardown {stage.name} --reason …",)

    await started.handle.signal(ReleaseWorkflow.abort, Command(by="ben", reason="no time"))
    assert (await started.result()).phase == Phase.CANCELLED
    assert (await somebodys.view()).phase is EnvironmentPhase.READY
    assert stage.asked_to_end == 0


async def test_a_name_that_is_given_back_is_taken(start, stage, somebodys):
    started = await start(stage.order())
    await started.until(lambda s: any("lives for" in b.reason for b in s.blocked_by))

    await somebodys.tell(EnvironmentWorkflow.teardown, GO)

    assert (await started.result()).phase == Phase.HEALTHY
    assert (await stage.gone()).release == started.handle.id


async def test_two_releases_have_it_one_after_the_other(start, stage):
    first = await start(stage.order(production=True, steps=ENDLESS))
    await first.until(lambda s: s.exposure.weight_asked == 10)

    second = await start(stage.order())
    status = await second.until(lambda s: any("lives for" in b.reason for b in s.blocked_by))
    assert status.blocked_by[0].can_be_cleared_by == (f"the end of {first.handle.id}",)
    await first.handle.signal(ReleaseWorkflow.abort, Command(by="ana", reason="wrong build"))

    assert (await second.result()).phase == Phase.HEALTHY
    assert (await first.result()).phase == Phase.CANCELLED


async def test_whose_name_is_taken_while_people_decide_clears_its_stage_anew(
    client, queue, start, stage
):
    catalog = {**stage.order().catalog}
    catalog["environments"][stage.name]["policyRef"] = "guarded"
    started = await start(an_order(stage.order().release, catalog))
    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    await started.until(
        lambda s: any(g.gate == "vacancy" and g.word is GateWord.OPEN for g in s.gates)
    )
    order = a_living_order(stage.name)
    await client.start_workflow(
        EnvironmentWorkflow.run, order, id=environment_id(stage.name), task_queue=queue
    )

    vote = Vote(voter="ana", digest=status.decision_digest)
    await started.handle.execute_update(ReleaseWorkflow.vote, vote)

    await started.until(
        lambda s: any("lives for ana" in b.reason for b in s.blocked_by) and not s.votes
    )
    await started.handle.signal(ReleaseWorkflow.abort, Command(by="ben", reason="no time"))
    assert (await started.result()).phase == Phase.CANCELLED
    assert (await stage.living.view()).release is None
    assert stage.heard == ["not meant"]
    await stage.living.tell(EnvironmentWorkflow.teardown, GO)
    await stage.gone()


async def test_the_same_release_goes_on_with_what_an_earlier_run_of_it_began(
    client, queue, start, stage
):
    started = await start(stage.order(production=True, steps=ENDLESS))
    await started.until(lambda s: s.exposure.weight_asked == 10)
    await started.handle.terminate("somebody pulled the plug")
    world = stage.world
    world.serve(CHECKOUT, "v1")

    again = await client.start_workflow(
        ReleaseWorkflow.run, stage.order(), id=started.handle.id, task_queue=queue
    )
    outcome = await asyncio.wait_for(again.result(), timeout=30)

    assert outcome.phase == Phase.HEALTHY
    await stage.gone()
    assert stage.cloud.methods().count("create_environment") == 1
    assert stage.asked_to_end == 1


async def test_one_that_is_lost_while_its_stage_is_promoted_turns_back(start, stage, world):
    world.metrics.silent.add(stage.target)
    held = stage.cloud.blocked["create_environment"] = Event()
    started = await start(stage.order(steps=ENDLESS))
    await started.until(being_made)
    world.serve(stage.target, "v0")
    held.set()
    await started.until(lambda s: s.exposure.weight_asked == 10)

    await stage.living.tell(EnvironmentWorkflow.teardown, GO)
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "was lost: not needed any more" in outcome.reason
    assert {u.told for u in outcome.undone if u.undo.subject == str(stage.target)} == {
        "it went with its environment"
    }
    assert all(undone.failure is None for undone in outcome.undone)


async def test_one_whose_time_was_over_after_its_stage_turns_nothing_back(start, stage, world):
    """Its stage had been verified; and a rollback does not stumble over what went with it."""
    started = await start(stage.order(production=True, steps=ENDLESS))
    await started.until(lambda s: s.exposure.weight_asked == 10)

    await stage.living.tell(EnvironmentWorkflow.teardown, GO)
    await stage.gone()
    status = await started.until(lambda s: s.environments[0].phase is EnvironmentPhase.REMOVED)
    assert status.phase in {Phase.PROGRESSING, Phase.HOLDING}
    world.traffic.stuck.add(stage.target)
    await started.handle.signal(ReleaseWorkflow.rollback, Command(by="ana", reason="enough"))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert all(undone.failure is None for undone in outcome.undone)
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_who_says_for_an_environment_that_it_is_ready_is_not_believed(start, stage, world):
    stage.cloud.blocked["create_environment"] = held = Event()
    started = await start(stage.order())
    await started.until(being_made)
    forged = (await stage.living.view()).model_copy(update={"phase": EnvironmentPhase.READY})

    await started.handle.signal(ReleaseWorkflow.environment_progressed, forged)
    await started.until(
        lambda s: s.environments[0].phase is EnvironmentPhase.CREATING and being_made(s)
    )

    assert not world.running(stage.target)
    held.set()
    assert (await started.result()).phase == Phase.HEALTHY


async def _swept(client, queue, release):
    """Sweep until the sweep has seen *release*: visibility learns of an end a little later."""
    async with asyncio.timeout(40):
        while True:
            handle = await client.start_workflow(
                SweepWorkflow.run,
                SweepOrder(within=timedelta(minutes=1)),
                id=f"sweep-{uuid.uuid4().hex}",
                task_queue=queue,
            )
            report = await asyncio.wait_for(handle.result(), timeout=40)
            if release in report.releases:
                return
