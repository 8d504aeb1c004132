"""`lockgate explain`: why a release is where it is."""

from typing import Annotated

import typer

from starters.options import FailOn, Output, examples
from starters.output import OutputFormat


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(
        epilog=examples(
            "lockgate explain",
            "lockgate explain shop-2026.11",
            "lockgate explain shop-2026.11 -o json | jq '.blockedBy[].canBeClearedBy'",
        )
    )(explain)


def explain(
    release: Annotated[
        str | None,
        typer.Argument(
            metavar="RELEASE",
            help="The release's name or full id.  [default: the open one, else the latest]",
        ),
    ] = None,
    *,
    fail_on: FailOn = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Say why a release is where it is: what keeps it, who can clear that, and how it was ruled.

    The ruling is shown with the digests of what it went by, as it was recorded.
    """
    from starters.verbs import explaining

    raise typer.Exit(explaining.explain(release, fail_on=fail_on, output=output))
