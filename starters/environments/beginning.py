"""Asking for an environment: made once for the same order, refused where another has its name."""

from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from starters.environments.differences import differences, plan_differences
from starters.environments.stories import RECLAIM, found, read, read_order
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers
from workflows.domain.durations import write_duration
from workflows.domain.environments.lease import is_ending
from workflows.domain.environments.order import EnvironmentOrder
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.names import Attribute, Queue, environment_id
from workflows.domain.values import short
from workflows.environment import EnvironmentWorkflow

_SUMMARY = 200
_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class Requested:
    """The environment that answers for an order; *earlier* is where it stood if it was there."""

    fresh: bool
    earlier: EnvironmentView | None = None
    notes: tuple[str, ...] = ()


async def request(
    client: Client, order: EnvironmentOrder, *, queue: str = Queue.STORIES
) -> Requested:
    """Have the environment of *order* made, or find the one that is it already.

    Raises:
        CommandFailed: another one has the name (DENIED), or it is being removed (NOT_READY).
        NobodyAnswers: one has the name, and no worker says what it is.
    """
    for _ in range(_TRIES):
        try:
            await _begin(client, order, queue=queue)
        except WorkflowAlreadyStartedError:
            if (there := await _existing(client, order)) is not None:
                return there
        else:
            return Requested(fresh=True)
    raise NobodyAnswers(f"{order.name} comes and goes while it is asked for: try again")


async def _existing(client: Client, order: EnvironmentOrder) -> Requested | None:
    """The one that has the name; None where it ended just now."""
    description = await found(client, order.name)
    if description.status is not WorkflowExecutionStatus.RUNNING:
        return None
    view = await read(client, order.name)
    if description.workflow_type == RECLAIM or is_ending(view):
        # What is removed may still be told to its owner, and its name is not free before.
        when = "its story is over" if view.phase.final else "it is gone"
        raise CommandFailed(
            f"{order.name} is {view.phase}: ask again when {when}; "
            f"`lockgate env show {order.name}`",
            ExitCode.NOT_READY,
        )
    asked = await read_order(client, order.name)
    if told := _other(asked, order):
        listed = "\n".join(f"  {each}" for each in told)
        raise CommandFailed(
            f"{order.name} is there already, owned by {asked.owner}, and is another one "
            f"(there | asked for):\n{listed}\nchoose another name, or tear it down first",
            ExitCode.DENIED,
        )
    notes = [f"{order.name} is {view.phase}: the same request is the same environment"]
    if (asked.owner, asked.purpose) != (order.owner, order.purpose):
        notes.append(f"it is owned by {asked.owner}, for: {asked.purpose}")
    return Requested(fresh=False, earlier=view, notes=tuple(notes))


def _other(there: EnvironmentOrder, asked: EnvironmentOrder) -> tuple[str, ...]:
    """What makes them two environments; empty where they are one."""
    if there.plan.digest == asked.plan.digest and there.release == asked.release:
        return ()
    bound = ({"release": order.release or "-"} for order in (there, asked))
    found = [*plan_differences(there.plan, asked.plan), *differences(*bound)]
    return tuple(str(each) for each in found) or (
        f"plan: {short(there.plan.digest)} | {short(asked.plan.digest)}",
    )


async def _begin(client: Client, order: EnvironmentOrder, *, queue: str) -> None:
    plan = order.plan
    await client.start_workflow(
        EnvironmentWorkflow.run,
        order,
        id=environment_id(order.name),
        task_queue=queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        memo={
            "template": plan.blueprint.template,
            "templateDigest": plan.blueprint.digest,
            "planDigest": plan.digest,
            "purpose": order.purpose,
            "requestedBy": order.requested_by,
        },
        search_attributes=_attributes(order),
        static_summary=f"{order.name} from {plan.blueprint.template}: {order.purpose}"[:_SUMMARY],
        static_details=_details(order),
    )


def _attributes(order: EnvironmentOrder) -> TypedSearchAttributes:
    words = {
        Attribute.PHASE: str(EnvironmentPhase.CREATING),
        Attribute.TEAM: order.plan.team,
        Attribute.REQUESTED_BY: order.owner,
    }
    names = SearchAttributeKey.for_keyword_list(Attribute.ENVIRONMENT)
    return TypedSearchAttributes(
        [
            SearchAttributePair(names, [order.name]),
            *(
                SearchAttributePair(SearchAttributeKey.for_keyword(name), word)
                for name, word in words.items()
            ),
        ]
    )


def _details(order: EnvironmentOrder) -> str:
    """The Markdown page that the Temporal UI shows beside it from its first moment."""
    plan = order.plan
    made_from = f"**{plan.blueprint.template}** `{short(plan.blueprint.digest)}`"
    chosen = ", ".join(f"{k}={v}" for k, v in plan.blueprint.parameters.items()) or "none"
    ttl, longest = write_duration(plan.lease.ttl), write_duration(plan.lease.longest)
    asked = f"asked for by **{order.requested_by}**, owned by **{order.owner}**"
    return "\n".join(
        (
            f"### {order.name}",
            "",
            order.purpose,
            "",
            f"- {asked}, team {plan.team}",
            f"- made from {made_from} by {plan.provider}",
            f"- parameters: {chosen}",
            f"- lives {ttl}, at most {longest} with extensions",
        )
    )
