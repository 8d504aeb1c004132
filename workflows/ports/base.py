"""What every port shares: messages, queue, limits, and how Temporal finds its activities."""

from abc import ABC
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict
from temporalio import activity
from temporalio.common import RetryPolicy

from workflows.domain.names import Queue

_DEFINITION = "__temporal_activity_definition"
_LIMITS = "__port_limits__"
MethodT = TypeVar("MethodT", bound=Callable[..., Any])

PATIENT = RetryPolicy(
    initial_interval=timedelta(milliseconds=500),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=30),
)
"""Ask again soon, then ever less often, until the port's total time is over."""


class Message(BaseModel):
    """A payload that crosses between a story and an activity, and so into history.

    Its text is the sentence that operators read in the Temporal UI.
    """

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long one attempt may take, how long all of them, and how often it must heartbeat.

    `recorded` says whether the action belongs in the audit record: what changes the world or
    decides does, what only looks does not. `awaited` says whether a story that gives up waits
    until a running attempt has ended: turning back must not wait for somebody who only looks.
    """

    attempt: timedelta
    total: timedelta
    heartbeat: timedelta | None
    retry: RetryPolicy
    recorded: bool
    awaited: bool


def limited(
    *,
    attempt: timedelta,
    total: timedelta,
    heartbeat: timedelta | None = None,
    retry: RetryPolicy = PATIENT,
    recorded: bool = True,
    awaited: bool = True,
) -> Callable[[MethodT], MethodT]:
    """Declare a port method as an activity that runs within these limits."""
    limits = Limits(
        attempt=attempt,
        total=total,
        heartbeat=heartbeat,
        retry=retry,
        recorded=recorded,
        awaited=awaited,
    )

    def declare(method: MethodT) -> MethodT:
        setattr(method, _LIMITS, limits)
        return activity.defn(method)

    return declare


def limits_of(method: Callable[..., Any]) -> Limits:
    limits: Limits = getattr(method, _LIMITS)
    return limits


class Port(ABC):
    """An activity interface: stories call it, one class in activities/ implements it.

    Method names are the names on the wire, so they are unique across all ports; *queue* is the
    task queue of the worker pool that holds the credentials the port needs.
    """

    queue: ClassVar[Queue]
    methods: ClassVar[dict[str, Callable[..., Any]]] = {}
    _queues: ClassVar[dict[str, Queue]] = {}

    def __init_subclass__(cls) -> None:
        """Index what a port declares; mark each override as the activity that it implements."""
        for name, method in vars(cls).items():
            if hasattr(method, _LIMITS):
                Port.methods[name] = method
                Port._queues[name] = cls.queue
            elif name in Port.methods and not hasattr(method, _DEFINITION):
                activity.defn(method)


def queue_of(method: Callable[..., Any]) -> Queue:
    return Port._queues[method.__name__]  # noqa: SLF001 - the index is this module's


def ask_type(method: Callable[..., Any]) -> type[Message]:
    """The message that *method* takes."""
    (asked,) = (t for name, t in get_type_hints(method).items() if name != "return")
    kind: type[Message] = asked
    return kind


def activities_of(implementation: Port) -> Iterator[Callable[..., Any]]:
    """Yield the bound methods of *implementation* that a worker registers as activities."""
    for name in dir(type(implementation)):
        if name in Port.methods:
            yield getattr(implementation, name)
