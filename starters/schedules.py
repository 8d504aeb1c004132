"""What Temporal starts by the clock, as data; and whether Temporal has it as it is declared."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.problems import nearest
from workflows.domain.names import SEAL_ID, SWEEP_ID, Queue
from workflows.domain.values import Value
from workflows.seal import SealOrder, SealWorkflow
from workflows.sweep import SweepOrder, SweepWorkflow


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A story that is started *every* so often; a start that falls due while one runs is skipped.

    Starts that an outage made late are made up for no longer than *catchup*.
    """

    id: str
    every: timedelta
    why: str
    story: str
    order: Value
    workflow_id: str
    catchup: timedelta = timedelta(hours=1)


SWEEP = Declared(
    id="lockgate-sweep",
    every=timedelta(minutes=1),
    why="puts back what releases left that were ended from outside",
    story=SweepWorkflow.__name__,
    order=SweepOrder(),
    workflow_id=SWEEP_ID,
)
SEAL = Declared(
    id="lockgate-seal",
    every=timedelta(minutes=10),
    why="puts what was recorded under a signed checkpoint that nobody can remove",
    story=SealWorkflow.__name__,
    order=SealOrder(),
    workflow_id=SEAL_ID,
)
AUDIT = Declared(
    id="lockgate-audit",
    every=timedelta(days=1),
    why="compares the whole audit record with every sealed checkpoint",
    story=SealWorkflow.__name__,
    order=SealOrder(why="nightly", compare=True),
    workflow_id=f"{SEAL_ID}-and-compare",
)
SCHEDULES = (SWEEP, SEAL, AUDIT)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A declared schedule as Temporal has it; *differences* is empty where it is as declared."""

    declared: Declared
    applied: bool
    differences: tuple[str, ...]
    paused: bool = False
    note: str = ""
    last: datetime | None = None
    next: datetime | None = None


async def look(client: Client) -> tuple[Found, ...]:
    """Every declared schedule beside what Temporal has of it."""
    return tuple([await _look(client, declared) for declared in SCHEDULES])


async def apply(client: Client) -> tuple[str, ...]:
    """Create what is missing and correct what differs; a paused schedule stays paused."""
    done = []
    for found in await look(client):
        declared = found.declared
        if not found.applied:
            await client.create_schedule(declared.id, _as_schedule(declared))
            done.append(f"created {declared.id}")
        elif found.differences:
            await _handle(client, declared.id).update(
                lambda asked, declared=declared: _corrected(declared, asked)  # type: ignore[misc]
            )
            done.append(f"corrected {declared.id}: {'; '.join(found.differences)}")
    return tuple(done)


async def pause(client: Client, schedule_id: str, *, note: str) -> None:
    """Start nothing more until it is resumed.

    Raises:
        CommandFailed: no such schedule, declared or applied.
    """
    await _known(client, schedule_id)
    await _handle(client, schedule_id).pause(note=note)


async def resume(client: Client, schedule_id: str, *, note: str) -> None:
    """Start again as declared; raises as `pause` does."""
    await _known(client, schedule_id)
    await _handle(client, schedule_id).unpause(note=note)


async def trigger(client: Client, schedule_id: str) -> None:
    """Start the schedule's story now, unless it runs already; raises as `pause` does."""
    await _known(client, schedule_id)
    await _handle(client, schedule_id).trigger(overlap=ScheduleOverlapPolicy.SKIP)


async def _known(client: Client, schedule_id: str) -> None:
    declared = next((s for s in SCHEDULES if s.id == schedule_id), None)
    if declared is None:
        hint = nearest(schedule_id, (s.id for s in SCHEDULES))
        raise CommandFailed(f"no schedule {schedule_id!r}: {hint}", ExitCode.USAGE)
    if not (await _look(client, declared)).applied:
        raise CommandFailed(
            f"{schedule_id} is not in Temporal yet: `lockgate schedules apply`", ExitCode.USAGE
        )


async def _look(client: Client, declared: Declared) -> Found:
    try:
        there = await _handle(client, declared.id).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return Found(declared=declared, applied=False, differences=("not in Temporal",))
    recent = there.info.recent_actions
    return Found(
        declared=declared,
        applied=True,
        differences=tuple(_differences(declared, there)),
        paused=there.schedule.state.paused,
        note=there.schedule.state.note or "",
        last=recent[-1].started_at if recent else None,
        next=next(iter(there.info.next_action_times), None),
    )


def _differences(declared: Declared, there: ScheduleDescription) -> list[str]:
    schedule = there.schedule
    action = schedule.action
    intervals = [interval.every for interval in schedule.spec.intervals]
    pairs: list[tuple[str, object, object]] = [
        ("every", declared.every, intervals[0] if len(intervals) == 1 else intervals),
        ("overlap", ScheduleOverlapPolicy.SKIP.name, schedule.policy.overlap.name),
        ("catchup", declared.catchup, schedule.policy.catchup_window),
    ]
    if isinstance(action, ScheduleActionStartWorkflow):
        pairs += [
            ("story", declared.story, action.workflow),
            ("queue", str(Queue.STORIES), action.task_queue),
        ]
    return [
        f"{what} is {found}, declared is {wanted}"
        for what, wanted, found in pairs
        if wanted != found
    ]


def _as_schedule(declared: Declared, state: ScheduleState | None = None) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            declared.story,
            declared.order,
            id=declared.workflow_id,
            task_queue=Queue.STORIES,
            static_summary=declared.why,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=declared.every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=declared.catchup),
        state=state or ScheduleState(note=declared.why),
    )


def _corrected(declared: Declared, asked: ScheduleUpdateInput) -> ScheduleUpdate:
    return ScheduleUpdate(_as_schedule(declared, asked.description.schedule.state))


def _handle(client: Client, schedule_id: str) -> ScheduleHandle:
    return client.get_schedule_handle(schedule_id)
