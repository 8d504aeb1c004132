"""`lockgate history` and `events`: what happened in a release."""

from typing import Annotated

import typer

from starters.options import By, Output, Release, examples, who
from starters.output import OutputFormat


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(
        epilog=examples(
            "lockgate history shop-2026.11", "lockgate history shop-2026.11 -o json | jq '.[-1]'"
        )
    )(history)
    app.command(
        epilog=examples("lockgate events shop-2026.11", "lockgate events shop-2026.11 --follow")
    )(events)


def history(release: Release, *, output: Output = OutputFormat.TEXT) -> None:
    """Tell the steps of a release and of its promotions, with times, from Temporal's history."""
    from starters.verbs import record

    record.history(release, output=output)


def events(
    release: Release,
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the release ends.")
    ] = False,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Print the entries of a release's audit record: who or what did what, and how it came out.

    With -o json each entry is one line, so that a follower can be piped. That you read it is
    recorded too, in the chain `access`.
    """
    from starters.verbs import record

    record.events(release, follow=follow, by=who(by), output=output)
