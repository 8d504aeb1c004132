"""`lockgate schedules`: what Temporal starts by the clock."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, Output, examples
from starters.output import OutputFormat

ScheduleId = Annotated[
    str, typer.Argument(metavar="ID", help="The schedule's id, as in `schedules list`.")
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--schedules",
        metavar="DIR",
        envvar="LOCKGATE_SCHEDULES",
        help="The installation's own schedules; they are added to Lockgate's, or replace them.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    schedules = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    schedules.command("list", epilog=examples("lockgate schedules list"))(list_schedules)
    schedules.command(
        epilog=examples(
            "lockgate schedules diff", "lockgate schedules diff --schedules schedules/"
        )
    )(diff)
    schedules.command(
        epilog=examples("lockgate schedules apply", "lockgate schedules apply --prune")
    )(apply)
    schedules.command(
        epilog=examples('lockgate schedules pause lockgate-sweep --reason "store is down"')
    )(pause)
    schedules.command(epilog=examples("lockgate schedules resume lockgate-sweep"))(resume)
    schedules.command(epilog=examples("lockgate schedules trigger lockgate-sweep"))(trigger)
    app.add_typer(
        schedules,
        name="schedules",
        help="What Temporal starts by the clock.",
        epilog=examples("lockgate schedules list", "lockgate schedules apply"),
    )


def list_schedules(*, folder: Folder = None, output: Output = OutputFormat.TEXT) -> None:
    """List the declared schedules, and how Temporal has them."""
    from starters.verbs import schedules

    schedules.show_schedules(folder=folder, output=output)


def diff(*, folder: Folder = None, output: Output = OutputFormat.TEXT) -> None:
    """Show what `apply` would do, field by field; exit code 30 if there is anything."""
    from starters.verbs import schedules

    raise typer.Exit(schedules.diff(folder=folder, output=output))


def apply(
    *,
    folder: Folder = None,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune", help="Also delete what Temporal has as `lockgate-…` and nobody declares."
        ),
    ] = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show the difference, then create what is missing and correct what differs.

    A paused schedule stays paused.
    """
    from starters.verbs import schedules

    schedules.apply(folder=folder, prune=prune, output=output)


def pause(
    schedule: ScheduleId,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; shown with it.")],
    folder: Folder = None,
    by: By = None,
) -> None:
    """Start nothing more by this schedule until `resume`."""
    from starters.verbs import schedules

    schedules.pause(schedule, folder=folder, by=by, reason=reason)


def resume(schedule: ScheduleId, *, folder: Folder = None, by: By = None) -> None:
    """Let a paused schedule go on."""
    from starters.verbs import schedules

    schedules.resume(schedule, folder=folder, by=by)


def trigger(schedule: ScheduleId, *, folder: Folder = None) -> None:
    """Start what the schedule starts now, unless it runs already."""
    from starters.verbs import schedules

    schedules.trigger(schedule, folder=folder)
