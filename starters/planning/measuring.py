"""Asking workers, before a release starts, how much traffic its targets have and how it fares."""

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar, get_type_hints

from temporalio.client import ActivityFailureError, Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, TimeoutError
from temporalio.service import RPCError

from starters.failures import CommandFailed
from starters.session import converse
from workflows.domain.canary.traffic import Traffic
from workflows.domain.release.plan import Promotion
from workflows.domain.traffic.route import Route
from workflows.ports.base import Message, Port, queue_of
from workflows.ports.metrics import MeasureTraffic, MetricsPort
from workflows.ports.traffic import ObserveRoute, TrafficPort

LATELY = timedelta(minutes=10)
"""Over which span the traffic is taken, where the source can look back."""

_TAKEN_WITHIN = timedelta(seconds=5)
_ANSWERED_WITHIN = timedelta(seconds=40)
_ONCE = RetryPolicy(maximum_attempts=1)

PortT = TypeVar("PortT", bound=Port)
AskT = TypeVar("AskT", bound=Message)
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one target serves and how much of it; *why_not* says why nobody knows."""

    traffic: Traffic | None = None
    first: bool = False
    """Nothing is served yet: the first version takes all traffic at once, and is compared
    with nothing."""
    why_not: str = ""


NOT_ASKED = Measured(why_not="nobody was asked")


class _Unanswered(Exception):
    """A question that no worker answered; says why."""


def measure(promotions: Sequence[Promotion]) -> Mapping[str, Measured]:
    """What each target of *promotions* has, by its name; a plan never fails for want of it."""

    async def work(client: Client) -> Mapping[str, Measured]:
        return await measured(client, promotions)

    try:
        return converse(work)
    except CommandFailed as failure:
        return {str(p.target): Measured(why_not=str(failure)) for p in promotions}


async def measured(client: Client, promotions: Sequence[Promotion]) -> dict[str, Measured]:
    """Ask the workers about all targets at once."""
    found = await asyncio.gather(*(_measured(client, promotion) for promotion in promotions))
    return {str(p.target): each for p, each in zip(promotions, found, strict=True)}


async def _measured(client: Client, promotion: Promotion) -> Measured:
    target, systems = promotion.target, promotion.systems
    if not promotion.measures:
        return Measured()  # nothing is compared
    try:
        observe = ObserveRoute(target=target, router=systems.router)
        route: Route = await _asked(client, TrafficPort.observe_route, observe)
        if route.stable is None:
            return Measured(first=True)
        ask = MeasureTraffic(
            target=target,
            source=systems.metrics,
            version=route.stable,
            measures=promotion.measures,
            over=LATELY,
        )
        traffic: Traffic = await _asked(client, MetricsPort.measure_traffic, ask)
    except _Unanswered as unanswered:
        return Measured(why_not=str(unanswered))
    return Measured(traffic=traffic) if traffic.known else Measured(why_not=traffic.reason)


async def _asked(client: Client, method: Callable[[PortT, AskT], AnswerT], ask: AskT) -> AnswerT:
    """Run *method* where a worker polls for it, once, as an activity of its own.

    Raises:
        _Unanswered: no worker took it, it failed, or Temporal refused it.
    """
    queue = queue_of(method)
    answer: type[AnswerT] = get_type_hints(method)["return"]
    try:
        found: AnswerT = await client.execute_activity(
            method.__name__,
            ask,
            id=f"plan/{method.__name__}/{uuid.uuid4().hex}",
            task_queue=queue,
            result_type=answer,
            schedule_to_start_timeout=_TAKEN_WITHIN,
            schedule_to_close_timeout=_ANSWERED_WITHIN,
            retry_policy=_ONCE,
            summary=str(ask)[:200],
        )
    except ActivityFailureError as failure:
        raise _Unanswered(_why(failure.__cause__, queue)) from failure
    except RPCError as error:
        raise _Unanswered(f"Temporal does not take the question: {error.message}") from error
    return found


def _why(cause: BaseException | None, queue: str) -> str:
    if isinstance(cause, TimeoutError):
        return f"no worker answers on the queue `{queue}`: `lockgate doctor`"
    if isinstance(cause, ApplicationError):
        return cause.message
    return str(cause)
