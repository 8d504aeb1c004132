"""Waivers, pages of decision matrices, and what gates cost, from the command line."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer
from pydantic import TypeAdapter, ValidationError
from temporalio.client import Client

from starters import steering
from starters.asking import asked
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.catalog import catalog_of, read_catalog
from starters.files.problems import FilesRefused, nearest
from starters.identity import signing_in
from starters.options import who
from starters.output import OutputFormat, show, table
from starters.releases import find, read
from starters.session import converse
from workflows.domain.durations import Duration
from workflows.domain.gates.matrix_page import as_html, as_markdown
from workflows.domain.gates.waits import GateReport
from workflows.domain.gates.waiver import Waiver, WaiverView
from workflows.domain.people.identity import Assurance
from workflows.domain.release.status import GateState, GateWord, ReleaseStatus
from workflows.domain.spec import Catalog
from workflows.ports.gates import GatesPort, ReportGates

_DURATION = TypeAdapter[timedelta](Duration)
_CLOSED = frozenset({GateWord.CLOSED, GateWord.SETTLING})


def waive(
    release: str,
    *,
    gate: str,
    reason: str,
    lasts: str,
    by: str | None,
    digest: str | None,
    output: OutputFormat,
) -> None:
    """Show what the gate lacks, waive exactly that, and say what it comes to.

    Raises:
        CommandFailed: the waiver does not count (DENIED), or no such gate is closed.
    """
    span = _span("--for", lasts)

    async def work(client: Client) -> WaiverView:
        found = await find(client, release)
        status = await read(client, found)
        state = _closed(status, gate)
        proven = status.identity is Assurance.PROVEN
        waiver = _waiver(
            status, state, by=(by or "") if proven else who(by), reason=reason, lasts=span
        )
        if digest is not None:
            waiver = waiver.model_copy(update={"digest": digest})
        if output is OutputFormat.TEXT:
            typer.echo(f"{gate} of {state.environment}: {state.reason}")
        if proven:
            statement = waiver.statement(
                release=status.release, run=status.run_id, environment=state.environment
            )
            # A browser may take minutes; the connection to Temporal must be kept meanwhile.
            proof = await asyncio.to_thread(signing_in.prove, statement)
            waiver = waiver.model_copy(update={"proof": proof})
        return await steering.waive(client, found, waiver)

    view = converse(work)
    show(view.model_dump(mode="json"), output, text=lambda: typer.echo(_waived(view)))


def render(catalog: Path, *, policy: str | None, html: bool) -> None:
    """Print the page of each decision matrix.

    Raises:
        FilesRefused: with every problem of the catalog.
        CommandFailed: there is no such policy, or none that has a matrix.
    """
    reading = read_catalog(catalog)
    if reading.problems:
        raise FilesRefused(reading.problems)
    known = catalog_of(reading)
    matrices = {
        name: spec.decision_matrix
        for name, spec in sorted(known.policies.items())
        if spec.decision_matrix is not None and policy in {None, name}
    }
    if not matrices:
        hint = nearest(policy, known.policies) if policy else "write decisionMatrix in a Policy"
        what = f"Policy {policy!r} with a decisionMatrix" if policy else "decisionMatrix"
        raise CommandFailed(f"{catalog} has no {what}: {hint}", ExitCode.USAGE)
    page = as_html if html else as_markdown
    for name, matrix in matrices.items():
        typer.echo(page(name, matrix, _holders(name, known)), nl=False)


def report(*, last: str, output: OutputFormat) -> None:
    """Print what gates cost and caught.

    Raises:
        CommandFailed: *last* is no span of time.
        NobodyAnswers: no worker that knows the ledger answers.
    """
    since = datetime.now(UTC) - _span("--last", last)

    async def work(client: Client) -> GateReport:
        return await asked(
            client, GatesPort.report_gates, ReportGates(since=since), about="gates/report"
        )

    found = converse(work)
    show(found.model_dump(mode="json"), output, text=lambda: _print(found))


def _span(option: str, written: str) -> timedelta:
    try:
        return _DURATION.validate_python(written)
    except ValidationError as error:
        raise CommandFailed(
            f"{option} {written}: expected a span of time such as 30m, 4h or 90d", ExitCode.USAGE
        ) from error


def _closed(status: ReleaseStatus, gate: str) -> GateState:
    closed = [state for state in status.gates if state.word in _CLOSED]
    for state in closed:
        if state.gate == gate:
            return state
    hint = nearest(gate, [state.gate for state in closed])
    raise CommandFailed(
        f"{status.name} is {status.phase} and waits at no gate {gate!r}: {hint}", ExitCode.DENIED
    )


def _waiver(
    status: ReleaseStatus, state: GateState, *, by: str, reason: str, lasts: timedelta
) -> Waiver:
    return Waiver(
        by=by,
        gate=state.gate,
        environment=state.environment,
        digest=status.decision_digest or "",
        reason=reason,
        lasts=lasts,
    )


def _waived(view: WaiverView) -> str:
    where = f"{view.gate} of {view.environment}"
    if view.stands:
        return f"{where} is waived until {view.expires_at:%Y-%m-%d %H:%M}Z by {_names(view)}"
    people = "one more" if view.missing == 1 else f"{view.missing} more"
    return f"{where}: counted for {_names(view)}; it takes {people}"


def _names(view: WaiverView) -> str:
    return ", ".join(view.by)


def _holders(policy: str, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    roles = sorted({rule.role for rule in catalog.policies[policy].asked})
    return {
        role: tuple(sorted(n for n, person in catalog.people.items() if role in person.roles))
        for role in roles
    }


def _print(found: GateReport) -> None:
    typer.echo(f"{found.releases} releases since {found.since:%Y-%m-%d}")
    if not found.gates:
        typer.echo("no gate was waited at")
        return
    headings = ("gate", "waits", "minutes", "median", "longest", "denials", "waived", "catches")
    rows: list[tuple[str, ...]] = [
        (
            gate.gate,
            str(gate.waits),
            f"{gate.minutes:g}",
            f"{gate.median_minutes:g}",
            f"{gate.longest_minutes:g}",
            str(gate.denials),
            str(gate.overrides),
            str(gate.true_catches),
        )
        for gate in found.gates
    ]
    table(headings, rows)
    for gate in found.gates:
        if gate.proposal:
            typer.echo(f"{gate.gate}: {gate.proposal}")
