"""Starting a release: once for the same content, with everything that makes it findable."""

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

from starters.failures import CommandFailed
from starters.releases import described, read
from workflows.domain.names import UNASSESSED, Attribute, Queue, release_id, searchable
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import ReleaseStatus
from workflows.domain.spec import Release
from workflows.domain.values import short
from workflows.release import ReleaseWorkflow

_SUMMARY = 200


@dataclass(frozen=True, kw_only=True)
class Begun:
    """The release that answers for an order; *earlier* is where it stood if it was there before.

    *notes* are what the caller should know: it was there already, or with another catalog.
    """

    release: str
    fresh: bool
    earlier: ReleaseStatus | None = None
    notes: tuple[str, ...] = ()


async def start(
    client: Client, order: ReleaseOrder, *, again: bool = False, queue: str = Queue.STORIES
) -> Begun:
    """Begin the release of *order*, or find the one of the same content.

    One that runs or is healthy is never started twice. One that ended otherwise is started anew
    only *again*, and never before what it left is put back.

    Raises:
        CommandFailed: it was ended from outside and is not put back, or a rollback still runs.
        NobodyAnswers: a release of this content exists, and no worker says where it stands.
    """
    release = release_id(order.name, order.manifest_digest)
    try:
        await _begin(client, order, queue, WorkflowIDReusePolicy.REJECT_DUPLICATE)
    except WorkflowAlreadyStartedError:
        return await _existing(client, order, again=again, queue=queue)
    return Begun(release=release, fresh=True)


async def _existing(client: Client, order: ReleaseOrder, *, again: bool, queue: str) -> Begun:
    release = release_id(order.name, order.manifest_digest)
    description = await described(client, release)
    running = description is not None and description.status is WorkflowExecutionStatus.RUNNING
    if running and again:
        raise CommandFailed(f"{release} still runs: `lockgate watch {order.name}`")
    status = await read(client, release)
    note = f"{release} is {status.phase}: the same content is the same release"
    if not running and status.phase.final and status.phase is not Phase.HEALTHY:
        if again:
            await _begin(client, order, queue, WorkflowIDReusePolicy.ALLOW_DUPLICATE)
            return Begun(
                release=release, fresh=True, notes=(f"again: it had ended {status.phase}",)
            )
        note = f"{release} ended as {status.phase}: {status.reason}; --again starts it once more"
    elif again and not status.phase.final:
        raise CommandFailed(f"{release} is {status.phase}: {status.reason}")
    notes = [note]
    known = await description.memo_value("catalogDigest", None) if description else None
    if known not in {None, order.catalog_digest}:
        notes.append(
            f"it was planned with the catalog {short(str(known))}, this one is "
            f"{short(order.catalog_digest)}"
        )
    return Begun(release=release, fresh=False, earlier=status, notes=tuple(notes))


async def _begin(
    client: Client, order: ReleaseOrder, queue: str, reuse: WorkflowIDReusePolicy
) -> None:
    release = Release.model_validate(order.release)
    change = release.spec.change
    await client.start_workflow(
        ReleaseWorkflow.run,
        order,
        id=release_id(order.name, order.manifest_digest),
        task_queue=queue,
        id_reuse_policy=reuse,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        memo={
            "manifestDigest": order.manifest_digest,
            "catalogDigest": order.catalog_digest,
            "summary": change.summary,
            "ticket": change.ticket,
        },
        search_attributes=_attributes(order, release),
        static_summary=f"{order.name}: {change.summary}"[:_SUMMARY],
        static_details=_details(order, release),
    )


def _attributes(order: ReleaseOrder, release: Release) -> TypedSearchAttributes:
    lists = {
        Attribute.SERVICE: [service.name for service in release.spec.services],
        Attribute.ENVIRONMENT: [stop.name for stop in release.spec.environments],
        Attribute.VERSION: [service.version for service in release.spec.services],
    }
    words = {
        Attribute.PHASE: str(Phase.PLANNED),
        Attribute.RISK: UNASSESSED,
        Attribute.REQUESTED_BY: order.requested_by,
    }
    return TypedSearchAttributes(
        [
            *(
                SearchAttributePair(SearchAttributeKey.for_keyword_list(name), searchable(values))
                for name, values in lists.items()
            ),
            *(
                SearchAttributePair(SearchAttributeKey.for_keyword(name), word)
                for name, word in words.items()
            ),
        ]
    )


def _details(order: ReleaseOrder, release: Release) -> str:
    """The Markdown page that the Temporal UI shows beside the release from its first moment."""
    change = release.spec.change
    lines = [
        f"### {order.name}",
        "",
        change.summary,
        "",
        f"- asked for by **{order.requested_by}**"
        + (f", {change.ticket}" if change.ticket else ""),
        f"- into {', '.join(stop.name for stop in release.spec.environments)}",
        f"- manifest `{order.manifest_digest}`",
        f"- catalog `{order.catalog_digest}`",
        "",
    ]
    lines += [
        f"- **{s.name}** {s.version}, build `{short(s.artifact.digest)}`"
        + (f", after {', '.join(s.depends_on)}" if s.depends_on else "")
        for s in release.spec.services
    ]
    return "\n".join(lines)
