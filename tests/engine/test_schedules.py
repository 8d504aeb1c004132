"""The declared schedules on a real server: applied once, corrected, pruned, paused, triggered."""

import asyncio
import dataclasses
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import ScheduleIntervalSpec, ScheduleOverlapPolicy, ScheduleUpdate

from starters import doctor
from starters.failures import CommandFailed
from starters.schedules import temporal
from starters.schedules.comparing import as_schedule
from starters.schedules.declared import declared_schedules
from workflows.domain.names import Queue

SWEEP = "lockgate-sweep"
OTHERS = ("lockgate-mine", "lockgate-2027-03-28", "lockgate-2027-10-31", "theirs")
MINE = """\
apiVersion: lockgate.dev/v1alpha1
kind: Schedule
metadata: {name: lockgate-mine}
spec:
  why: looks again at night
  story: SweepWorkflow
  workflowId: sweep-at-night
  cron: 0 9 * * *
  timeZone: Europe/Dublin
  overlap: bufferOne
  catchup: 2h
  jitter: 5m
"""


@pytest.fixture
def declared(monkeypatch):
    monkeypatch.delenv("LOCKGATE_SCHEDULES", raising=False)
    return declared_schedules()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An installation's own folder, with one schedule."""
    monkeypatch.delenv("LOCKGATE_SCHEDULES", raising=False)
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def mine(folder):
    return next(one for one in declared_schedules(folder) if one.id == "lockgate-mine")


@pytest.fixture
async def removed(client, declared):
    """Whatever a test leaves is removed after it; the list alone would be a moment late."""
    yield
    for name in (*(one.id for one in declared), *OTHERS):
        await temporal.delete(client, name)
    await listed(client, set())


@pytest.fixture
async def applied(client, declared, removed):
    await temporal.apply(client, declared)
    await listed(client, {one.id for one in declared})


async def listed(client, ids):
    """Wait until the list, which is a moment late, has these and no others."""
    async with asyncio.timeout(20):
        while True:
            if {one.id async for one in await client.list_schedules()} == ids:
                return
            await asyncio.sleep(0.1)


async def found(client, declared, schedule=SWEEP):
    return next(f for f in await temporal.look(client, declared) if f.declared.id == schedule)


async def test_what_is_not_there_is_named_and_created(client, declared, removed):
    before = await temporal.look(client, declared)
    done = await temporal.apply(client, declared)
    after = await temporal.look(client, declared)
    again = await temporal.apply(client, declared)

    assert {found.amiss for found in before} == {"not in Temporal"}
    assert done == tuple(f"created {one.id}" for one in declared)
    for one in after:
        assert (one.applied, one.amiss, one.paused) == (True, "", False)
        assert one.next is not None
    assert again == ()


async def test_ours_are_in_temporal_as_they_always_were(client, applied):
    """An installation that has them already is not changed by their becoming files."""
    described = {
        name: (await client.get_schedule_handle(name).describe()).schedule
        for name in (SWEEP, "lockgate-seal", "lockgate-audit")
    }

    assert {
        name: (s.action.workflow, s.action.id, s.spec.intervals[0].every, s.spec.jitter)
        for name, s in described.items()
    } == {
        SWEEP: ("SweepWorkflow", "sweep", timedelta(minutes=1), None),
        "lockgate-seal": ("SealWorkflow", "seal", timedelta(minutes=10), None),
        "lockgate-audit": ("SealWorkflow", "seal-and-compare", timedelta(days=1), None),
    }
    for schedule in described.values():
        assert schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
        assert schedule.policy.catchup_window == timedelta(hours=1)
        assert schedule.spec.time_zone_name is None


async def test_what_somebody_changed_is_corrected_and_stays_paused(client, declared, applied):
    async def slower(asked):
        schedule = asked.description.schedule
        schedule.spec.intervals = [ScheduleIntervalSpec(every=timedelta(minutes=5))]
        return ScheduleUpdate(schedule)

    await client.get_schedule_handle(SWEEP).update(slower)
    await temporal.pause(client, SWEEP, declared, note="store is down")

    before = await found(client, declared)
    (done,) = await temporal.apply(client, declared)
    corrected = await found(client, declared)

    assert before.amiss == "every is 5m, declared is 1m"
    assert done == f"corrected {SWEEP}: every is 5m, declared is 1m"
    assert (corrected.differences, corrected.paused) == ((), True)
    assert corrected.note == "store is down"


async def test_every_field_that_differs_is_told_and_corrected(client, mine, removed):
    """Also those that nobody can declare, such as a last day."""
    other = as_schedule(
        dataclasses.replace(
            mine,
            spec=mine.spec.model_copy(
                update={
                    "why": "for another reason",
                    "story": "SealWorkflow",
                    "workflow_id": "elsewhere",
                    "cron": "30 9 * * 1-5",
                    "time_zone": "UTC",
                    "overlap": "skip",
                    "catchup": timedelta(days=1),
                    "jitter": timedelta(0),
                }
            ),
            order=mine.order.model_copy(update={"within": timedelta(hours=1)}),
        )
    )
    other.spec.end_at = datetime(2030, 1, 1, tzinfo=UTC)
    other.action.task_queue = "elsewhere"
    await client.create_schedule(mine.id, other)

    before = await found(client, [mine], mine.id)
    await temporal.apply(client, [mine])
    after = await found(client, [mine], mine.id)

    assert {d.field: (d.found, d.declared) for d in before.differences} == {
        "cron": ("30 9 * * 1-5", "0 9 * * *"),
        "timeZone": ("UTC", "Europe/Dublin"),
        "jitter": ("nothing", "5m"),
        "overlap": ("skip", "bufferOne"),
        "catchup": ("1d", "2h"),
        "limits": ("until 2030-01-01T00:00:00+00:00", "nothing"),
        "story": ("SealWorkflow", "SweepWorkflow"),
        "workflowId": ("elsewhere", "sweep-at-night"),
        "queue": ("elsewhere", "stories"),
        "input.within": ('"PT1H"', '"P7D"'),
        "why": ("for another reason", "looks again at night"),
    }
    assert after.differences == ()


@pytest.mark.parametrize(
    ("day", "moments"),
    [
        ("2027-03-27", ["27T09:00", "28T08:00", "29T08:00"]),  # spring: an hour earlier in UTC
        ("2027-10-30", ["30T08:00", "31T09:00", "01T09:00"]),  # autumn: an hour later
    ],
)
async def test_a_time_of_day_stays_that_through_a_change_of_the_clock(
    client, mine, removed, day, moments
):
    schedule = as_schedule(mine)
    schedule.spec.start_at = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    schedule.spec.jitter = None
    handle = await client.create_schedule(mine.id, schedule)

    coming = (await handle.describe()).info.next_action_times

    assert [f"{at:%dT%H:%M}" for at in coming[:3]] == moments
    assert {at.astimezone(ZoneInfo("Europe/Dublin")).time() for at in coming} == {time(9)}


async def test_temporal_leaves_out_what_the_clock_jumps_over(client, mine, removed):
    """Why such a time is refused in a file; one that the clock shows twice comes once."""
    spec = mine.spec.model_copy(update={"cron": "30 1 * * *"})
    schedule = as_schedule(dataclasses.replace(mine, spec=spec))
    schedule.spec.jitter = None
    coming = {}
    for change in ("2027-03-28", "2027-10-31"):
        schedule.spec.start_at = datetime.fromisoformat(f"{change}T00:00:00+00:00")
        handle = await client.create_schedule(f"lockgate-{change}", schedule)
        times = (await handle.describe()).info.next_action_times
        coming[change] = [f"{at:%dT%H:%M}" for at in times[:2]]

    assert coming == {
        "2027-03-28": ["29T00:30", "30T00:30"],
        "2027-10-31": ["31T01:30", "01T01:30"],
    }


async def test_what_a_story_is_told_by_others_is_shown_as_it_is(client, mine, removed):
    other = as_schedule(mine)
    other.action.args = ["everything", 7]
    await client.create_schedule(mine.id, other)

    before = await found(client, [mine], mine.id)

    assert {d.field: (d.found, d.declared) for d in before.differences} == {
        "input": ('["everything", 7]', "nothing"),
        "input.within": ("nothing", '"P7D"'),
    }


async def test_two_who_apply_at_once_end_with_what_is_declared(client, declared, removed):
    before = await temporal.look(client, declared)
    await temporal.apply(client, declared)

    late = [await temporal.make(client, one) for one in before]

    assert late == ["" for _ in before]
    assert {one.amiss for one in await temporal.look(client, declared)} == {""}


async def test_pause_and_resume(client, declared, applied):
    await temporal.pause(client, SWEEP, declared, note="store is down")
    paused = await found(client, declared)
    await temporal.resume(client, SWEEP, declared, note="store is back")
    resumed = await found(client, declared)

    assert (paused.paused, resumed.paused) == (True, False)


async def test_a_schedule_of_another_name_is_refused_with_the_nearest(client, declared):
    with pytest.raises(CommandFailed, match="did you mean lockgate-sweep"):
        await temporal.trigger(client, "lockgate-swep", declared)


async def test_a_schedule_that_is_not_applied_cannot_be_triggered(client, declared):
    with pytest.raises(CommandFailed, match="lockgate schedules apply"):
        await temporal.trigger(client, SWEEP, declared)


class TestTyped:
    """The words that people type, on a real server."""

    async def test_apply_shows_the_difference_first_and_does_nothing_twice(
        self, lockgate, folder, removed
    ):
        asked = ("--schedules", folder)
        differs, before, _ = await lockgate("schedules", "diff", *asked)
        code, said, _ = await lockgate("schedules", "apply", *asked)
        agrees, after, _ = await lockgate("schedules", "diff", *asked)
        _, again, _ = await lockgate("schedules", "apply", *asked)

        assert (differs, code, agrees) == (30, 0, 0)
        assert "create lockgate-mine: looks again at night" in before
        lines = said.splitlines()
        assert lines.index("create lockgate-mine: looks again at night") < lines.index(
            "created lockgate-mine"
        )
        assert after == "all is as declared\n"
        assert again == "nothing to do: all is as declared\n"

    async def test_what_nobody_declares_is_shown_and_deleted_only_when_asked(
        self, client, lockgate, folder, declared, applied
    ):
        await lockgate("schedules", "apply", "--schedules", folder)
        await client.create_schedule("theirs", as_schedule(declared[0]))
        await listed(client, {*(one.id for one in declared), "lockgate-mine", "theirs"})

        differs, shown, _ = await lockgate("schedules", "diff")
        _, left, _ = await lockgate("schedules", "apply")
        kept, _, _ = await lockgate("schedules", "diff")
        _, pruned, _ = await lockgate("schedules", "apply", "--prune")
        await listed(client, {*(one.id for one in declared), "theirs"})
        agrees, _, _ = await lockgate("schedules", "diff")

        assert (differs, kept, agrees) == (30, 30, 0)
        assert "delete lockgate-mine: nobody declares it" in shown
        assert "`lockgate schedules apply --prune` does this" in shown
        assert "left: lockgate-mine" in left
        assert "deleted lockgate-mine" in pruned
        assert "theirs" not in pruned

    async def test_a_schedule_of_another_folder_can_be_paused(self, lockgate, folder, removed):
        await lockgate("schedules", "apply", "--schedules", folder)

        code, _, _ = await lockgate("schedules", "pause", "lockgate-mine", "--reason", "moving")
        _, shown, _ = await lockgate("schedules", "list", "--schedules", folder)

        assert code == 0
        assert "paused (paused by ana: moving)" in shown

    async def test_a_file_that_is_wrong_changes_nothing(self, client, lockgate, folder, removed):
        (folder / "mine.yaml").write_text(MINE.replace("0 9", "0 99"), encoding="utf-8")

        code, _, said = await lockgate("schedules", "apply", "--schedules", folder)

        assert code == 2
        assert "mine.yaml:8:9: spec.cron: hour '99': expected 0 to 23" in said
        await listed(client, set())


class TestDoctor:
    """Each finding has a remedy."""

    async def test_the_server_and_the_search_attributes_are_fine(self, client):
        assert (await doctor.server(client)).fine
        assert (await doctor.search_attributes(client)).fine

    async def test_a_queue_that_nobody_polls_is_named(self, client):
        check = await doctor.pollers(client, Queue.CLOUD)

        assert (check.fine, check.found) == (False, "nobody polls it")
        assert "lockgate-worker" in check.remedy

    async def test_a_deployment_that_never_polled_is_named(self, client):
        check = await doctor.current_version(client, "nowhere")

        assert not check.fine
        assert "no versioned worker has polled yet" in check.found

    async def test_a_schedule_that_is_missing_is_named(self, client):
        check = await doctor.schedules(client)

        assert not check.fine
        assert "lockgate-sweep: not in Temporal" in check.found
        assert "lockgate schedules apply" in check.remedy

    async def test_schedules_that_cannot_be_read_are_named(self, client, folder, monkeypatch):
        (folder / "mine.yaml").write_text(MINE.replace("0 9", "0 99"), encoding="utf-8")
        monkeypatch.setenv("LOCKGATE_SCHEDULES", str(folder))

        check = await doctor.schedules(client)

        assert not check.fine
        assert "hour '99'" in check.found
