"""Looking after the installation: doctor and sweep."""

from datetime import timedelta

import typer
from pydantic import JsonValue
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy

from starters import doctor as checking
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers
from starters.output import OutputFormat, show
from starters.session import converse, stay
from workflows.domain.durations import write_duration
from workflows.domain.names import SWEEP_ID, Queue
from workflows.sweep import SweepOrder, SweepReport, SweepWorkflow

_SWEEP_WITHIN = timedelta(minutes=5)


def doctor(*, output: OutputFormat) -> int:
    """Every check with its remedy; the exit code says whether all is well."""

    async def work() -> list[checking.Check]:
        found = []
        async for check in checking.checks():
            found.append(check)
            if output is OutputFormat.TEXT:
                _print_check(check)
        return found

    found = stay(work())
    said: JsonValue = [
        {"check": c.what, "fine": c.fine, "found": c.found, "remedy": c.remedy} for c in found
    ]
    if output is not OutputFormat.TEXT:
        show(said, output, text=lambda: None)
    if any(not check.fine and check.what == checking.SERVER for check in found):
        return ExitCode.UNAVAILABLE
    return ExitCode.OK if all(check.fine for check in found) else ExitCode.ERROR


def _print_check(check: checking.Check) -> None:
    typer.echo(f"{'ok  ' if check.fine else 'NOT '} {check.what:<18} {check.found}")
    if not check.fine:
        typer.echo(f"     {'':<18} → {check.remedy}")


def sweep_now(*, output: OutputFormat) -> None:
    """Sweep at once, or join the sweep that runs, and show for what a rollback was begun.

    Raises:
        CommandFailed: the sweep failed.
        NobodyAnswers: no worker ended it in time.
    """

    async def work(client: Client) -> SweepReport:
        try:
            return await client.execute_workflow(
                SweepWorkflow.run,
                SweepOrder(),
                id=SWEEP_ID,
                task_queue=Queue.STORIES,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                execution_timeout=_SWEEP_WITHIN,
                static_summary="sweep, asked for by a person",
            )
        except WorkflowFailureError as error:
            raise _why_no_sweep(error) from error

    report = converse(work)

    def text() -> None:
        for release in report.releases:
            typer.echo(f"putting back what {release} left: `lockgate watch {release}`")
        if not report.releases:
            typer.echo("nothing was left behind")

    show(report.model_dump(mode="json"), output, text=text)


def _why_no_sweep(error: WorkflowFailureError) -> CommandFailed:
    cause = error.cause
    if "timeout" in type(cause).__name__.lower():
        return NobodyAnswers(
            f"no worker ended the sweep within {write_duration(_SWEEP_WITHIN)}: `lockgate doctor`"
        )
    return CommandFailed(f"the sweep failed: {cause}")
