"""The schedules as Temporal has them: looked at, made what is declared, paused, triggered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from temporalio.client import (
    Client,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleOverlapPolicy,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.problems import nearest
from starters.schedules.comparing import Difference, as_schedule, differences
from starters.schedules.declared import Declared
from workflows.domain.spec.schedule import PREFIX


class Change(StrEnum):
    """What makes Temporal's schedule the declared one."""

    CREATE = "create"
    CORRECT = "correct"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class Found:
    """A declared schedule as Temporal has it; *differences* is empty where it is as declared."""

    declared: Declared
    applied: bool
    differences: tuple[Difference, ...] = ()
    paused: bool = False
    note: str = ""
    last: datetime | None = None
    next: datetime | None = None

    @property
    def change(self) -> Change | None:
        if not self.applied:
            return Change.CREATE
        return Change.CORRECT if self.differences else None

    @property
    def amiss(self) -> str:
        """Where it is not as declared; empty where it is."""
        said = "; ".join(map(str, self.differences))
        return said if self.applied else "not in Temporal"


async def look(client: Client, declared: Sequence[Declared]) -> tuple[Found, ...]:
    """Every declared schedule beside what Temporal has of it."""
    return tuple([await _look(client, one) for one in declared])


async def undeclared(client: Client, declared: Sequence[Declared]) -> tuple[str, ...]:
    """The schedules with our prefix that nobody declares, as far as Temporal lists them yet."""
    known = {one.id for one in declared}
    listed = await client.list_schedules()
    found = [one.id async for one in listed if one.id.startswith(PREFIX)]
    return tuple(sorted(set(found) - known))


async def make(client: Client, found: Found) -> str:
    """Create it, or correct what differs; a paused schedule stays paused. Says what was done.

    Nothing is done where it is as declared.
    """
    declared = found.declared
    if found.change is None:
        return ""
    if found.change is Change.CREATE:
        try:
            await client.create_schedule(declared.id, as_schedule(declared))
        except ScheduleAlreadyRunningError:  # somebody else applies too: what is there counts
            return await make(client, await _look(client, declared))
        return f"created {declared.id}"

    def corrected(asked: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(as_schedule(declared, asked.description.schedule.state))

    await _handle(client, declared.id).update(corrected)
    return f"corrected {declared.id}: {found.amiss}"


async def delete(client: Client, schedule_id: str) -> str:
    """Have Temporal start nothing more by it; what it has started goes on. Says what was done."""
    try:
        await _handle(client, schedule_id).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return f"{schedule_id} was gone already"
    return f"deleted {schedule_id}"


async def apply(client: Client, declared: Sequence[Declared]) -> tuple[str, ...]:
    """Create what is missing and correct what differs; what was done, each in a sentence."""
    done = [await make(client, found) for found in await look(client, declared)]
    return tuple(said for said in done if said)


async def pause(
    client: Client, schedule_id: str, declared: Sequence[Declared], *, note: str
) -> None:
    """Start nothing more until it is resumed.

    Raises:
        CommandFailed: no such schedule, declared or applied.
    """
    await _known(client, schedule_id, declared)
    await _handle(client, schedule_id).pause(note=note)


async def resume(
    client: Client, schedule_id: str, declared: Sequence[Declared], *, note: str
) -> None:
    """Start again as declared; raises as `pause` does."""
    await _known(client, schedule_id, declared)
    await _handle(client, schedule_id).unpause(note=note)


async def trigger(client: Client, schedule_id: str, declared: Sequence[Declared]) -> None:
    """Start the schedule's story now, unless it runs already; raises as `pause` does."""
    await _known(client, schedule_id, declared)
    await _handle(client, schedule_id).trigger(overlap=ScheduleOverlapPolicy.SKIP)


async def _known(client: Client, schedule_id: str, declared: Sequence[Declared]) -> None:
    """One of ours that Temporal has; also one that is declared elsewhere, or no longer."""
    known = [one.id for one in declared]
    if schedule_id.startswith(PREFIX) and await _described(client, schedule_id) is not None:
        return
    if schedule_id in known:
        raise CommandFailed(
            f"{schedule_id} is not in Temporal yet: `lockgate schedules apply`", ExitCode.USAGE
        )
    raise CommandFailed(
        f"no schedule {schedule_id!r}: {nearest(schedule_id, known)}", ExitCode.USAGE
    )


async def _look(client: Client, declared: Declared) -> Found:
    there = await _described(client, declared.id)
    if there is None:
        return Found(declared=declared, applied=False)
    recent = there.info.recent_actions
    return Found(
        declared=declared,
        applied=True,
        differences=await differences(client, declared, there.schedule),
        paused=there.schedule.state.paused,
        note=there.schedule.state.note or "",
        last=recent[-1].started_at if recent else None,
        next=next(iter(there.info.next_action_times), None),
    )


async def _described(client: Client, schedule_id: str) -> ScheduleDescription | None:
    try:
        return await _handle(client, schedule_id).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


def _handle(client: Client, schedule_id: str) -> ScheduleHandle:
    return client.get_schedule_handle(schedule_id)
