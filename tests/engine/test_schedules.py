"""The declared schedules on a real server: applied once, corrected, paused, triggered."""

import pytest
from temporalio.client import ScheduleIntervalSpec, ScheduleUpdate

from starters import doctor, schedules
from starters.failures import CommandFailed
from starters.schedules import SCHEDULES, SWEEP
from workflows.domain.names import Queue


async def removed(client):
    for declared in SCHEDULES:
        await client.get_schedule_handle(declared.id).delete()


@pytest.fixture
async def applied(client):
    await schedules.apply(client)
    yield
    await removed(client)


async def test_what_is_not_there_is_named_and_created(client):
    before = await schedules.look(client)
    done = await schedules.apply(client)
    after = await schedules.look(client)
    again = await schedules.apply(client)
    await removed(client)

    assert {found.differences for found in before} == {("not in Temporal",)}
    assert done == tuple(f"created {declared.id}" for declared in SCHEDULES)
    for found in after:
        assert (found.applied, found.differences, found.paused) == (True, (), False)
        assert found.next is not None
    assert again == ()


async def test_what_somebody_changed_is_corrected_and_stays_paused(client, applied):
    async def slower(asked):
        schedule = asked.description.schedule
        schedule.spec.intervals = [ScheduleIntervalSpec(every=SWEEP.every * 5)]
        return ScheduleUpdate(schedule)

    await client.get_schedule_handle(SWEEP.id).update(slower)
    await schedules.pause(client, SWEEP.id, note="store is down")

    found, *_ = await schedules.look(client)
    (done,) = await schedules.apply(client)
    corrected, *_ = await schedules.look(client)

    assert found.differences == ("every is 0:05:00, declared is 0:01:00",)
    assert done.startswith("corrected lockgate-sweep")
    assert (corrected.differences, corrected.paused) == ((), True)
    assert corrected.note == "store is down"


async def test_pause_and_resume(client, applied):
    await schedules.pause(client, SWEEP.id, note="store is down")
    paused, *_ = await schedules.look(client)
    await schedules.resume(client, SWEEP.id, note="store is back")
    resumed, *_ = await schedules.look(client)

    assert (paused.paused, resumed.paused) == (True, False)


async def test_a_schedule_of_another_name_is_refused_with_the_nearest(client):
    with pytest.raises(CommandFailed, match="did you mean lockgate-sweep"):
        await schedules.trigger(client, "lockgate-swep")


async def test_a_schedule_that_is_not_applied_cannot_be_triggered(client):
    with pytest.raises(CommandFailed, match="lockgate schedules apply"):
        await schedules.trigger(client, SWEEP.id)


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
