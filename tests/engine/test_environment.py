"""An environment's story: made, warned of, extended, held, and gone when its time is over."""

import asyncio
import threading
from datetime import timedelta

import pytest

from tests.environments import PER_HOUR
from workflows.domain.environments.census import Resource, Tag
from workflows.domain.environments.commands import (
    Ended,
    Extend,
    LiftHold,
    SetHold,
    Teardown,
)
from workflows.domain.environments.drift import Drift, Drifted
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.errors import Refused
from workflows.environment import EnvironmentWorkflow

SECOND = timedelta(seconds=1)
SHORT = {"ttl": SECOND, "warn_before": ()}
GO = Teardown(by="ana", reason="not needed any more")
HOLD = SetHold(by="ben", reason="litigation, 2026/7")


@pytest.fixture
def cloud(world):
    return world.environments.cloud


def outcomes(world, living, action):
    return [entry.outcome for entry in world.recorded(living.id) if entry.action == action]


async def test_it_is_made_warned_of_extended_and_gone_when_its_time_is_over(ask_for, cloud, world):
    living = await ask_for(
        lease={"ttl": 4 * SECOND, "warn_before": (3 * SECOND,), "extend_by": 2 * SECOND}
    )

    ready = await living.until_phase(EnvironmentPhase.READY)
    assert ready.resources == 2
    assert ready.per_hour == PER_HOUR
    assert ready.outputs == {"Bucket": f"{living.name}-bucket"}
    assert {each.tags[Tag.OWNER] for each in cloud.of(living.name)} == {"ana"}

    warned = await living.until_phase(EnvironmentPhase.EXPIRING)
    assert [told.before for told in warned.warned] == [3 * SECOND]
    extended = await living.tell(EnvironmentWorkflow.extend, Extend(by="ana", reason="demo"))
    assert extended.phase is EnvironmentPhase.READY
    assert extended.expires_at == ready.expires_at + 2 * SECOND
    assert extended.extensions_left == 1
    await living.until_phase(EnvironmentPhase.EXPIRING)

    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.reason.startswith("its time was over at")
    assert gone.removal.after.empty
    assert len(gone.removal.removed) == 3
    assert gone.removal.saved_per_month == PER_HOUR * 730
    assert not cloud.of(living.name)
    assert outcomes(world, living, "warn") == ["warned", "warned"]
    assert world.chain_break(living.id) is None
    subjects = [ask.subject for ask in world.notices.asks]
    assert [" ends in " in subject for subject in subjects] == [True, True, False]
    assert subjects[-1] == f"{living.name} was torn down"


async def test_every_resource_is_tagged_with_the_new_end(ask_for, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)

    view = await living.tell(EnvironmentWorkflow.extend, Extend(by="ana", span=60 * SECOND))

    expiry = living.order.tags(expiry=view.expires_at)[Tag.EXPIRY]
    await living.until(
        lambda _: {each.tags[Tag.EXPIRY] for each in cloud.of(living.name)} == {expiry}
    )


async def test_two_requests_for_one_name_are_one_environment(ask_for, cloud):
    living = await ask_for()
    first = await living.until_phase(EnvironmentPhase.READY)

    again = await ask_for(living.name)
    there = await again.view()

    assert (there.run, there.plan_digest) == (first.run, again.order.plan.digest)
    assert await again.handle.query(EnvironmentWorkflow.order) == living.order
    assert cloud.methods().count("create_environment") == 1


async def test_an_extension_that_is_refused_tells_why(ask_for, cloud):
    living = await ask_for(extension={"times": 1, "by": "1h", "money": "50"})
    await living.until_phase(EnvironmentPhase.READY)

    too_long = await living.refusal(
        EnvironmentWorkflow.extend, Extend(by="ana", span=7200 * SECOND)
    )
    await living.tell(EnvironmentWorkflow.extend, Extend(by="ana"))
    too_often = await living.refusal(EnvironmentWorkflow.extend, Extend(by="ana"))

    assert too_long[0] == too_often[0] == "ExtensionRefused"
    assert "at most 1h at a time, not by 2h" in too_long[1]
    assert "was extended once, and may be once" in too_often[1]


async def test_a_budget_is_kept_by_nobody_who_does_not_know_the_price(ask_for):
    living = await ask_for(prices={"currency": "EUR", "resources": []})
    ready = await living.until_phase(EnvironmentPhase.READY)

    kind, why = await living.refusal(EnvironmentWorkflow.extend, Extend(by="ana"))

    assert ready.per_hour is None
    assert ready.unpriced == ("AWS::S3::Bucket", "AWS::SQS::Queue")
    assert kind == "ExtensionRefused"
    assert "no price for AWS::S3::Bucket, AWS::SQS::Queue" in why


async def test_who_asked_for_it_is_the_first_thing_that_is_recorded(ask_for, world):
    living = await ask_for(requested_by="a-pipeline")
    view = await living.until_phase(EnvironmentPhase.READY)

    await living.until(lambda _: outcomes(world, living, "ready") == ["made"])
    first = next(iter(world.recorded(living.id)))
    assert view.requested_by == "a-pipeline"
    assert (first.action, first.actor, first.detail) == (
        "request",
        "a-pipeline",
        "try the new checkout",
    )


async def test_a_signal_extends_as_well_and_its_refusal_is_recorded(ask_for, world):
    living = await ask_for(extension={"times": 1, "by": "1h"})
    ready = await living.until_phase(EnvironmentPhase.READY)

    for by in ("a-pipeline", "another"):
        await living.handle.signal(EnvironmentWorkflow.extend_lease, Extend(by=by))

    view = await living.until(lambda view: bool(view.extensions))
    assert view.expires_at == ready.expires_at + 3600 * SECOND
    await living.until(lambda _: outcomes(world, living, "extend") == ["done", "refused"])
    (refused,) = (each for each in world.recorded(living.id) if each.outcome == "refused")
    assert refused.actor == "another"
    assert "was extended once" in refused.detail


async def test_a_hold_outlasts_its_end_and_whoever_asks(ask_for, cloud):
    living = await ask_for(lease={"ttl": 2 * SECOND, "warn_before": ()})
    await living.until_phase(EnvironmentPhase.READY)

    await living.tell(EnvironmentWorkflow.hold, HOLD)
    held = await living.until_phase(EnvironmentPhase.HELD)
    kind, why = await living.refusal(
        EnvironmentWorkflow.teardown, GO.model_copy(update={"protected": True})
    )
    await living.handle.signal(EnvironmentWorkflow.end, Ended(by="nightly", reason="expired"))

    assert "held by ben: litigation, 2026/7" in held.reason
    assert kind == "TeardownRefused"
    assert "held by ben: litigation" in why
    await living.until(lambda view: "expired" in view.reason)
    assert {each.tags[Tag.HOLD] for each in cloud.of(living.name)} == {"ben: litigation- 2026/7"}
    assert "delete_stack" not in cloud.methods()

    await living.tell(EnvironmentWorkflow.lift_hold, LiftHold(by="ben", reason="settled"))
    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert cloud.methods().index("tag_environment") < cloud.methods().index("delete_stack")


async def test_once_it_goes_a_hold_is_too_late_and_told_so(ask_for, cloud):
    """Nothing is removed yet: the provider still puts the tags of an extension."""
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    tagged = cloud.deaf["tag_environment"] = threading.Event()
    await living.tell(EnvironmentWorkflow.extend, Extend(by="ana"))
    await living.until(lambda _: "tag_environment" in cloud.methods())

    going = await living.tell(EnvironmentWorkflow.teardown, GO)
    refused = await living.refusal(EnvironmentWorkflow.hold, HOLD)
    assert "delete_stack" not in cloud.methods()
    tagged.set()
    gone = await living.result()

    assert (going.phase, going.reason) == (EnvironmentPhase.TEARING_DOWN, GO.reason)
    assert refused == ("HoldRefused", f"{living.name} is TearingDown: there is nothing to hold")
    assert gone.removal.after.empty


async def test_nothing_is_taken_down_while_it_may_be_tagged_as_held(ask_for, cloud):
    """The hold is lifted, and the provider does not take the tag off: the tag outlives stories."""
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    await living.tell(EnvironmentWorkflow.hold, HOLD)
    await living.until(lambda _: any(Tag.HOLD in each.tags for each in cloud.of(living.name)))
    cloud.faults["tag_environment"] = [Refused("no permission to tag")]

    await living.tell(EnvironmentWorkflow.lift_hold, LiftHold(by="ben", reason="settled"))
    await living.tell(EnvironmentWorkflow.teardown, GO)
    view = await living.until(lambda view: bool(view.problem))

    assert view.phase is EnvironmentPhase.HELD
    assert "the tag of its hold is not taken off yet" in view.reason
    assert view.problem == "its tags are not up to date: Refused: no permission to tag"
    assert "delete_stack" not in cloud.methods()


async def test_what_was_held_and_extended_is_ready_again(ask_for):
    living = await ask_for(lease={"ttl": SECOND, "warn_before": ()})
    await living.until(lambda view: view.ready_at is not None)
    await living.tell(EnvironmentWorkflow.hold, HOLD)
    await living.until_phase(EnvironmentPhase.HELD)

    view = await living.tell(EnvironmentWorkflow.extend, Extend(by="ana"))

    assert view.phase is EnvironmentPhase.READY
    assert view.hold is not None


async def test_a_protected_one_waits_for_a_person_who_says_so(ask_for, cloud):
    living = await ask_for(lease=SHORT, protected=True)

    held = await living.until_phase(EnvironmentPhase.HELD)
    kind, why = await living.refusal(EnvironmentWorkflow.teardown, GO)
    await living.tell(EnvironmentWorkflow.teardown, GO.model_copy(update={"protected": True}))
    gone = await living.result()

    assert "protected until a person says so" in held.reason
    assert (kind, "say --protected" in why) == ("TeardownRefused", True)
    assert gone.removal.by == "ana"
    assert not cloud.of(living.name)


async def test_it_ends_with_its_own_release_and_with_no_other(ask_for, world):
    living = await ask_for(release="release/shop/1")
    await living.until_phase(EnvironmentPhase.READY)

    for release in ("release/shop/2", "release/shop/1"):
        said = Ended(by=release, reason="the release is over", release=release)
        await living.handle.signal(EnvironmentWorkflow.end, said)
    gone = await living.result()

    assert gone.removal.by == "release/shop/1"
    assert outcomes(world, living, "end") == ["not meant", "told"]


async def test_a_sweep_ends_nothing_that_was_extended_meanwhile(ask_for):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)

    said = Ended(by="nightly", reason="expired", if_expired=True)
    await living.handle.signal(EnvironmentWorkflow.end, said)

    assert (await living.view()).phase is EnvironmentPhase.READY


async def test_a_cancel_is_a_word_to_go(ask_for, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)

    await living.handle.cancel()
    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.reason == "it was cancelled in Temporal"
    assert not cloud.of(living.name)


async def test_a_cancel_does_not_end_what_is_held(ask_for, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    await living.tell(EnvironmentWorkflow.hold, HOLD)

    await living.handle.cancel()
    held = await living.until_phase(EnvironmentPhase.HELD)
    await living.tell(EnvironmentWorkflow.lift_hold, LiftHold(by="ben", reason="settled"))
    gone = await living.result()

    assert "cancelled in Temporal; held by ben" in held.reason
    assert gone.phase is EnvironmentPhase.REMOVED


async def test_drift_is_told_and_changes_nothing_else(ask_for, world):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    queue = Resource(id=f"{living.name}/Orders", type="AWS::SQS::Queue", name="Orders")
    drift = Drift(resources=(Drifted(resource=queue, status="MODIFIED"),))

    await living.handle.signal(EnvironmentWorkflow.drift_found, drift)
    view = await living.until(lambda view: view.drift is not None)

    assert view.drift.found
    assert view.drift_at is not None
    assert view.phase is EnvironmentPhase.READY
    # It is recorded beside the story, and so a moment later than it is shown.
    await living.until(lambda _: outcomes(world, living, "drift") == ["found"])


async def test_a_ledger_that_is_down_ends_nothing_and_keeps_nothing_alive(ask_for, world, cloud):
    world.audit.failures = [Refused("the ledger is read-only")] * 200
    living = await ask_for(lease=SHORT)

    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert not cloud.of(living.name)
    assert not world.recorded(living.id)


async def test_nothing_waits_for_a_notice_that_nobody_delivers(ask_for, world):
    world.notices.failures = [Refused("no such mailbox")] * 10
    living = await ask_for(lease={"ttl": 2 * SECOND, "warn_before": (SECOND,)})

    gone = await living.result()

    assert len(gone.warned) == 1
    assert gone.phase is EnvironmentPhase.REMOVED


async def test_a_burst_of_messages_is_carried_from_run_to_run(ask_for, cloud, world):
    """Every word counts once, whichever run of the story it reached."""
    living = await ask_for(extension={"times": 100, "by": "1m"})
    ready = await living.until_phase(EnvironmentPhase.READY)
    minute = timedelta(minutes=1)

    turns = asyncio.Semaphore(8)  # of the ten updates that the server has under way at once

    async def extend(number):
        async with turns:
            said = Extend(by=f"person-{number}", span=minute)
            await living.tell(EnvironmentWorkflow.extend, said)

    async def extend_by_signal(number):
        said = Extend(by=f"pipeline-{number}", span=minute)
        await living.handle.signal(EnvironmentWorkflow.extend_lease, said)

    await living.tell(EnvironmentWorkflow.hold, HOLD)
    cloud.faults["tag_environment"] = [Refused("not now")] * 1000
    runs = {ready.run}
    for wave in (range(25), range(25, 50)):
        await asyncio.gather(*map(extend, wave), *map(extend_by_signal, wave))
        runs.add((await living.view()).run)
    cloud.faults.clear()
    view = await living.until(lambda view: len(view.extensions) == 100 and view.run not in runs)

    assert view.created_at == ready.created_at
    assert view.expires_at == ready.expires_at + 100 * minute
    assert len({extension.by for extension in view.extensions}) == 100
    assert view.hold is not None
    assert cloud.methods().count("create_environment") == 1
    tags = living.order.tags(expiry=view.expires_at) | {Tag.HOLD: "ben: litigation- 2026/7"}
    await living.until(lambda _: all(each.tags == tags for each in cloud.of(living.name)))

    await living.tell(EnvironmentWorkflow.lift_hold, LiftHold(by="ben", reason="settled"))
    await living.tell(EnvironmentWorkflow.teardown, GO)
    gone = await living.result()
    assert gone.removal.after.empty
    assert outcomes(world, living, "extend") == ["done"] * 100
