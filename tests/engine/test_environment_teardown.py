"""How an environment ends: nothing is left, or what is left is named and tried again."""

import asyncio
import random
import threading
import uuid
from datetime import timedelta

import pytest

from tests.environments import STACK
from workflows.domain.environments.census import STACK as A_STACK
from workflows.domain.environments.census import Resource, Tag
from workflows.domain.environments.commands import Ended, Extend, Retry, SetHold, Teardown
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.errors import Diverged, Refused, Unavailable
from workflows.environment import EnvironmentWorkflow

GO = Teardown(by="ana", reason="not needed any more")
AGAIN = Retry(by="ana", reason="mended")
AT_ONCE = {"retry_after": timedelta(milliseconds=50), "retry_at_most": timedelta(seconds=1)}
A_DATABASE = STACK.replace(
    '  Orders: {Type: "AWS::SQS::Queue"}',
    '  Orders: {Type: "AWS::SQS::Queue"}\n  Books: {Type: "AWS::RDS::DBInstance"}',
)
A_RETAINED_BUCKET = STACK.replace(
    '{Type: "AWS::S3::Bucket"}', '{Type: "AWS::S3::Bucket", DeletionPolicy: Retain}'
)


@pytest.fixture
def cloud(world):
    return world.environments.cloud


async def torn_down(living):
    await living.until_phase(EnvironmentPhase.READY)
    await living.tell(EnvironmentWorkflow.teardown, GO)


async def until_called(cloud, method):
    async with asyncio.timeout(20):
        while method not in cloud.methods():  # noqa: ASYNC110 - the cloud has no event for it
            await asyncio.sleep(0.02)


async def test_a_creation_that_fails_half_way_leaves_nothing_and_says_which_and_why(
    ask_for, cloud
):
    cloud.breaks["Orders"] = "a queue of this name exists"
    living = await ask_for()

    failed = await living.result()

    assert failed.phase is EnvironmentPhase.FAILED
    assert failed.reason == "Refused: Orders (AWS::SQS::Queue): a queue of this name exists"
    assert failed.removal.after.empty
    assert not cloud.of(living.name)
    assert not cloud.stacks


async def test_what_the_template_refuses_is_told_before_anything_is_made(ask_for, cloud):
    cloud.faults["check_blueprint"] = [Refused("Parameters: [Size] must have values")]
    living = await ask_for()

    failed = await living.result()

    assert failed.phase is EnvironmentPhase.FAILED
    assert failed.reason == "Refused: Parameters: [Size] must have values"
    assert "create_environment" not in cloud.methods()
    assert "delete_stack" not in cloud.methods()


async def test_what_exists_and_has_no_story_is_neither_taken_over_nor_removed(ask_for, cloud):
    name = f"pr-{uuid.uuid4().hex[:8]}"
    cloud.plant(name, "arn:queue")
    living = await ask_for(name)

    failed = await living.result()

    assert failed.phase is EnvironmentPhase.FAILED
    assert "exists and has no story: 1 resources: AWS::SQS::Queue (arn:queue)" in failed.reason
    assert [each.id for each in cloud.of(name)] == ["arn:queue"]
    assert cloud.methods() == ["take_census"]


async def test_what_cannot_be_counted_is_not_begun(ask_for, cloud):
    """Its removal could never be proved either."""
    cloud.unreadable = ("sqs: AccessDenied",)
    living = await ask_for()

    failed = await living.result()

    assert failed.phase is EnvironmentPhase.FAILED
    assert "could not count sqs: AccessDenied" in failed.reason
    assert cloud.methods() == ["take_census"]


@pytest.mark.parametrize("method", ["take_census", "create_environment"])
@pytest.mark.parametrize("word", ["cancel", "teardown", "end"])
async def test_whoever_ends_it_while_it_is_made_leaves_nothing(ask_for, cloud, method, word):
    """The provider does not answer any more: what is under way is told to stop."""
    cloud.blocked[method] = threading.Event()
    living = await ask_for()
    await until_called(cloud, method)
    del cloud.blocked[method]  # whoever asks next is answered

    if word == "cancel":
        await living.handle.cancel()
    elif word == "teardown":
        await living.tell(EnvironmentWorkflow.teardown, GO)
    else:
        await living.handle.signal(EnvironmentWorkflow.end, Ended(by="r", reason="over"))
    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.ready_at is None
    assert not cloud.of(living.name)
    assert not cloud.stacks


async def test_a_creation_that_ends_well_all_the_same_is_taken_down(ask_for, cloud):
    """The word comes too late to stop it; what was made is removed as anything else."""
    made = cloud.blocked["create_environment"] = threading.Event()
    living = await ask_for()
    await until_called(cloud, "create_environment")

    await asyncio.gather(
        living.tell(EnvironmentWorkflow.teardown, GO), asyncio.to_thread(made.set)
    )
    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.after.empty
    assert not cloud.of(living.name)


async def test_nothing_can_be_held_or_extended_before_it_is_there(ask_for, cloud):
    cloud.blocked["create_environment"] = threading.Event()
    living = await ask_for()
    await until_called(cloud, "create_environment")

    held = await living.refusal(EnvironmentWorkflow.hold, SetHold(by="ben", reason="court"))
    extended = await living.refusal(EnvironmentWorkflow.extend, Extend(by="ana"))
    retried = await living.refusal(EnvironmentWorkflow.retry, AGAIN)

    assert held == ("HoldRefused", f"{living.name} is Creating: there is nothing to hold")
    assert extended[0] == "ExtensionRefused"
    assert retried[0] == "RetryRefused"
    cloud.blocked["create_environment"].set()


async def test_what_is_left_is_named_and_the_story_stays_open_until_it_is_gone(ask_for, cloud):
    cloud.undeletable["Orders"] = "somebody consumes it"
    living = await ask_for()
    await torn_down(living)

    view = await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    assert view.removal.problem == (
        "Refused: could not be deleted: Orders (AWS::SQS::Queue): somebody consumes it"
    )
    assert f"Orders ({living.name}/Orders)" in {str(r) for r in view.removal.after.resources}
    assert view.removal.removed == (f"Uploads ({living.name}/Uploads)",)
    assert view.removal.asks_person
    await living.until(lambda view: view.removal.again_at is not None)
    assert (await living.refusal(EnvironmentWorkflow.extend, Extend(by="ana")))[0] == (
        "ExtensionRefused"
    )

    cloud.undeletable.clear()
    await living.tell(EnvironmentWorkflow.retry, AGAIN)
    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.attempts == 2
    assert gone.removal.problem == ""
    assert len(gone.removal.removed) == 3


async def test_it_is_tried_again_by_itself_and_its_owner_is_told_once(ask_for, cloud, world):
    cloud.undeletable["Orders"] = "somebody consumes it"
    living = await ask_for(teardown=AT_ONCE)
    await torn_down(living)

    await living.until(lambda view: view.removal is not None and view.removal.attempts >= 4)
    cloud.undeletable.clear()
    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    subjects = [ask.subject for ask in world.notices.asks]
    assert [" is not torn down: " in subject for subject in subjects] == [True, False]


async def test_what_stays_left_for_long_is_carried_from_run_to_run(ask_for, cloud):
    cloud.undeletable["Orders"] = "somebody consumes it"
    often = timedelta(milliseconds=20)
    living = await ask_for(teardown={"retry_after": often, "retry_at_most": often})
    await torn_down(living)
    first = await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    later = await living.until(lambda view: view.run != first.run)
    cloud.undeletable.clear()
    gone = await living.result()

    assert later.phase is EnvironmentPhase.TEARDOWN_INCOMPLETE
    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.by == "ana"
    assert gone.removal.attempts > 2
    assert len(gone.removal.removed) == 3


async def test_a_second_word_to_go_tries_again_at_once(ask_for, cloud):
    cloud.undeletable["Orders"] = "somebody consumes it"
    living = await ask_for()
    await torn_down(living)
    await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    cloud.undeletable.clear()
    await living.tell(EnvironmentWorkflow.teardown, GO)

    assert (await living.result()).phase is EnvironmentPhase.REMOVED


async def test_what_cannot_be_counted_is_not_called_gone(ask_for, cloud):
    living = await ask_for(teardown=AT_ONCE)
    await living.until_phase(EnvironmentPhase.READY)
    cloud.unreadable = ("sqs: AccessDenied",)
    await living.tell(EnvironmentWorkflow.teardown, GO)

    view = await living.until(lambda view: view.removal is not None and view.removal.attempts > 1)

    assert view.phase is EnvironmentPhase.TEARDOWN_INCOMPLETE
    assert not cloud.of(living.name)
    assert view.removal.problem == "could not count sqs: AccessDenied"
    cloud.unreadable = ()
    assert (await living.result()).removal.after.empty


async def test_what_outlives_its_stack_is_deleted_as_well(ask_for, cloud):
    living = await ask_for(text=A_RETAINED_BUCKET)
    await living.until_phase(EnvironmentPhase.READY)
    cloud.plant(living.name, "arn:by-hand")
    cloud.objects[f"{living.name}/Uploads"] = 3

    await living.tell(EnvironmentWorkflow.teardown, GO)
    gone = await living.result()

    (asked,) = [ask for method, ask in cloud.asked if method == "delete_orphans"]
    censuses = [ask.stack for method, ask in cloud.asked if method == "take_census"]
    assert censuses == ["", "", *[f"stack/{living.name}"] * 2]
    assert {each.id for each in asked.resources} == {f"{living.name}/Uploads", "arn:by-hand"}
    assert gone.removal.after.empty
    assert not cloud.of(living.name)


async def test_an_orphan_that_stays_is_named_with_its_reason(ask_for, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    cloud.plant(living.name, "arn:by-hand")
    cloud.undeletable["arn:by-hand"] = "in use by i-1234"

    await living.tell(EnvironmentWorkflow.teardown, GO)
    view = await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    assert view.removal.problem == "Refused: arn:by-hand: in use by i-1234"
    assert [each.id for each in view.removal.after.resources] == ["arn:by-hand"]


async def test_final_snapshots_are_complete_before_anything_goes(ask_for, cloud):
    living = await ask_for(text=A_DATABASE, dataClass="restricted")
    await torn_down(living)

    gone = await living.result()

    done = cloud.methods()
    assert done.index("take_snapshots") < done.index("empty_buckets") < done.index("delete_stack")
    assert gone.removal.snapshots == (f"snapshot/{living.name}/Books",)
    assert gone.removal.after.empty
    assert list(cloud.snapshots) == list(gone.removal.snapshots)


async def test_what_its_stack_keeps_by_its_template_is_told_and_keeps_nothing_open(ask_for, cloud):
    text = A_DATABASE.replace('DBInstance"}', 'DBInstance", DeletionPolicy: Snapshot}')
    earlier = "snapshot-of-an-earlier-one"
    living = await ask_for(text=text)
    await living.until_phase(EnvironmentPhase.READY)
    tags = {Tag.ENVIRONMENT: living.name, Tag.SNAPSHOT: living.name}
    cloud.snapshots[earlier] = Resource(id=earlier, type="AWS::RDS::DBInstance", tags=tags)

    await torn_down(living)
    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.snapshots == (f"snapshot-by-stack/{living.name}/Books",)
    assert gone.removal.after.kept == (earlier, *gone.removal.snapshots)
    assert "take_snapshots" not in cloud.methods()


async def test_without_its_snapshot_nothing_goes(ask_for, cloud):
    living = await ask_for(text=A_DATABASE, teardown={"snapshots": ("Books",)})
    await living.until_phase(EnvironmentPhase.READY)
    cloud.faults["take_snapshots"] = [Refused("Books: its key is disabled")]

    await living.tell(EnvironmentWorkflow.teardown, GO)
    view = await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    assert view.removal.problem == "Refused: Books: its key is disabled"
    assert {"empty_buckets", "delete_stack", "delete_orphans"}.isdisjoint(cloud.methods())
    assert len(cloud.of(living.name)) == 3

    await living.tell(EnvironmentWorkflow.retry, AGAIN)
    assert (await living.result()).removal.snapshots == (f"snapshot/{living.name}/Books",)


async def test_an_attempt_that_failed_is_removed_without_snapshots(ask_for, cloud):
    """It never was ready: there is no data of anybody's in it, and a snapshot may never be."""
    cloud.breaks["Books"] = "no such instance class"
    living = await ask_for(text=A_DATABASE, dataClass="restricted")

    failed = await living.result()

    assert failed.phase is EnvironmentPhase.FAILED
    assert "take_snapshots" not in cloud.methods()


async def test_protection_against_deletion_is_lifted_where_the_template_says_so(ask_for, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    cloud.stacks[living.name].protected = True

    await living.tell(EnvironmentWorkflow.teardown, GO)

    assert (await living.result()).phase is EnvironmentPhase.REMOVED


async def test_otherwise_a_person_takes_it_off_and_nothing_was_touched(ask_for, cloud):
    living = await ask_for(teardown={"lift_protection": False})
    await living.until_phase(EnvironmentPhase.READY)
    cloud.stacks[living.name].protected = True
    cloud.objects[f"{living.name}/Uploads"] = 3

    await living.tell(EnvironmentWorkflow.teardown, GO)
    view = await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    assert "Diverged: it is protected against deletion" in view.removal.problem
    assert view.removal.asks_person
    assert cloud.objects == {f"{living.name}/Uploads": 3}
    assert len(cloud.of(living.name)) == 2

    cloud.stacks[living.name].protected = False
    await living.tell(EnvironmentWorkflow.retry, AGAIN)
    assert (await living.result()).phase is EnvironmentPhase.REMOVED


async def test_a_bucket_that_cannot_be_emptied_keeps_nothing_else(ask_for, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    bucket = f"{living.name}/Uploads"
    cloud.locked.add(bucket)
    cloud.objects[bucket] = 3

    await living.tell(EnvironmentWorkflow.teardown, GO)
    view = await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    assert f"Refused: {bucket}: Object Lock keeps what is in it" in view.removal.problem
    assert f"Orders ({living.name}/Orders)" in view.removal.removed
    assert bucket in {each.id for each in view.removal.after.resources}


async def test_buckets_are_left_as_they_are_where_the_template_says_so(ask_for, cloud):
    living = await ask_for(teardown={"empty_buckets": False})
    await living.until_phase(EnvironmentPhase.READY)
    cloud.objects[f"{living.name}/Uploads"] = 3

    await living.tell(EnvironmentWorkflow.teardown, GO)
    view = await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    assert "3 objects are in it" in view.removal.problem
    assert cloud.objects == {f"{living.name}/Uploads": 3}


async def test_the_tag_of_a_hold_keeps_everything_whoever_put_it_there(ask_for, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    cloud.plant(living.name, "arn:by-hand", **{Tag.HOLD: "ben: litigation"})

    await living.tell(EnvironmentWorkflow.teardown, GO)
    view = await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    assert (
        "a hold is tagged on it, and nothing is touched: ben: litigation" in view.removal.problem
    )
    assert len(cloud.of(living.name)) == 3


async def test_a_stack_that_is_not_ours_any_more_is_left_for_a_person(ask_for, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    cloud.faults["delete_stack"] = [Diverged("the stack is not ours")]

    await living.tell(EnvironmentWorkflow.teardown, GO)
    view = await living.until_phase(EnvironmentPhase.TEARDOWN_INCOMPLETE)

    assert view.removal.problem == "Diverged: the stack is not ours"
    assert "delete_orphans" not in cloud.methods()


@pytest.mark.parametrize(
    "method", ["take_census", "empty_buckets", "delete_stack", "delete_orphans"]
)
async def test_a_cancel_in_the_middle_of_a_teardown_tears_nothing_apart(ask_for, cloud, method):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    cloud.plant(living.name, "arn:by-hand")
    go_on = cloud.blocked[method] = threading.Event()
    before = cloud.methods().count(method)
    await living.tell(EnvironmentWorkflow.teardown, GO)
    await living.until(lambda _: cloud.methods().count(method) > before)

    await living.handle.cancel()
    await living.until(lambda view: view.phase is EnvironmentPhase.TEARING_DOWN)
    go_on.set()
    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.removal.by == "ana"
    assert cloud.methods().count("delete_stack") == 1
    assert not cloud.of(living.name)


async def test_a_provider_that_comes_back_is_asked_again(ask_for, cloud):
    living = await ask_for()
    await living.until_phase(EnvironmentPhase.READY)
    cloud.faults["delete_stack"] = [Unavailable("Rate exceeded")]

    await living.tell(EnvironmentWorkflow.teardown, GO)
    gone = await living.result()

    assert gone.removal.attempts == 1
    assert cloud.methods().count("delete_stack") == 2


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_fails_what_is_left_is_named_and_in_the_end_nothing_is(
    ask_for, cloud, seed
):
    """Faults by chance, at every call of a teardown; nothing goes before its snapshot."""
    chance = random.Random(seed)
    living = await ask_for(
        text=A_DATABASE, dataClass="restricted", teardown={"retry_at_most": timedelta(0)}
    )
    await living.until_phase(EnvironmentPhase.READY)
    cloud.plant(living.name, "arn:by-hand")
    kinds = (Refused, Diverged, Refused, Unavailable)
    for method in ("take_census", "take_snapshots", "empty_buckets", "delete_stack"):
        faults = [
            chance.choice(kinds)(f"by chance in {method}") for _ in range(chance.randint(0, 2))
        ]
        cloud.faults[method] = faults
    stuck = chance.sample(["Uploads", "Orders", "Books", "arn:by-hand"], k=2)
    cloud.undeletable.update(dict.fromkeys(stuck, "by chance"))

    await living.tell(EnvironmentWorkflow.teardown, GO)
    view = await living.until(lambda _: not any(cloud.faults.values()))
    view = await living.until(
        lambda view: (
            view.removal.after is not None
            and {
                each.name or each.id
                for each in view.removal.after.resources
                if each.type != A_STACK
            }
            == set(stuck)
        )
    )
    assert view.phase is EnvironmentPhase.TEARDOWN_INCOMPLETE
    assert {each.name or each.id for each in cloud.of(living.name)} == set(stuck)

    cloud.undeletable.clear()
    gone = await living.result()

    assert gone.removal.after.empty
    assert not cloud.of(living.name)
    assert gone.removal.snapshots == (f"snapshot/{living.name}/Books",)
