"""A readiness review by itself: who is asked when, what counts, and what opens it anew."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError
from temporalio.worker import Worker

from tests.builders import a_catalog, an_order
from tests.engine.conftest import working
from tests.engine.histories import save_histories
from workflows.domain.admission.admission import admit
from workflows.domain.gates.vote import Vote
from workflows.domain.readiness.dossier import Dossier, section
from workflows.domain.readiness.readiness import (
    ReadinessOrder,
    ReadinessState,
    ReadinessSubject,
    ReadinessView,
)
from workflows.domain.spec.readiness import Aspect
from workflows.domain.values import digest_of
from workflows.readiness import ReadinessWorkflow

HOUR = timedelta(hours=1)


def a_rule(**changes):
    review = {
        "roles": ["sre", "product"],
        "remindAfter": "1h",
        "escalateTo": [{"person": "ben", "after": "2h"}],
        **changes,
    }
    catalog = a_catalog(gated=True, policy={"readinessReview": review})
    (stage,) = admit(an_order(catalog=catalog)).plan.stages
    return stage.readiness


def a_dossier(release, *, risk="low", calendar="Tuesday"):
    return Dossier(
        release=release,
        name="shop",
        environment="production",
        decision_digest=digest_of(f"decision {risk}"),
        sections=(
            section(Aspect.MANIFEST, ("checkout v2 to production",)),
            section(Aspect.RISK, (risk,)),
            section(Aspect.CALENDAR, (calendar,)),
        ),
    )


class Review:
    """A review under way, with the questions tests ask of it."""

    def __init__(self, handle, release):
        self.handle = handle
        self.release = release

    async def view(self):
        return await self.handle.query(ReadinessWorkflow.status)

    async def until(self, reached):
        async with asyncio.timeout(20):
            while True:
                view = await self.view()
                if reached(view):
                    return view
                await asyncio.sleep(0.02)

    async def until_state(self, state):
        return await self.until(lambda view: view.state is state)

    async def say(self, by, *, go=True, dossier=None, note=""):
        digest = dossier or (await self.view()).dossier
        word = Vote(voter=by, approved=go, digest=digest, note=note)
        return await self.handle.execute_update(ReadinessWorkflow.say, word)

    async def change(self, *, due_at=None, **changes):
        subject = ReadinessSubject(dossier=a_dossier(self.release, **changes), due_at=due_at)
        await self.handle.signal(ReadinessWorkflow.subject_changed, subject)


@pytest_asyncio.fixture(loop_scope="session")
async def open_review(client, queue, worker, request):
    """Open a review; whatever still runs at the end of the test is cancelled and ends."""
    begun = []

    async def begin(*, due_at=None, **changes):
        release = f"release/{uuid.uuid4().hex}"
        order = ReadinessOrder(
            release=release,
            name="shop",
            services=("checkout",),
            requested_by="carl",
            rule=a_rule(**changes),
            subject=ReadinessSubject(dossier=a_dossier(release), due_at=due_at),
        )
        handle = await client.start_workflow(
            ReadinessWorkflow.run, order, id=f"{release}/readiness", task_queue=queue
        )
        begun.append(Review(handle, release))
        return begun[-1]

    yield begin
    for review in begun:
        await review.handle.cancel()
        await asyncio.wait_for(review.handle.result(), timeout=20)
    if request.config.getoption("--record-histories"):
        for review in begun:
            await save_histories(client, review.handle.id, request.node.name)


def outcomes(world, review):
    entries = world.recorded(review.release)
    return [entry.outcome for entry in entries if entry.action == "readiness"]


async def test_go_of_every_role_is_go_and_one_alone_is_not(open_review, world):
    review = await open_review()
    opened = await review.until_state(ReadinessState.OPEN)
    assert world.reviews.dossiers[opened.dossier].text == a_dossier(review.release).text

    after_one = await review.say("ana")
    after_both = await review.say("eve", note="support is staffed")

    assert (after_one.state, after_one.missing) == (ReadinessState.OPEN, ("product",))
    assert (after_both.state, after_both.go) == (ReadinessState.GO, True)


async def test_a_no_go_holds_until_the_same_person_says_go(open_review):
    review = await open_review()
    await review.until_state(ReadinessState.OPEN)
    await review.say("eve")

    held = await review.say("ana", go=False, note="the pager is silent")

    assert (held.state, held.go) == (ReadinessState.NO_GO, False)
    assert held.reason == "ana says no-go: the pager is silent"
    assert (await review.say("ana")).state is ReadinessState.GO


async def test_it_opens_no_sooner_than_the_policy_says(open_review, world):
    due_at = datetime.now(UTC) + timedelta(hours=30)

    review = await open_review(due_at=due_at, before="24h")

    view = await review.until(lambda found: found.opens_at is not None)
    assert (view.state, view.dossier) == (ReadinessState.SCHEDULED, None)
    assert view.opens_at == due_at - 24 * HOUR
    assert world.reviews.dossiers == {}
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await review.say("ana", dossier=digest_of("anything"))
    assert "not open yet" in str(refused.value.cause)


async def test_a_slot_that_comes_nearer_opens_it(open_review):
    review = await open_review(due_at=datetime.now(UTC) + timedelta(hours=30))
    await review.until(lambda found: found.opens_at is not None)

    await review.change(due_at=datetime.now(UTC) + 2 * HOUR)

    assert (await review.until_state(ReadinessState.OPEN)).round == 1


async def test_silence_holds_and_goes_from_one_to_the_next(open_review, world):
    review = await open_review(
        before="1s",
        remindAfter="1s",
        escalateTo=[{"person": "ben", "after": "2s"}],
    )

    view = await review.until(lambda found: found.escalation and found.escalation.owner == "ben")

    assert view.state is ReadinessState.SILENT
    assert not view.go
    assert [(n.kind, n.to) for n in view.escalation.told][:2] == [
        ("reminded", "sre (ana, ben), product (eve)"),
        ("escalated", "ben"),
    ]
    await review.until(lambda _: "silent" in outcomes(world, review))
    said = [e.outcome for e in world.recorded(review.release) if e.action == "escalation"]
    assert said[:2] == ["reminded", "escalated"]


async def test_who_has_spoken_is_left_in_peace(open_review):
    review = await open_review(remindAfter="1s", escalateTo=[])
    await review.until_state(ReadinessState.OPEN)
    await review.say("ana")

    assert (await review.say("eve")).go

    view = await review.until_state(ReadinessState.GO)
    assert (await review.until(lambda found: found.escalation is None)).go
    assert view.words


async def test_a_material_change_voids_every_word_and_shows_the_difference(open_review, world):
    review = await open_review()
    first = await review.until_state(ReadinessState.OPEN)
    await review.say("ana")
    await review.say("eve")

    await review.change(risk="high: 3 incidents")

    view = await review.until(lambda found: found.round == 2)
    assert (view.state, view.words) == (ReadinessState.OPEN, ())
    assert view.difference == ("risk - low", "risk + high: 3 incidents")
    assert view.dossier != first.dossier
    assert set(world.reviews.dossiers) == {first.dossier, view.dossier}
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await review.say("ana", dossier=first.dossier)
    assert "read it again" in str(refused.value.cause)


async def test_what_the_policy_does_not_reopen_it_on_leaves_the_words(open_review):
    review = await open_review(reopenOn=["manifest"])
    await review.until_state(ReadinessState.OPEN)
    await review.say("ana")

    await review.change(calendar="Wednesday", risk="high")
    view = await review.say("eve")

    assert (view.state, view.round) == (ReadinessState.GO, 1)


async def test_a_slot_that_moves_reopens_it_where_the_policy_says_so(open_review):
    review = await open_review(reopenOn=["calendar"])
    await review.until_state(ReadinessState.OPEN)
    await review.say("ana")

    await review.change(calendar="Wednesday")

    view = await review.until(lambda found: found.round == 2)
    assert view.difference == ("calendar - Tuesday", "calendar + Wednesday")


@pytest.mark.parametrize(
    ("by", "why"), [("mallory", "holds none of the roles"), ("carl", "holds none of the roles")]
)
async def test_a_word_that_does_not_count_is_answered_with_the_reason(open_review, by, why):
    review = await open_review()
    await review.until_state(ReadinessState.OPEN)

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await review.say(by)

    assert why in str(refused.value.cause)
    assert (await review.view()).words == ()


async def test_a_signal_counts_as_well_and_one_that_does_not_is_recorded(open_review, world):
    review = await open_review()
    digest = (await review.until_state(ReadinessState.OPEN)).dossier

    await review.handle.signal(ReadinessWorkflow.go, Vote(voter="mallory", digest=digest))
    await review.handle.signal(ReadinessWorkflow.go)
    await review.handle.signal("noGo", Vote(voter="ana", digest=digest))

    assert (await review.until_state(ReadinessState.NO_GO)).words[0].voter == "ana"
    await review.until(lambda _: outcomes(world, review).count("refused") == 2)


async def test_nobody_proves_who_they_are_by_saying_so(open_review):
    review = await open_review()
    digest = (await review.until_state(ReadinessState.OPEN)).dossier

    claims = Vote(voter="ana", digest=digest, assurance="proven")
    view = await review.handle.execute_update(ReadinessWorkflow.say, claims)

    assert view.words[0].assurance == "asserted"


async def test_every_word_is_recorded_with_the_dossier_that_it_is_about(open_review, world):
    review = await open_review()
    digest = (await review.until_state(ReadinessState.OPEN)).dossier
    await review.say("ana", note="fine")
    await review.say("eve", go=False)

    await review.until(lambda _: outcomes(world, review)[:3] == ["opened", "go", "no-go"])

    (word,) = [e for e in world.recorded(review.release) if e.actor == "ana"]
    assert word.detail == f"{digest} asserted fine"
    assert world.chain_break(review.release) is None


async def test_it_is_closed_and_recorded_once_nobody_waits_for_it(open_review, world):
    review = await open_review()
    await review.until_state(ReadinessState.OPEN)

    await review.handle.cancel()
    view = await asyncio.wait_for(review.handle.result(), timeout=20)

    assert (view.state, view.go) == (ReadinessState.CLOSED, False)
    assert outcomes(world, review)[-1] == "closed"


@workflow.defn(name="ReleaseThatListens", sandboxed=False)
class ReleaseThatListens:
    """Has a review, and waits for it; what the review tells it is taken and left alone."""

    @workflow.run
    async def run(self, order: ReadinessOrder, queue: str) -> ReadinessView:
        return await workflow.execute_child_workflow(
            ReadinessWorkflow.run, order, id=f"{order.release}/readiness", task_queue=queue
        )


async def until_there(review):
    async with asyncio.timeout(20):
        while True:
            try:
                return await review.handle.describe()
            except RPCError:
                await asyncio.sleep(0.02)


async def test_a_cancel_beside_a_word_ends_the_review(client, queue, world):
    """The word is told to the release; a signal that is cancelled before it left never returns."""
    release = f"release/{uuid.uuid4().hex}"
    order = ReadinessOrder(
        release=release,
        name="shop",
        services=("checkout",),
        requested_by="carl",
        rule=a_rule(),
        subject=ReadinessSubject(dossier=a_dossier(release)),
    )
    releases = Worker(client, task_queue=f"{queue}-releases", workflows=[ReleaseThatListens])
    async with releases:
        async with working(client, queue, world):
            above = await client.start_workflow(
                ReleaseThatListens.run,
                args=[order, queue],
                id=release,
                task_queue=f"{queue}-releases",
            )
            review = Review(client.get_workflow_handle(f"{release}/readiness"), release)
            await until_there(review)
            view = await review.until(lambda view: view.dossier is not None)
        word = Vote(voter="ana", approved=True, digest=view.dossier)
        await review.handle.signal(ReadinessWorkflow.go, word)
        await review.handle.cancel()
        async with working(client, queue, world):
            ended = await asyncio.wait_for(above.result(), timeout=20)

    assert ended.state is ReadinessState.CLOSED
    assert ended.words != ()
