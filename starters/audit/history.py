"""The Temporal history of a release and of its children, told as sentences with times."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from starters.failures import ReleaseNotFound
from workflows.domain.names import HANDED_OVER, PROGRESSED, ROLLBACK_PROGRESSED, rollback_id

_BETWEEN_STORIES = frozenset({PROGRESSED, HANDED_OVER, ROLLBACK_PROGRESSED})
_MESSAGE_KEYS = ("by", "reason", "voter", "note", "name", "summary")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happened; *took* is the time to its end, None while it is under way."""

    at: datetime
    story: str
    sentence: str
    outcome: str = ""
    took: timedelta | None = None


async def steps(client: Client, release: str) -> tuple[Step, ...]:
    """What happened in *release*, its promotions and its rollback, in order of time.

    Raises:
        ReleaseNotFound: Temporal keeps no history of it (any more).
    """
    told: list[Step] = []
    # A rollback after the end, by a person or the sweep, is not a child of the release.
    waiting, seen = [rollback_id(release), release], set[str]()
    while waiting:
        story = waiting.pop()
        if story in seen:
            continue
        seen.add(story)
        teller = _Teller(client, story)
        async for event in _events(client, story):
            await teller.hear(event)
        told += teller.steps.values()
        waiting += teller.children
    if not told:
        raise ReleaseNotFound(f"no history of {release!r} in namespace {client.namespace}")
    return tuple(sorted(told, key=lambda step: step.at))


async def _events(client: Client, story: str) -> AsyncIterator[HistoryEvent]:
    """The events of the latest run of *story*; none where Temporal knows no such story."""
    try:
        async for event in client.get_workflow_handle(story).fetch_history_events():
            yield event
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


class _Teller:
    """Turns the events of one story into steps; an end finds the step that it ends."""

    def __init__(self, client: Client, story: str) -> None:
        self._client = client
        self._story = story
        self.steps: dict[int, Step] = {}
        self.children: list[str] = []

    async def hear(self, event: HistoryEvent) -> None:
        kind = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
        if (sentence := await self._beginning(kind, event)) is not None:
            self.steps[event.event_id] = Step(
                at=_moment(event), story=self._story, sentence=sentence
            )
        elif (ended := _ending(kind, event)) is not None:
            begun, outcome = ended
            if (step := self.steps.get(begun)) is not None:
                took = _moment(event) - step.at
                self.steps[begun] = replace(step, outcome=outcome, took=took)

    async def _beginning(self, kind: str, event: HistoryEvent) -> str | None:
        """The sentence of an event that begins something, or is something by itself."""
        if kind in _SUMMARISED:
            said = await self._decoded([event.user_metadata.summary])
            return said or _SUMMARISED[kind]
        if kind == "CHILD_WORKFLOW_EXECUTION_STARTED":
            attributes = event.child_workflow_execution_started_event_attributes
            self.children.append(attributes.workflow_execution.workflow_id)
        if kind == "WORKFLOW_EXECUTION_SIGNALED":
            signal = event.workflow_execution_signaled_event_attributes
            if signal.signal_name in _BETWEEN_STORIES:
                return None
            return (
                f"told {signal.signal_name} {await self._decoded(signal.input.payloads)}".strip()
            )
        if kind == "WORKFLOW_EXECUTION_UPDATE_ACCEPTED":
            accepted = event.workflow_execution_update_accepted_event_attributes
            asked = accepted.accepted_request.input
            return f"{asked.name} {await self._decoded(asked.args.payloads)}".strip()
        return _BY_ITSELF.get(kind)

    async def _decoded(self, payloads: Iterable[Payload]) -> str:
        """Payloads as words; those that are absent or cannot be read say nothing."""
        present = [payload for payload in payloads if payload.metadata]
        if not present:
            return ""
        values = await self._client.data_converter.decode(present)
        return " ".join(_words(value) for value in values)


_SUMMARISED = {
    "WORKFLOW_EXECUTION_STARTED": "begun",
    "ACTIVITY_TASK_SCHEDULED": "an action without a summary",
    "TIMER_STARTED": "wait",
    "START_CHILD_WORKFLOW_EXECUTION_INITIATED": "a story of its own",
}
_BY_ITSELF = {
    "WORKFLOW_EXECUTION_COMPLETED": "ended",
    "WORKFLOW_EXECUTION_FAILED": "ended with a failure",
    "WORKFLOW_EXECUTION_TIMED_OUT": "ended by its time limit",
    "WORKFLOW_EXECUTION_TERMINATED": "terminated from outside",
    "WORKFLOW_EXECUTION_CANCEL_REQUESTED": "cancel asked for from outside",
    "WORKFLOW_EXECUTION_CANCELED": "cancelled",
}
_ENDINGS = {
    "ACTIVITY_TASK_COMPLETED": ("scheduled_event_id", "done"),
    "ACTIVITY_TASK_FAILED": ("scheduled_event_id", ""),
    "ACTIVITY_TASK_TIMED_OUT": ("scheduled_event_id", "no answer in time"),
    "ACTIVITY_TASK_CANCELED": ("scheduled_event_id", "cancelled"),
    "TIMER_FIRED": ("started_event_id", "over"),
    "TIMER_CANCELED": ("started_event_id", "ended early"),
    "CHILD_WORKFLOW_EXECUTION_COMPLETED": ("initiated_event_id", "done"),
    "CHILD_WORKFLOW_EXECUTION_FAILED": ("initiated_event_id", ""),
    "CHILD_WORKFLOW_EXECUTION_CANCELED": ("initiated_event_id", "cancelled"),
    "CHILD_WORKFLOW_EXECUTION_TERMINATED": ("initiated_event_id", "terminated"),
}
"""What ends what: the field that names the event that began it, and the word for it."""


def _ending(kind: str, event: HistoryEvent) -> tuple[int, str] | None:
    """Which earlier event this one ends, and how; None where it ends nothing."""
    if kind not in _ENDINGS:
        return None
    begun, word = _ENDINGS[kind]
    attributes = getattr(event, f"{kind.lower()}_event_attributes")
    if not word:
        failure = attributes.failure
        word = f"failed: {failure.cause.message or failure.message}"
    return getattr(attributes, begun), word


def _words(value: object) -> str:
    """A message as words: what it says by name, without what only programs read."""
    if not isinstance(value, dict):
        return str(value)
    said = [f"{key} {value[key]}" for key in _MESSAGE_KEYS if value.get(key)]
    if "approved" in value:
        said.insert(0, "approves" if value["approved"] else "rejects")
    return ", ".join(said)


def _moment(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime(tzinfo=UTC)
