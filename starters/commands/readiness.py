"""`lockgate readiness`: the dossier before a release may start, and each role's go or no-go."""

from typing import Annotated

import typer

from starters.options import By, Output, Release, examples
from starters.output import OutputFormat

Environment = Annotated[
    str | None,
    typer.Option(
        "--environment",
        metavar="NAME",
        help="Whose review.  [default: the newest]",
        show_default=False,
    ),
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Kept with the word.")]
NeededNote = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="Why not; kept with the word.")
]
Digest = Annotated[
    str | None,
    typer.Option(
        "--dossier",
        metavar="SHA256",
        help="The dossier that you read; a review that is about another refuses the word.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    readiness = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    readiness.command(
        epilog=examples(
            "lockgate readiness show shop-2026.11", "lockgate readiness show shop-2026.11 -o json"
        )
    )(show)
    readiness.command(
        epilog=examples('lockgate readiness go shop-2026.11 --by ana --note "on-call is staffed"')
    )(go)
    readiness.command(
        "no-go",
        epilog=examples('lockgate readiness no-go shop-2026.11 --by ana --note "pager is down"'),
    )(no_go)
    readiness.callback()(_readiness)
    app.add_typer(
        readiness,
        name="readiness",
        help="Say go or no-go shortly before a release may start.",
        epilog=examples("lockgate readiness show shop-2026.11"),
    )


def _readiness() -> None:
    """Say go or no-go shortly before a release may start."""


def show(
    release: Release, *, environment: Environment = None, output: Output = OutputFormat.TEXT
) -> None:
    """Print where the review stands, who was asked, and the sealed dossier that it is about."""
    from starters.verbs import readiness

    readiness.display(release, environment=environment, output=output)


def go(
    release: Release,
    *,
    by: By = None,
    note: Note = "",
    environment: Environment = None,
    dossier: Digest = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Say go for your role. It counts for the dossier as it is: a material change voids it.

    Where the policy asks for a proven identity you sign in for it; elsewhere the name is asserted,
    and recorded as asserted. Who asked for the release cannot say go for it.
    """
    from starters.verbs import readiness

    readiness.say(
        release,
        go=True,
        by=by,
        note=note,
        environment=environment,
        dossier=dossier,
        output=output,
    )


def no_go(
    release: Release,
    *,
    note: NeededNote,
    by: By = None,
    environment: Environment = None,
    dossier: Digest = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Hold the release, until you say go or the dossier changes. Nothing is turned back."""
    from starters.verbs import readiness

    readiness.say(
        release,
        go=False,
        by=by,
        note=note,
        environment=environment,
        dossier=dossier,
        output=output,
    )
