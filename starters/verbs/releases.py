"""Starting a release from its file, and listing the ones there are."""

import asyncio
import os
import re
from pathlib import Path

import typer
from pydantic import JsonValue
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey

from starters.board import clock
from starters.exit_codes import ExitCode, code_of
from starters.failures import CommandFailed
from starters.files.problems import nearest
from starters.files.spec_file import load_order
from starters.following import follow, read_timeout
from starters.identity.pipeline_token import pipeline_token
from starters.identity.signing_in import prove
from starters.options import chosen_codes, who
from starters.output import OutputFormat, show, table
from starters.releases import executions, name_of
from starters.session import converse
from starters.starting import Begun
from starters.starting import start as begin
from starters.watching import settled
from workflows.domain.errors import PolicyViolated
from workflows.domain.gates.guarding import asks_for_proof
from workflows.domain.names import Attribute, release_id
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.phase import Phase
from workflows.domain.spec import Catalog, Release

_VALUE = re.compile(r"[A-Za-z0-9._-]+")


def order_of(file: Path, *, catalog: Path | None, by: str | None) -> ReleaseOrder:
    """The order that *file* and its catalog make.

    Raises:
        FilesRefused: the files are not in order.
        CommandFailed: they are, and this person cannot start this release (DENIED).
    """
    try:
        return load_order(file, catalog_dir=catalog, requested_by=who(by))
    except PolicyViolated as refused:
        raise CommandFailed(f"denied: {refused}", ExitCode.DENIED) from refused


def show_order(order: ReleaseOrder, output: OutputFormat) -> None:
    """What `start` would hand over; nothing is started, nothing outside is asked."""
    release = release_id(order.name, order.manifest_digest)
    found: JsonValue = {
        "release": release,
        "started": False,
        "requestedBy": order.requested_by,
        "manifestDigest": order.manifest_digest,
        "catalogDigest": order.catalog_digest,
    }

    def text() -> None:
        typer.echo(f"{release}  in order; nothing was started")
        typer.echo(f"  manifest {order.manifest_digest}\n  catalog  {order.catalog_digest}")

    show(found, output, text=text)


def start(
    order: ReleaseOrder,
    *,
    again: bool,
    wait: bool,
    timeout: str | None,
    fail_on: str | None,
    output: OutputFormat,
) -> int:
    """Start, and with *wait* follow to the end; the exit code says how it stands."""
    codes, within = chosen_codes(fail_on), read_timeout(timeout)

    async def work(client: Client) -> int:
        begun = await begin(client, await proven(order), again=again)
        if wait and output is not OutputFormat.TEXT:
            return await follow(client, begun.release, fail_on=codes, within=within, output=output)
        _show_begun(begun, order, output)
        if wait:
            return await follow(client, begun.release, fail_on=codes, within=within)
        # One that goes on is as good as started; one that ended says how, as it would to --wait.
        if begun.earlier is not None and settled(begun.earlier.phase):
            return code_of(begun.earlier.phase, codes)
        return ExitCode.OK

    return converse(work)


async def proven(order: ReleaseOrder) -> ReleaseOrder:
    """The order with a token of whoever asks, where the pipeline has one or a policy wants one.

    Raises:
        CommandFailed: it is wanted, and nobody is signed in.
    """
    release = release_id(order.name, order.manifest_digest)
    proof = await asyncio.to_thread(pipeline_token, os.environ)
    if proof is None and asks_for_proof(
        Release.model_validate(order.release).spec, Catalog.model_validate(order.catalog)
    ):
        # A browser may take minutes, during which the connection to Temporal must be kept.
        proof = await asyncio.to_thread(prove, order.statement(release))
    return order.model_copy(update={"proof": proof})


def _show_begun(begun: Begun, order: ReleaseOrder, output: OutputFormat) -> None:
    found: JsonValue = {
        "release": begun.release,
        "started": begun.fresh,
        "phase": str(begun.earlier.phase) if begun.earlier else str(Phase.PLANNED),
        "notes": list(begun.notes),
        "manifestDigest": order.manifest_digest,
        "catalogDigest": order.catalog_digest,
    }

    def text() -> None:
        typer.echo(f"{'started' if begun.fresh else 'not started'}  {begun.release}")
        for note in begun.notes:
            typer.echo(f"  {note}")
        typer.echo(f"  lockgate watch {order.name}")

    show(found, output, text=text)


def list_releases(
    *,
    phase: str | None,
    service: str | None,
    environment: str | None,
    only_open: bool,
    limit: int,
    output: OutputFormat,
) -> None:
    """The releases that meet every condition given, newest first.

    Raises:
        CommandFailed: no such phase, or a value that cannot be a name (USAGE).
    """
    conditions = [
        *_equal(Attribute.PHASE, _known_phase(phase)),
        *_equal(Attribute.SERVICE, service),
        *_equal(Attribute.ENVIRONMENT, environment),
        *(["ExecutionStatus = 'Running'"] if only_open else []),
    ]

    async def work(client: Client) -> list[WorkflowExecution]:
        return [e async for e in executions(client, " AND ".join(conditions), limit=limit)]

    found = sorted(converse(work), key=lambda execution: execution.start_time, reverse=True)

    def text() -> None:
        if not found:
            typer.echo("no releases" + (" that meet this" if conditions else ""))
            return
        headings = ("release", "phase", "services", "environments", "asked for by", "began")
        table(headings, [_row(execution) for execution in found])

    show([_as_json(execution) for execution in found], output, text=text)


def _known_phase(phase: str | None) -> str | None:
    if phase is None:
        return None
    by_lower = {str(known).lower(): str(known) for known in Phase}
    if phase.lower() not in by_lower:
        hint = nearest(phase, by_lower.values())
        raise CommandFailed(f"--phase {phase}: no such phase: {hint}", ExitCode.USAGE)
    return by_lower[phase.lower()]


def _equal(attribute: Attribute, value: str | None) -> list[str]:
    if value is None:
        return []
    if not _VALUE.fullmatch(value):
        raise CommandFailed(f"{value!r} cannot be a name: letters, digits, . _ -", ExitCode.USAGE)
    return [f"{attribute} = '{value}'"]


def _row(execution: WorkflowExecution) -> tuple[str, ...]:
    return (
        name_of(execution.id),
        _phase(execution),
        ", ".join(_list(execution, Attribute.SERVICE)),
        ", ".join(_list(execution, Attribute.ENVIRONMENT)),
        _word(execution, Attribute.REQUESTED_BY),
        clock(execution.start_time),
    )


def _as_json(execution: WorkflowExecution) -> JsonValue:
    return {
        "release": execution.id,
        "name": name_of(execution.id),
        "phase": _phase(execution),
        "open": execution.status is WorkflowExecutionStatus.RUNNING,
        "services": list(_list(execution, Attribute.SERVICE)),
        "environments": list(_list(execution, Attribute.ENVIRONMENT)),
        "versions": list(_list(execution, Attribute.VERSION)),
        "requestedBy": _word(execution, Attribute.REQUESTED_BY),
        "startedAt": execution.start_time.isoformat(),
        "endedAt": execution.close_time.isoformat() if execution.close_time else None,
    }


def _phase(execution: WorkflowExecution) -> str:
    """The phase it last showed; one that did not end by itself says how it ended."""
    shown = _word(execution, Attribute.PHASE)
    by_itself = {WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED}
    if execution.status is None or execution.status in by_itself:
        return shown
    return f"{shown} ({execution.status.name.lower()})"


def _word(execution: WorkflowExecution, attribute: Attribute) -> str:
    return execution.typed_search_attributes.get(SearchAttributeKey.for_keyword(attribute)) or ""


def _list(execution: WorkflowExecution, attribute: Attribute) -> tuple[str, ...]:
    key = SearchAttributeKey.for_keyword_list(attribute)
    return tuple(execution.typed_search_attributes.get(key) or ())
