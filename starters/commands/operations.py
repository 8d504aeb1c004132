"""`lockgate doctor`, `sweep`, `schedules` and `version`: the installation itself."""

from typing import Annotated

import typer

from starters.options import By, Output, examples
from starters.output import OutputFormat

ScheduleId = Annotated[
    str, typer.Argument(metavar="ID", help="The schedule's id, as in `schedules list`.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(epilog=examples("lockgate doctor", "lockgate doctor -o json"))(doctor)
    app.command(epilog=examples("lockgate sweep", "lockgate sweep --now"))(sweep)
    app.add_typer(
        _schedules(),
        name="schedules",
        help="What Temporal starts by the clock.",
        epilog=examples("lockgate schedules list", "lockgate schedules apply"),
    )
    app.command(epilog=examples("lockgate version", "lockgate version -o json"))(version)


def doctor(*, output: Output = OutputFormat.TEXT) -> None:
    """Check Temporal, the workers, the settings and the schedules; say how to mend what is not.

    Exit code 1 when anything is not as it should be, 75 when Temporal does not answer.
    """
    from starters.verbs import operations

    raise typer.Exit(operations.doctor(output=output))


def sweep(
    *,
    now: Annotated[
        bool, typer.Option("--now", help="Sweep at once and show what was found.")
    ] = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show when the sweep puts back what releases left that were ended from outside."""
    from starters.verbs import operations

    if now:
        operations.sweep_now(output=output)
    else:
        operations.show_schedules(output=output)


def version(*, output: Output = OutputFormat.TEXT) -> None:
    """Print the version of this command line."""
    from starters.verbs import versions

    versions.version(output=output)


def _schedules() -> typer.Typer:
    schedules = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    schedules.command("list", epilog=examples("lockgate schedules list"))(list_schedules)
    schedules.command(epilog=examples("lockgate schedules diff"))(diff)
    schedules.command(epilog=examples("lockgate schedules apply"))(apply)
    schedules.command(
        epilog=examples('lockgate schedules pause lockgate-sweep --reason "store is down"')
    )(pause)
    schedules.command(epilog=examples("lockgate schedules resume lockgate-sweep"))(resume)
    schedules.command(epilog=examples("lockgate schedules trigger lockgate-sweep"))(trigger)
    return schedules


def list_schedules(*, output: Output = OutputFormat.TEXT) -> None:
    """List the declared schedules, and how Temporal has them."""
    from starters.verbs import operations

    operations.show_schedules(output=output)


def diff(*, output: Output = OutputFormat.TEXT) -> None:
    """Show where Temporal's schedules are not as declared; exit code 30 if one is not."""
    from starters.verbs import operations

    raise typer.Exit(operations.diff(output=output))


def apply(*, output: Output = OutputFormat.TEXT) -> None:
    """Create what is missing and correct what differs; a paused schedule stays paused."""
    from starters.verbs import operations

    operations.apply(output=output)


def pause(
    schedule: ScheduleId,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; shown with it.")],
    by: By = None,
) -> None:
    """Start nothing more by this schedule until `resume`."""
    from starters.verbs import operations

    operations.pause(schedule, by=by, reason=reason)


def resume(schedule: ScheduleId, *, by: By = None) -> None:
    """Let a paused schedule go on."""
    from starters.verbs import operations

    operations.resume(schedule, by=by)


def trigger(schedule: ScheduleId) -> None:
    """Start what the schedule starts now, unless it runs already."""
    from starters.verbs import operations

    operations.trigger(schedule)
