"""Environments on real processes: they come, are kept for a while, and go without a trace."""

from datetime import timedelta

from examples.environments.typed import CATALOG
from tests.e2e.live_cloud import MADE, LiveCloud, LiveEnvironment
from tests.e2e.live_shop import until
from workflows.domain.environments.commands import LiftHold, SetHold
from workflows.domain.environments.view import EnvironmentPhase
from workflows.environment import EnvironmentWorkflow

SHORT = {"ttl": timedelta(seconds=14), "warn_before": (timedelta(seconds=10),)}


async def test_one_is_warned_extended_expires_and_is_proved_to_be_gone(cloud: LiveCloud):
    one = await cloud.make("short", **SHORT)
    made = await one.until_phase(EnvironmentPhase.READY)
    cloud.hands.put_object("short", "receipt.pdf")
    there = cloud.hands.count("short")
    warned = await one.until_phase(EnvironmentPhase.EXPIRING)
    cloud.lockgate("env", "extend", "short", "--for", "5s", "--reason", "late", "--by", "ana")
    extended = await one.view()
    gone = await one.ended()

    assert len(there) == MADE
    assert [each.before for each in warned.warned] == [timedelta(seconds=10)]
    assert made.expires_at is not None
    assert extended.expires_at == made.expires_at + timedelta(seconds=5)
    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal is not None
    assert gone.removal.before is not None
    assert gone.removal.after is not None
    assert len(gone.removal.before.resources) >= MADE - 1
    assert gone.removal.after.empty
    assert gone.per_hour is not None
    assert gone.removal.saved_per_month == gone.per_hour * 730
    assert cloud.hands.count("short") == []
    assert len(cloud.hands.snapshots("short")) == 1


async def test_a_creation_that_fails_half_way_leaves_nothing(cloud: LiveCloud):
    one = await cloud.make("half", "broken")

    failed = await one.ended()

    assert failed.phase is EnvironmentPhase.FAILED
    assert "Returns" in failed.reason
    assert "VisibilityTimeout" in failed.reason
    assert cloud.hands.count("half") == []


async def test_two_requests_for_one_name_are_one_environment(cloud: LiveCloud):
    words = ("env", "request", "twice", "--template", "preview", "--catalog", CATALOG)
    words += ("--purpose", "an end-to-end test", "--by", "ana", "--wait")
    cloud.lockgate(*words)
    there = cloud.hands.count("twice")
    cloud.lockgate(*words)

    one = LiveEnvironment("twice", cloud.client)
    await one.tear_down()
    gone = await one.ended()

    assert len(there) == MADE
    creations = [c for c in cloud.proxy.made("lockgate-twice") if c.action == "CreateChangeSet"]
    assert len(creations) == 1
    assert gone.phase is EnvironmentPhase.REMOVED


async def test_drift_by_hand_is_found_by_the_schedule(cloud: LiveCloud):
    one = await cloud.make("drifting")
    before = await one.until_phase(EnvironmentPhase.READY)
    cloud.hands.change_queue("drifting", timeout=77)

    cloud.lockgate("schedules", "trigger", "lockgate-drift")
    found = await until(one.view, lambda view: view.drift is not None and view.drift.found)
    await one.tear_down()
    await one.ended()

    assert before.drift is None or not before.drift.found
    assert found.phase is EnvironmentPhase.READY
    assert found.drift is not None
    assert "Orders" in str(found.drift)


async def test_a_hold_outlives_its_time_and_the_sweeps(cloud: LiveCloud):
    one = await cloud.make("held", **{**SHORT, "ttl": timedelta(seconds=6)})
    await one.until_phase(EnvironmentPhase.READY, EnvironmentPhase.EXPIRING)
    hold = SetHold(by="ben", reason="evidence of an incident")
    await one.handle.execute_update(EnvironmentWorkflow.hold, hold)
    held = await one.until_phase(EnvironmentPhase.HELD)
    await cloud.swept("lockgate-expired", "lockgate-orphans")
    still = await one.view()
    there = cloud.hands.count("held")
    lift = LiftHold(by="ben", reason="the auditors are done")
    await one.handle.execute_update(EnvironmentWorkflow.lift_hold, lift)
    gone = await one.ended()

    assert held.hold is not None
    assert held.hold.by == "ben"
    assert still.phase is EnvironmentPhase.HELD
    assert len(there) == MADE
    assert gone.phase is EnvironmentPhase.REMOVED
    assert cloud.hands.count("held") == []


async def test_an_orphan_is_found_and_removed_and_a_held_one_is_left(cloud: LiveCloud):
    """A hold is a tag as well, so that it outlives the story that put it there."""
    tags = {"lockgate:environment": "forgotten", "lockgate:owner": "ben"}
    kept = {"lockgate:environment": "evidence", "lockgate:hold": "asked for by the court"}
    cloud.hands.plant_queue("forgotten-orders", tags)
    cloud.hands.plant_queue("evidence-orders", kept)
    cloud.hands.plant_queue("somebody-elses", {"team": "another"})

    await cloud.swept("lockgate-orphans")
    gone = await LiveEnvironment("forgotten", cloud.client).until_phase(EnvironmentPhase.REMOVED)

    assert gone.removal is not None
    assert any("forgotten-orders" in each for each in gone.removal.removed)
    assert cloud.hands.queues("forgotten") == []
    assert cloud.hands.queues("evidence") == ["evidence-orders"]
    assert cloud.hands.queues("somebody-elses") == ["somebody-elses"]
