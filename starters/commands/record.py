"""`lockgate history`, `events` and `audit`: what happened, and whether that still stands."""

from typing import Annotated

import typer

from starters.options import Output, Release, examples
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
    audit = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    audit.command(epilog=examples("lockgate audit verify shop-2026.11"))(verify)
    audit.callback()(_audit)
    app.add_typer(
        audit,
        name="audit",
        help="Check the audit record.",
        epilog=examples("lockgate audit verify shop-2026.11"),
    )


def _audit() -> None:
    """Check the audit record."""


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
    output: Output = OutputFormat.TEXT,
) -> None:
    """Print the entries of a release's audit record: who or what did what, and how it came out.

    With -o json each entry is one line, so that a follower can be piped.
    """
    from starters.verbs import record

    record.events(release, follow=follow, output=output)


def verify(release: Release, *, output: Output = OutputFormat.TEXT) -> None:
    """Check that every entry of the audit record is as it was written; exit code 31 if not."""
    from starters.verbs import record

    raise typer.Exit(record.verify(release, output=output))
