"""`lockgate doctor`, `sweep` and `version`: the installation itself."""

from typing import Annotated

import typer

from starters.options import Output, examples
from starters.output import OutputFormat


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(epilog=examples("lockgate doctor", "lockgate doctor -o json"))(doctor)
    app.command(epilog=examples("lockgate sweep", "lockgate sweep --now"))(sweep)
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
    from starters.verbs import operations, schedules

    if now:
        operations.sweep_now(output=output)
    else:
        schedules.show_schedules(output=output)


def version(*, output: Output = OutputFormat.TEXT) -> None:
    """Print the version of this command line."""
    from starters.verbs import versions

    versions.version(output=output)
