"""Looking after the installation: doctor, sweep, schedules."""

from datetime import datetime, timedelta

import typer
from pydantic import JsonValue
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy

from starters import doctor as checking
from starters import schedules
from starters.board import clock
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, NobodyAnswers
from starters.options import who
from starters.output import OutputFormat, show, table
from starters.schedules import Found
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


def show_schedules(*, output: OutputFormat) -> None:
    """Every declared schedule, and how Temporal has it."""
    found = converse(schedules.look)
    headings = ("schedule", "every", "state", "last", "next", "what for")
    show(
        [_as_json(f) for f in found],
        output,
        text=lambda: table(headings, [_row(f) for f in found]),
    )


def diff(*, output: OutputFormat) -> int:
    """Where Temporal is not as declared."""
    off = [found for found in converse(schedules.look) if found.differences]

    def text() -> None:
        for found in off:
            typer.echo(f"{found.declared.id}: {'; '.join(found.differences)}")
        typer.echo("`lockgate schedules apply` corrects it" if off else "all is as declared")

    show([_as_json(found) for found in off], output, text=text)
    return ExitCode.DRIFT if off else ExitCode.OK


def apply(*, output: OutputFormat) -> None:
    """Make Temporal's schedules what is declared."""
    done = converse(schedules.apply)
    show(
        list(done),
        output,
        text=lambda: typer.echo("\n".join(done) or "nothing to do: all is as declared"),
    )


def pause(schedule: str, *, by: str | None, reason: str) -> None:
    note = f"paused by {who(by)}: {reason}"
    converse(lambda client: schedules.pause(client, schedule, note=note))
    typer.echo(f"{schedule}: {note}")


def resume(schedule: str, *, by: str | None) -> None:
    note = f"resumed by {who(by)}"
    converse(lambda client: schedules.resume(client, schedule, note=note))
    typer.echo(f"{schedule}: {note}")


def trigger(schedule: str) -> None:
    converse(lambda client: schedules.trigger(client, schedule))
    typer.echo(f"{schedule}: triggered")


def _state(found: Found) -> str:
    if not found.applied:
        return "not in Temporal"
    state = f"paused ({found.note})" if found.paused else "on"
    return f"{state}, differs" if found.differences else state


def _row(found: Found) -> tuple[str, ...]:
    declared = found.declared
    return (
        declared.id,
        write_duration(declared.every),
        _state(found),
        clock(found.last) if found.last else "",
        clock(found.next) if found.next else "",
        declared.why,
    )


def _as_json(found: Found) -> JsonValue:
    return {
        "id": found.declared.id,
        "every": write_duration(found.declared.every),
        "why": found.declared.why,
        "applied": found.applied,
        "paused": found.paused,
        "note": found.note,
        "differences": list(found.differences),
        "last": _moment(found.last),
        "next": _moment(found.next),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
