"""What the clock does to environments: the overdue are ended, orphans reclaimed, drift found."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)
from temporalio.worker import Worker

from tests.engine.histories import save_history
from tests.engine.living import Living, a_living_order
from tests.environments import an_environment_view
from tests.polling import polling
from workflows.domain.environments.census import Census, Resource, Tag
from workflows.domain.environments.commands import Ended, SetHold
from workflows.domain.environments.sweeping import (
    DriftCheckOrder,
    ExpiredSweepOrder,
    OrphanSweepOrder,
)
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.errors import Refused
from workflows.domain.names import Attribute, environment_id
from workflows.domain.values import Provider
from workflows.drift_check import DriftCheckWorkflow
from workflows.environment import EnvironmentWorkflow
from workflows.expired_sweep import ExpiredSweepWorkflow
from workflows.orphan_sweep import OrphanSweepWorkflow

SECOND = timedelta(seconds=1)
PREVIEW = Provider(type="cloudformation", connection="preview")
MISSING = Provider(type="cloudformation", connection="missing")
HELD = SetHold(by="ben", reason="the audit of May")


def a_name(kind="env"):
    return f"{kind}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def cloud(world):
    return world.environments.cloud


@pytest_asyncio.fixture(loop_scope="session")
async def ask_for(client, queue, worker):
    """Ask for an environment; whatever still runs at the end of the test is terminated."""
    begun = []

    async def asked(name=None, **changes):
        order = a_living_order(name or a_name(), **changes)
        living = Living(client, order)
        await client.start_workflow(EnvironmentWorkflow.run, order, id=living.id, task_queue=queue)
        begun.append(living)
        return living

    yield asked
    for living in begun:
        await ended(living.handle)


async def ended(handle):
    if (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
        await handle.terminate("the test is over")


@pytest.fixture
def swept(client, queue, worker, request):
    """Run one of the stories to its end; its report."""

    async def run(story, order):
        handle = await client.start_workflow(
            story.run, order, id=f"{story.__name__}-{uuid.uuid4().hex}", task_queue=queue
        )
        try:
            return await asyncio.wait_for(handle.result(), timeout=30)
        finally:
            if request.config.getoption("--record-histories"):
                await save_history(handle, request.node.name)

    return run


@workflow.defn(name="EnvironmentWorkflow", sandboxed=False)
class Stuck:
    """An environment whose own timer never ended it."""

    @workflow.init
    def __init__(self, view: EnvironmentView) -> None:
        self.view, self.told = view, []

    @workflow.run
    async def run(self, view: EnvironmentView) -> list[Ended]:
        await workflow.wait_condition(lambda: bool(self.told))
        return self.told

    @workflow.signal
    def end(self, said: Ended) -> None:
        self.told.append(said)

    @workflow.query
    def status(self) -> EnvironmentView:
        return self.view


@pytest_asyncio.fixture(loop_scope="session")
async def stuck(client):
    """Begin environments that did not end although their time is over, and wait until listed."""
    queue, begun = uuid.uuid4().hex, []

    async def begin(*, over, answering=True, **changes):
        view = an_environment_view(a_name(), expires_at=datetime.now(UTC) - over, **changes)
        key = SearchAttributeKey.for_datetime(Attribute.EXPIRY)
        handle = await client.start_workflow(
            Stuck.run,
            view,
            id=environment_id(view.name),
            task_queue=queue if answering else f"{queue}-nobody",
            search_attributes=TypedSearchAttributes([SearchAttributePair(key, view.expires_at)]),
        )
        begun.append(handle)
        await _listed(client, handle.id)
        return view.name, handle

    async with polling(Worker(client, task_queue=queue, workflows=[Stuck])):
        yield begin
    for handle in begun:
        await ended(handle)


async def _listed(client, workflow_id):
    """Visibility learns of a story a moment after it began."""
    async with asyncio.timeout(20):
        while True:
            if (await client.count_workflows(f"WorkflowId = '{workflow_id}'")).count:
                return
            await asyncio.sleep(0.05)


async def gone(client, name):
    """What the story that reclaims *name* says in the end."""
    handle = client.get_workflow_handle(environment_id(name), result_type=EnvironmentView)
    return await asyncio.wait_for(handle.result(), timeout=20)


async def exists(client, name):
    """Whether any story ever had the name."""
    query = f"WorkflowId = '{environment_id(name)}'"
    return (await client.count_workflows(query)).count > 0


def orphans(*providers, **more):
    return OrphanSweepOrder(providers=providers or (PREVIEW,), **more)


class TestExpired:
    async def test_one_whose_timer_did_not_end_it_is_told_to_end(self, stuck, swept, world):
        name, handle = await stuck(over=timedelta(hours=2))

        report = await swept(ExpiredSweepWorkflow, ExpiredSweepOrder())
        (told,) = await asyncio.wait_for(handle.result(), timeout=20)

        assert name in report.ended.names
        assert told == Ended(
            by="the clock",
            reason="its time has been over for more than 1h",
            if_expired=True,
        )
        assert f"{name} is told to end" in {e.sentence for e in world.recorded("environments")}

    async def test_one_that_is_over_for_a_moment_ends_by_itself(self, stuck, swept):
        name, handle = await stuck(over=timedelta(minutes=30))

        report = await swept(ExpiredSweepWorkflow, ExpiredSweepOrder())

        assert name not in report.ended.names
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"protected": True}, "it is protected"),
            (
                {
                    "hold": {
                        "by": "ben",
                        "reason": "audit",
                        "since": datetime(2026, 1, 1, tzinfo=UTC),
                    }
                },
                "held by ben: audit",
            ),
        ],
        ids=["protected", "held"],
    )
    async def test_what_is_kept_is_named_and_left_alone(self, stuck, swept, changes, why):
        name, handle = await stuck(over=timedelta(hours=2), **changes)

        report = await swept(ExpiredSweepWorkflow, ExpiredSweepOrder())

        assert report.kept.names[name] == why
        assert (await handle.query(Stuck.status)).name == name
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING

    @pytest.mark.parametrize(
        "phase", [EnvironmentPhase.TEARING_DOWN, EnvironmentPhase.TEARDOWN_INCOMPLETE]
    )
    async def test_one_that_is_going_already_is_not_told_again(self, stuck, swept, phase):
        name, _ = await stuck(over=timedelta(hours=2), phase=phase)

        report = await swept(ExpiredSweepWorkflow, ExpiredSweepOrder())

        assert name not in report.ended.names

    async def test_one_that_does_not_answer_is_named_and_left_alone(
        self, stuck, swept, monkeypatch
    ):
        monkeypatch.setattr(
            "activities.environment_stories.activities._QUERY_PATIENCE", SECOND / 2
        )
        name, _ = await stuck(over=timedelta(hours=2), answering=False)

        report = await swept(ExpiredSweepWorkflow, ExpiredSweepOrder())

        assert name in report.unasked.names

    async def test_a_hold_survives_the_sweep(self, client, ask_for, swept, cloud):
        living = await ask_for(lease={"ttl": 2 * SECOND, "warn_before": ()})
        await living.until_phase(EnvironmentPhase.READY)
        await living.tell(EnvironmentWorkflow.hold, HELD)
        await living.until_phase(EnvironmentPhase.HELD)

        async with asyncio.timeout(20):
            while True:
                order = ExpiredSweepOrder(after=SECOND / 100)
                report = await swept(ExpiredSweepWorkflow, order)
                if living.name in report.kept.names:
                    break

        assert report.kept.names[living.name] == "held by ben: the audit of May"
        assert (await living.view()).phase is EnvironmentPhase.HELD
        assert len(cloud.of(living.name)) == 2


class TestOrphans:
    async def test_what_was_planted_by_hand_is_found_and_removed(
        self, client, swept, cloud, world
    ):
        name = a_name("ghost")
        cloud.plant(name, "queue-1")
        cloud.resources["not-ours"] = Resource(id="not-ours", type="AWS::SQS::Queue")

        report = await swept(OrphanSweepWorkflow, orphans())
        view = await gone(client, name)

        assert report.reclaimed.names == {name: "1 resources"}
        assert view.phase is EnvironmentPhase.REMOVED
        assert not cloud.of(name)
        assert list(cloud.resources) == ["not-ours"]
        assert f"{name} is reclaimed at {PREVIEW}" in {
            e.sentence for e in world.recorded("environments")
        }

    async def test_what_a_terminated_story_left_goes_as_its_template_says(
        self, client, ask_for, swept, cloud
    ):
        living = await ask_for(teardown={"snapshot_all": True, "lift_protection": False})
        await living.until_phase(EnvironmentPhase.READY)
        await living.handle.terminate("somebody pulled the plug")

        await swept(OrphanSweepWorkflow, orphans())
        view = await gone(client, living.name)

        assert view.phase is EnvironmentPhase.REMOVED
        assert (view.owner, view.team) == ("ana", "team-shop")
        assert not cloud.of(living.name)
        (snapshots,) = (ask for method, ask in cloud.asked if method == "take_snapshots")
        (deleted,) = (ask for method, ask in cloud.asked if method == "delete_stack")
        assert (snapshots.everything, deleted.lift) == (True, False)

    async def test_what_a_living_story_answers_for_is_left_alone(self, ask_for, swept, cloud):
        living = await ask_for()
        await living.until_phase(EnvironmentPhase.READY)

        report = await swept(OrphanSweepWorkflow, orphans())

        assert report.looked_at == 1
        assert report.reclaimed.count == 0
        assert (await living.view()).phase is EnvironmentPhase.READY
        assert len(cloud.of(living.name)) == 2

    @pytest.mark.parametrize(
        ("tag", "why"),
        [
            (Tag.HOLD, "a hold is tagged on it: ben: audit"),
            (Tag.PROTECTED, "it is protected: only a person may tear it down"),
        ],
    )
    @pytest.mark.parametrize("part", ["queue-1", "queue-2"])
    async def test_a_tag_on_any_part_keeps_all_of_it(self, swept, cloud, tag, why, part):
        """The listing has the tags of what it found first; the others are counted before."""
        name = a_name("ghost")
        for each in ("queue-1", "queue-2"):
            cloud.plant(name, each, **({tag: "ben: audit"} if each == part else {}))

        report = await swept(OrphanSweepWorkflow, orphans())

        assert report.kept.names == {name: why}
        assert report.reclaimed.count == 0
        assert len(cloud.of(name)) == 2

    async def test_what_was_removed_a_moment_ago_is_no_orphan(self, client, swept, cloud):
        """Tags are listed for a while after what carried them is gone."""
        name = a_name("ghost")
        cloud.plant(name, "queue-1")
        cloud.take_census = lambda ask, _pace: Census(
            environment=ask.environment, at=datetime.now(UTC)
        )

        report = await swept(OrphanSweepWorkflow, orphans())

        assert (report.looked_at, report.reclaimed.count, report.uncounted.count) == (1, 0, 0)
        assert not await exists(client, name)

    async def test_what_cannot_be_counted_is_named_and_left_alone(self, client, swept, cloud):
        name = a_name("ghost")
        cloud.plant(name, "queue-1")
        cloud.faults["take_census"] = [Refused("not permitted to list volumes")]

        report = await swept(OrphanSweepWorkflow, orphans())

        assert report.uncounted.names == {name: "not permitted to list volumes"}
        assert not await exists(client, name)

    async def test_a_list_that_cannot_be_read_is_told_and_the_others_are_swept(
        self, client, swept, cloud
    ):
        name = a_name("ghost")
        cloud.plant(name, "queue-1")
        cloud.unlisted = ("rds: AccessDenied",)

        with pytest.raises(WorkflowFailureError) as failed:
            await swept(OrphanSweepWorkflow, orphans())

        view = await gone(client, name)

        assert "cloudformation/preview" in str(failed.value.cause)
        assert "rds: AccessDenied" in str(failed.value.cause)
        assert view.phase is EnvironmentPhase.REMOVED

    async def test_a_story_that_cannot_be_asked_may_live(self, stuck, swept, cloud, monkeypatch):
        monkeypatch.setattr(
            "activities.environment_stories.activities._QUERY_PATIENCE", SECOND / 2
        )
        name, _ = await stuck(over=timedelta(0), answering=False)
        cloud.plant(name, "queue-1")

        report = await swept(OrphanSweepWorkflow, orphans())

        assert name in report.unasked.names
        assert report.reclaimed.count == 0
        assert len(cloud.of(name)) == 1

    async def test_what_lives_at_another_provider_is_named(self, stuck, swept, cloud):
        name, _ = await stuck(over=timedelta(0))
        cloud.plant(name, "queue-1")
        other = Provider(type="cloudformation", connection="old-account")

        report = await swept(OrphanSweepWorkflow, orphans(other))

        assert report.elsewhere.names == {name: f"at {other}, and it lives at {PREVIEW}"}
        assert len(cloud.of(name)) == 1

    async def test_a_tag_that_names_no_environment_is_nobody_of_ours(self, swept, cloud):
        cloud.plant("Prod, do not touch!", "queue-1")

        report = await swept(OrphanSweepWorkflow, orphans())

        assert list(report.unnameable.names) == ["Prod, do not touch!"]
        assert len(cloud.resources) == 1

    async def test_two_sweeps_at_once_do_no_harm(self, client, swept, cloud):
        name = a_name("ghost")
        cloud.plant(name, "queue-1")

        reports = await asyncio.gather(*(swept(OrphanSweepWorkflow, orphans()) for _ in range(3)))
        view = await gone(client, name)

        assert sum(report.reclaimed.count for report in reports) >= 1
        assert view.phase is EnvironmentPhase.REMOVED
        assert cloud.methods().count("delete_orphans") == 1

    async def test_many_are_looked_at_page_by_page_and_run_by_run(
        self, client, swept, cloud, world
    ):
        names = sorted(a_name("ghost") for _ in range(7))
        for name in names:
            cloud.plant(name, f"queue-{name}")

        report = await swept(OrphanSweepWorkflow, orphans(PREVIEW, PREVIEW, pages=2))
        for name in names:
            await gone(client, name)

        assert sorted(report.reclaimed.names) == names
        assert report.looked_at >= 7
        assert cloud.resources == {}
        sources = {e.key.partition("#")[0] for e in world.recorded("environments")}
        assert len(sources) >= 2  # each run records what it did

    async def test_a_provider_that_cannot_be_had_keeps_no_other_from_being_swept(
        self, client, swept, cloud
    ):
        name = a_name("ghost")
        cloud.plant(name, "queue-1")

        with pytest.raises(WorkflowFailureError) as failed:
            await swept(OrphanSweepWorkflow, orphans(MISSING, PREVIEW))
        view = await gone(client, name)

        assert "not looked at to the end: cloudformation/missing" in str(failed.value.cause)
        assert view.phase is EnvironmentPhase.REMOVED

    async def test_a_ledger_that_takes_nothing_keeps_no_sweep_from_its_end(
        self, client, swept, cloud, world
    ):
        name = a_name("ghost")
        cloud.plant(name, "queue-1")
        world.audit.failures = [Refused("the ledger is read-only")] * 20

        report = await swept(OrphanSweepWorkflow, orphans())
        view = await gone(client, name)

        assert name in report.reclaimed.names
        assert view.phase is EnvironmentPhase.REMOVED

    async def test_what_is_found_at_two_providers_is_reclaimed_at_one_after_the_other(
        self, client, swept, cloud
    ):
        """One name is one story at a time: the next sweep finds what is left elsewhere."""
        name = a_name("ghost")
        cloud.plant(name, "queue-1")
        cloud.blocked["delete_orphans"] = Event()
        other = Provider(type="cloudformation", connection="old-account")

        report = await swept(OrphanSweepWorkflow, orphans(PREVIEW, other))
        cloud.blocked["delete_orphans"].set()
        await gone(client, name)

        assert report.reclaimed.names == {name: "1 resources"}
        assert report.elsewhere.names == {name: f"at {other}, and it lives at {PREVIEW}"}


class TestDrift:
    async def test_drift_by_hand_is_found_told_and_recorded(
        self, client, ask_for, swept, cloud, world
    ):
        living = await ask_for()
        await living.until_phase(EnvironmentPhase.READY)
        await _listed(client, living.id)
        cloud.changed["Uploads"] = {"/VersioningConfiguration/Status": ("Enabled", "Suspended")}

        report = await swept(DriftCheckWorkflow, DriftCheckOrder())
        view = await living.until(lambda view: view.drift is not None)

        assert "Uploads" in report.drifted.names[living.name]
        assert view.drift.found
        assert view.phase is EnvironmentPhase.READY
        assert (f"{living.name} has drifted", "found") in {
            (e.sentence, e.outcome) for e in world.recorded("environments")
        }

    async def test_what_agrees_again_is_told_too(self, client, ask_for, swept, cloud):
        living = await ask_for()
        await living.until_phase(EnvironmentPhase.READY)
        await _listed(client, living.id)
        cloud.changed["Uploads"] = {"/Tags": ("a", "b")}
        await swept(DriftCheckWorkflow, DriftCheckOrder())
        await living.until(lambda view: view.drift is not None)

        cloud.changed.clear()
        report = await swept(DriftCheckWorkflow, DriftCheckOrder())
        await living.until(lambda view: not view.drift.found)

        assert living.name not in report.drifted.names
        assert report.as_its_template >= 1

    async def test_what_cannot_be_compared_is_not_taken_for_agreeing(
        self, client, ask_for, swept, cloud
    ):
        living = await ask_for()
        await living.until_phase(EnvironmentPhase.READY)
        await _listed(client, living.id)
        cloud.faults["read_drift"] = [Refused("drift detection is not permitted")]

        report = await swept(DriftCheckWorkflow, DriftCheckOrder())

        assert report.unknown.names[living.name] == "Refused: drift detection is not permitted"
        assert report.as_its_template == 0

    async def test_a_stack_that_is_gone_has_drifted(self, client, ask_for, swept, cloud):
        living = await ask_for()
        await living.until_phase(EnvironmentPhase.READY)
        await _listed(client, living.id)
        del cloud.stacks[living.name]

        report = await swept(DriftCheckWorkflow, DriftCheckOrder())

        assert report.drifted.names[living.name] == "its stack is gone"
