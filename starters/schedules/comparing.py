"""A schedule field by field, in words: as declared, as Temporal has it, and where they part."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
)

from starters.schedules.declared import Declared
from workflows.domain.cron import Cron, parse_cron
from workflows.domain.durations import write_duration
from workflows.domain.names import Queue
from workflows.domain.values import times

_OVERLAP = {
    "skip": ScheduleOverlapPolicy.SKIP,
    "bufferOne": ScheduleOverlapPolicy.BUFFER_ONE,
    "cancelOther": ScheduleOverlapPolicy.CANCEL_OTHER,
}
_WORDS = {policy: word for word, policy in _OVERLAP.items()}
_NOTHING = "nothing"


@dataclass(frozen=True)
class Difference:
    """One field that Temporal does not have as it is declared."""

    field: str
    found: str
    declared: str

    def __str__(self) -> str:
        return f"{self.field} is {self.found}, declared is {self.declared}"

    def as_json(self) -> dict[str, JsonValue]:
        return {"field": self.field, "found": self.found, "declared": self.declared}


def as_schedule(declared: Declared, state: ScheduleState | None = None) -> Schedule:
    """What Temporal is to have; whether it is paused, and why, is left as *state* says."""
    spec = declared.spec
    return Schedule(
        action=ScheduleActionStartWorkflow(
            spec.story,
            declared.order,
            id=spec.workflow_id,
            task_queue=Queue.STORIES,
            static_summary=spec.why,
        ),
        spec=ScheduleSpec(
            intervals=[] if spec.every is None else [ScheduleIntervalSpec(every=spec.every)],
            calendars=[] if spec.cron is None else [_calendar(parse_cron(spec.cron))],
            jitter=spec.jitter or None,
            time_zone_name=spec.time_zone,
        ),
        policy=SchedulePolicy(overlap=_OVERLAP[spec.overlap], catchup_window=spec.catchup),
        state=state or ScheduleState(note=spec.why),
    )


async def differences(
    client: Client, declared: Declared, there: Schedule
) -> tuple[Difference, ...]:
    """Every field that *there* has otherwise than declared; pausing is no difference."""
    wanted = await _told(client, as_schedule(declared))
    found = await _told(client, there)
    return tuple(
        Difference(field, found.get(field, _NOTHING), wanted.get(field, _NOTHING))
        for field in dict.fromkeys([*wanted, *found])
        if wanted.get(field) != found.get(field)
    )


async def _told(client: Client, schedule: Schedule) -> Mapping[str, str]:
    """What is to be said of each field that is set."""
    spec, policy = schedule.spec, schedule.policy
    told = {
        "every": ", ".join(_interval(each) for each in spec.intervals),
        "cron": ", ".join([*map(_cron, spec.calendars), *spec.cron_expressions]),
        "timeZone": spec.time_zone_name or "",
        "jitter": write_duration(spec.jitter) if spec.jitter else "",
        "overlap": _WORDS.get(policy.overlap, policy.overlap.name),
        "catchup": write_duration(policy.catchup_window) if policy.catchup_window else "",
        "limits": ", ".join(_limits(schedule)),
        **await _action(client, schedule),
    }
    return {field: words for field, words in told.items() if words}


def _limits(schedule: Schedule) -> Iterator[str]:
    """What nobody can declare, and somebody may have set by other means."""
    spec, state = schedule.spec, schedule.state
    if spec.start_at is not None:
        yield f"from {spec.start_at.isoformat()}"
    if spec.end_at is not None:
        yield f"until {spec.end_at.isoformat()}"
    if spec.skip:
        yield f"except at {', '.join(map(_cron, spec.skip))}"
    if state.limited_actions:
        yield f"{times(state.remaining_actions)} more"
    if schedule.policy.pause_on_failure:
        yield "paused by a failure"


async def _action(client: Client, schedule: Schedule) -> dict[str, str]:
    action = schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return {"story": f"{type(action).__name__}, which starts no story"}
    return {
        "story": action.workflow,
        "workflowId": action.id,
        "queue": str(action.task_queue),
        **_input([await _decoded(client, each) for each in action.args]),
        "why": "" if action.static_summary is None else await _text(client, action.static_summary),
    }


def _input(arguments: Sequence[JsonValue]) -> dict[str, str]:
    """Each field of what the story is told; where it is told something else, all of that."""
    told = arguments[0] if len(arguments) == 1 else None
    if not isinstance(told, dict):
        return {"input": json.dumps(arguments, sort_keys=True)}
    return {f"input.{field}": json.dumps(value, sort_keys=True) for field, value in told.items()}


async def _decoded(client: Client, argument: object) -> JsonValue:
    """An argument as JSON, as it crosses the wire: one of ours, or one that Temporal gave back."""
    converter = client.data_converter
    sent = [argument] if isinstance(argument, Payload) else await converter.encode([argument])
    (said,) = await converter.decode(sent)
    found: JsonValue = said
    return found


async def _text(client: Client, summary: object) -> str:
    said = await _decoded(client, summary)
    return said if isinstance(said, str) else json.dumps(said)


def _interval(interval: ScheduleIntervalSpec) -> str:
    offset = f" and {write_duration(interval.offset)} later" if interval.offset else ""
    return write_duration(interval.every) + offset


def _calendar(cron: Cron) -> ScheduleCalendarSpec:
    minutes, hours, days, months, weekdays = (
        tuple(ScheduleRange(number) for number in numbers) for numbers in cron.fields
    )
    return ScheduleCalendarSpec(
        minute=minutes, hour=hours, day_of_month=days, month=months, day_of_week=weekdays
    )


def _cron(calendar: ScheduleCalendarSpec) -> str:
    """As cron would write it; with seconds and years beside it where somebody set them."""
    numbers = [
        _numbers(field)
        for field in (
            calendar.minute,
            calendar.hour,
            calendar.day_of_month,
            calendar.month,
            calendar.day_of_week,
        )
    ]
    minutes, hours, days, months, weekdays = numbers
    cron = Cron(minutes=minutes, hours=hours, days=days, months=months, weekdays=weekdays)
    beside = [
        f" in {unit} {', '.join(map(str, found))}"
        for unit, found in (
            ("second", _numbers(calendar.second)),
            ("year", _numbers(calendar.year)),
        )
        if found not in {(), (0,)}
    ]
    return str(cron) + "".join(beside)


def _numbers(ranges: Sequence[ScheduleRange]) -> tuple[int, ...]:
    found = {n for each in ranges for n in range(each.start, each.end + 1, each.step)}
    return tuple(sorted(found))
