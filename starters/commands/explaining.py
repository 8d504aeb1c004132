"""`lockgate explain` and `can-i-release`: why a release is where it is, or would be."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, FailOn, Output, examples
from starters.output import OutputFormat


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(
        epilog=examples(
            "lockgate explain",
            "lockgate explain shop-2026.11",
            "lockgate explain shop-2026.11 -o json | jq '.blockedBy[].canBeClearedBy'",
        )
    )(explain)
    app.command(
        "can-i-release",
        epilog=examples(
            "lockgate can-i-release release.yaml",
            "lockgate can-i-release release.yaml -o json | jq -r .nextOpen",
        ),
    )(can_i_release)


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


def can_i_release(
    file: Annotated[Path, typer.Argument(metavar="RELEASE", help="The release file.")],
    *,
    catalog: Annotated[
        Path | None, typer.Option("--catalog", metavar="FOLDER", help="The release's catalog.")
    ] = None,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Say whether a release may go now, without starting it: for the step before, in a pipeline.

    0 yes, 10 denied, 11 once it is approved, 12 frozen (with when it opens), 14 a gate waits for
    evidence, 75 unknown, because no worker tells the facts.
    """
    from starters.verbs import explaining

    raise typer.Exit(explaining.may_release(file, catalog=catalog, by=by, output=output))
