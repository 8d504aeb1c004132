"""Releases and time: they wait for their slot, heed freezes under way, and always find back."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.builders import a_catalog, a_release, an_order, build_of
from workflows.domain.calendar import lengths
from workflows.domain.calendar.declared import CHAIN
from workflows.domain.calendar.override import Override
from workflows.domain.calendar.windows import Freeze, Granted, InFlight, Move
from workflows.domain.gates.vote import Vote
from workflows.domain.names import promotion_id
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.release.promotion import CalendarNews
from workflows.domain.values import Target
from workflows.ports.freezes import DeclareFreeze, LiftFreeze
from workflows.promotion import PromotionWorkflow
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
TEN_THEN_ALL = ({"setWeight": 10}, {"pause": {}}, {"setWeight": 100})


@pytest.fixture(autouse=True)
def instant(monkeypatch):
    """Steps and installations take no time, so that seconds are long enough for a test."""
    monkeypatch.setattr(lengths, "STEP", timedelta(0))
    monkeypatch.setattr(lengths, "INSTALL", timedelta(0))


@pytest.fixture
def served(world):
    world.serve(CHECKOUT, "v1")
    return world


def now():
    return datetime.now(UTC)


def freeze(world, name="incident-7", *, lasts=None, way=InFlight.HOLD, **more):
    at = now()
    made = Freeze(
        name=name,
        reason="payments fail",
        declared_by="dora",
        declared_at=at,
        start_at=at - HOUR,
        end_at=None if lasts is None else at + lasts,
        in_flight=way,
        **more,
    )
    return world.freezes.declare_freeze(DeclareFreeze(freeze=made))


def lift(world, name="incident-7"):
    world.freezes.lift_freeze(LiftFreeze(name=name, by="dora", reason="mended", at=now()))


async def told(started):
    await started.handle.signal(ReleaseWorkflow.calendar_changed)


async def override(started, by, *, window="incident-7", lasts=HOUR):
    said = Override(by=by, window=window, reason="the fix of the outage", lasts=lasts)
    return await started.handle.execute_update(ReleaseWorkflow.override, said)


def order(*, steps=TEN_THEN_ALL, schedule=None, **catalog):
    release = a_release()
    release["spec"]["schedule"] = {"rollbackReserve": "0s", **(schedule or {})}
    return an_order(release, {**a_catalog(steps=steps), **catalog})


async def at_ten_percent(start, **more):
    started = await start(order(**more))
    await started.until(lambda s: s.phase == Phase.HOLDING and s.exposure.weight_asked == 10)
    return started


def actions(world, started, action):
    return [e for e in world.recorded(started.handle.id) if e.action == action]


WEIGHTS = ({"setWeight": 10}, {"setWeight": 100})


async def test_a_release_waits_for_its_slot_and_says_what_for_and_until_when(served, start):
    declared = freeze(served, lasts=2 * SECOND)

    started = await start(order(steps=WEIGHTS))
    status = await started.until_phase(Phase.FROZEN)
    (blocker,) = status.blocked_by
    outcome = await started.result()

    assert blocker.gate == "window of production"
    assert "freeze incident-7" in blocker.reason
    assert blocker.clears_at == declared.end_at
    assert blocker.can_be_cleared_by == (
        "dora: lockgate freeze lift incident-7",
        "lockgate override, by 2",
    )
    assert outcome.phase == Phase.HEALTHY
    assert now() >= declared.end_at
    assert [e.outcome for e in actions(served, started, "window")][-1] == "open"


async def test_a_release_of_later_is_scheduled(served, start):
    begins = (now() + 2 * SECOND).isoformat()

    started = await start(order(steps=WEIGHTS, schedule={"notBefore": begins}))
    status = await started.until_phase(Phase.SCHEDULED)
    outcome = await started.result()

    assert status.blocked_by[0].clears_at == datetime.fromisoformat(begins)
    assert outcome.phase == Phase.HEALTHY


async def test_it_wakes_early_when_the_calendar_changes(served, start):
    freeze(served)
    started = await start(order(steps=WEIGHTS))
    status = await started.until_phase(Phase.FROZEN)

    lift(served)
    await told(started)
    outcome = await started.result()

    assert status.blocked_by[0].clears_at is None
    assert outcome.phase == Phase.HEALTHY


async def test_a_window_of_the_catalog_keeps_it_as_a_freeze_does(served, start):
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    window = {
        "dtstart": f"{midnight - timedelta(days=1):%Y%m%dT%H%M%SZ}",
        "duration": "3d",
        "reason": "the books are closed",
    }

    started = await start(order(changeWindows={"year-end": window}))
    status = await started.until_phase(Phase.FROZEN)

    assert "ChangeWindow year-end" in status.blocked_by[0].reason
    assert "the books are closed" in status.blocked_by[0].reason
    assert status.blocked_by[0].evidence == ("year-end",)


async def test_a_feed_that_cannot_be_had_is_not_open(served, start):
    served.feeds.texts["vendor-x"] = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n"
    served.feeds.down = {"vendor-x"}
    vendor = {"vendor": {"feed": {"connection": "vendor-x"}}}

    started = await start(order(steps=WEIGHTS, calendars=vendor))
    status = await started.until_phase(Phase.FROZEN)
    served.feeds.down = set()
    await told(started)
    outcome = await started.result()

    assert "feed vendor-x cannot be had (it does not answer)" in status.blocked_by[0].reason
    assert outcome.phase == Phase.HEALTHY


async def test_what_cannot_be_over_by_its_deadline_is_denied(served, start):
    freeze(served, lasts=2 * HOUR)
    deadline = (now() + HOUR).isoformat()

    outcome = await (await start(order(schedule={"deadline": deadline}))).result()

    assert outcome.phase == Phase.DENIED
    assert "fit nowhere by the deadline" in outcome.reason
    assert "freeze incident-7" in outcome.reason
    assert served.route(CHECKOUT).stable == build_of("checkout", "v1")


async def test_under_way_hold_stays_at_its_weight_until_it_opens(served, start):
    started = await at_ten_percent(start)
    freeze(served)
    await told(started)

    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))
    status = await started.until_phase(Phase.FROZEN)
    assert status.exposure.weight_asked == 10
    assert "stays at its weight" in status.blocked_by[0].reason
    lift(served)
    await told(started)
    outcome = await started.result()

    assert outcome.phase == Phase.HEALTHY


async def test_under_way_unwind_turns_back_at_once(served, start):
    started = await at_ten_percent(start)

    freeze(served, way=InFlight.UNWIND)
    await told(started)
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "freeze incident-7" in outcome.reason
    assert served.route(CHECKOUT).canary is None
    assert served.route(CHECKOUT).stable == build_of("checkout", "v1")


async def test_under_way_complete_goes_on_and_that_is_recorded(served, start):
    started = await at_ten_percent(start)

    freeze(served, way=InFlight.COMPLETE)
    await told(started)
    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))
    outcome = await started.result()

    assert outcome.phase == Phase.HEALTHY
    assert "complete" in [e.outcome for e in actions(served, started, "window")]


async def test_a_freeze_that_nobody_tells_of_is_found_before_the_next_step(served, start):
    started = await at_ten_percent(start)

    freeze(served)
    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))
    status = await started.until_phase(Phase.FROZEN)

    assert status.exposure.weight_asked == 10


async def test_a_hold_that_outlasts_the_deadline_turns_back(served, start):
    deadline = (now() + 4 * SECOND).isoformat()
    started = await at_ten_percent(start, schedule={"deadline": deadline})

    freeze(served)
    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))
    outcome = await started.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "the deadline" in outcome.reason


@pytest.mark.parametrize(
    ("word", "phase"),
    [("rollback", Phase.ROLLED_BACK), ("abort", Phase.CANCELLED)],
)
async def test_a_freeze_of_everything_holds_no_rollback_and_no_abort_up(
    served, start, word, phase
):
    started = await at_ten_percent(start)
    freeze(served, moves=tuple(Move))
    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))
    await started.until_phase(Phase.FROZEN)

    await started.handle.signal(word, Command(by="ana", reason="it is not good"))
    outcome = await started.result()

    assert outcome.phase == phase
    assert served.running(CHECKOUT) == {build_of("checkout", "v1")}
    assert [f.lifted_at for f in served.freezes.declared.values()] == [None]


async def test_two_people_set_a_freeze_aside_and_it_is_looked_back_on(served, start):
    freeze(served)
    started = await start(order(steps=WEIGHTS))
    await started.until_phase(Phase.FROZEN)

    one = await override(started, "ana")
    again = await override(started, "ana")
    two = await override(started, "ben")
    outcome = await started.result()

    assert [(v.stands, v.by, v.missing) for v in (one, again)] == [(False, ("ana",), 1)] * 2
    assert (two.stands, two.by) == (True, ("ana", "ben"))
    assert outcome.phase == Phase.HEALTHY
    assert any("look back on the override of incident-7" in left for left in outcome.leftovers)
    recorded = [(e.actor, e.outcome) for e in actions(served, started, "override")]
    assert recorded == [("ana", "counted"), ("ana", "counted"), ("ben", "overridden")]
    assert [e.outcome for e in actions(served, started, "retrospective")] == ["due"]


async def test_nobody_approves_while_a_freeze_bars_that_and_everybody_may_reject(served, start):
    freeze(served, moves=(Move.APPROVE,))
    release = a_release()
    started = await start(an_order(release, a_catalog(steps=WEIGHTS, gated=True)))
    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    vote = Vote(voter="ana", approved=True, digest=status.decision_digest)

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await started.handle.execute_update(ReleaseWorkflow.vote, vote)
    no = vote.model_copy(update={"approved": False})
    await started.handle.execute_update(ReleaseWorkflow.vote, no)

    assert "nobody may approve now: freeze incident-7" in str(refused.value.cause)
    assert (await started.result()).phase == Phase.DENIED


async def test_an_approval_counts_once_the_freeze_is_lifted(served, start):
    freeze(served, moves=(Move.APPROVE,))
    started = await start(an_order(a_release(), a_catalog(steps=WEIGHTS, gated=True)))
    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    vote = Vote(voter="ana", approved=True, digest=status.decision_digest)
    lift(served)
    await told(started)

    counted = False
    async with asyncio.timeout(20):
        while not counted:
            with suppress(WorkflowUpdateFailedError):  # the calendar may still be being asked
                await started.handle.execute_update(ReleaseWorkflow.vote, vote)
                counted = True

    assert (await started.result()).phase == Phase.HEALTHY


async def test_a_freeze_is_set_aside_under_way_as_well(served, start):
    started = await at_ten_percent(start)
    freeze(served)
    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))
    await started.until_phase(Phase.FROZEN)

    await override(started, "ana")
    await override(started, "ben")

    assert (await started.result()).phase == Phase.HEALTHY


@pytest.mark.parametrize(
    ("by", "more", "why"),
    [
        ("carl", {}, "asked for this release"),
        ("mallory", {}, "nobody the release's catalog knows"),
        ("ana", {"window": "another"}, "bars nothing now; windows that do: incident-7"),
        ("ana", {"lasts": 5 * HOUR}, "at most 4h"),
    ],
)
async def test_a_word_that_does_not_count_is_refused_with_the_reason(served, start, by, more, why):
    freeze(served)
    started = await start(order())
    await started.until_phase(Phase.FROZEN)

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await override(started, by, **more)

    assert why in str(refused.value.cause)


async def test_a_word_that_does_not_count_is_recorded_as_well(served, start):
    freeze(served)
    started = await start(order(steps=WEIGHTS))
    await started.until_phase(Phase.FROZEN)

    with pytest.raises(WorkflowUpdateFailedError):
        await override(started, "mallory")
    lift(served)
    await told(started)
    await started.result()

    (entry,) = actions(served, started, "override")
    assert (entry.outcome, entry.actor) == ("refused", "mallory")


async def test_a_window_that_nobody_may_set_aside_stays_closed(served, start):
    window = {"dtstart": f"{now() - HOUR:%Y%m%dT%H%M%SZ}", "duration": "3d"}
    started = await start(order(changeWindows={"audit": window}))
    await started.until_phase(Phase.FROZEN)

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await override(started, "ana", window="audit")

    assert "cannot be set aside" in str(refused.value.cause)


async def test_what_is_declared_and_lifted_is_in_the_record_of_the_calendar(served, start):
    freeze(served, lasts=HOUR)
    lift(served)

    assert [e.entry.action for e in served.audit.links[CHAIN]] == [
        "declare_freeze",
        "lift_freeze",
    ]


async def test_nobody_sets_a_freeze_aside_by_telling_the_promotion_so(served, start, client):
    started = await at_ten_percent(start)
    freeze(served)
    forged = Granted(
        window="incident-7",
        by=("ana", "ben"),
        reason="the fix of the outage",
        granted_at=datetime.now(UTC) - HOUR,
        expires_at=datetime.now(UTC) + HOUR,
        retrospective_by=datetime.now(UTC) + HOUR,
    )
    promotion = client.get_workflow_handle(promotion_id(started.handle.id, CHECKOUT))
    news = CalendarNews(overrides=(forged,))
    await promotion.signal(PromotionWorkflow.calendar_changed, news)

    await started.handle.signal(ReleaseWorkflow.promote, Command(by="ana"))

    status = await started.until_phase(Phase.FROZEN)
    assert status.exposure.weight_asked == 10
