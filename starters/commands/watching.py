"""`lockgate status` and `watch`: where a release stands, once or until its end."""

from typing import Annotated

import typer

from starters.options import FailOn, Output, Release, Timeout, examples
from starters.output import OutputFormat


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(
        epilog=examples(
            "lockgate status",
            "lockgate status shop-2026.11",
            "lockgate status shop-2026.11 -o json | jq -r .phase",
        )
    )(status)
    app.command(
        epilog=examples(
            "lockgate watch shop-2026.11",
            "lockgate watch shop-2026.11 --timeout 30m --fail-on 11,13,20,21",
        )
    )(watch)


def status(
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
    """Show where a release stands; the exit code says its phase (docs/reference/exit-codes.md)."""
    from starters.verbs import watching

    raise typer.Exit(watching.status(release, fail_on=fail_on, output=output))


def watch(
    release: Release,
    *,
    timeout: Timeout = None,
    fail_on: FailOn = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Follow a release to its end: live in a terminal, else one line per change.

    Ctrl-C stops the watching and nothing else. Restarts of workers and of Temporal are waited
    out. With -o json or yaml the lines go to standard error, and the last status to standard
    output.
    """
    from starters.verbs import watching

    raise typer.Exit(watching.watch(release, timeout=timeout, fail_on=fail_on, output=output))
