"""`lockgate runbook`: what people do by hand, who read it, and whether it was rehearsed."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, Output, examples
from starters.output import OutputFormat

Catalog = Annotated[
    Path, typer.Option("--catalog", metavar="FOLDER", help="The catalog that holds it.")
]
Name = Annotated[str, typer.Argument(metavar="RUNBOOK", help="The runbook's name.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Kept with it.")]
Digest = Annotated[
    str | None,
    typer.Option(
        "--digest",
        metavar="SHA256",
        help="The content that you read; a runbook that is not it is refused.",
    ),
]
_FOLDER = Path("catalog")


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    runbook = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    runbook.command(epilog=examples("lockgate runbook lint", "lockgate runbook lint -o json"))(
        lint
    )
    runbook.command(epilog=examples("lockgate runbook show take-back"))(show)
    runbook.command(
        epilog=examples(
            'lockgate runbook review take-back --approve --by ben --note "tried step 2"',
            'lockgate runbook review take-back --reject --by ben --note "step 3 loses orders"',
        )
    )(review)
    runbook.command(
        epilog=examples(
            'lockgate runbook rehearse take-back --passed --by eve --note "4 minutes"',
            'lockgate runbook rehearse take-back --failed --by eve --note "no access to the DB"',
        )
    )(rehearse)
    runbook.callback()(_runbook)
    app.add_typer(
        runbook,
        name="runbook",
        help="Review runbooks before a release may be approved.",
        epilog=examples("lockgate runbook show take-back"),
    )


def _runbook() -> None:
    """Review runbooks before a release may be approved."""


def lint(*, catalog: Catalog = _FOLDER, output: Output = OutputFormat.TEXT) -> None:
    """List the runbooks of a catalog with their digests; name every problem, with exit code 2."""
    from starters.verbs import runbooks

    raise typer.Exit(runbooks.lint(catalog, output=output))


def show(runbook: Name, *, catalog: Catalog = _FOLDER, output: Output = OutputFormat.TEXT) -> None:
    """Print all that a runbook says, its digest, and what was said of exactly this content.

    It is what a review is about: steps, commands, verification, and the rollback plan.
    """
    from starters.verbs import runbooks

    runbooks.display(runbook, catalog=catalog, output=output)


def review(
    runbook: Name,
    *,
    approve: Annotated[
        bool, typer.Option("--approve/--reject", help="It can be gone by, or it cannot.")
    ],
    by: By = None,
    note: Note = "",
    digest: Digest = None,
    catalog: Catalog = _FOLDER,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Say whether a runbook of somebody else can be gone by, as it is now.

    The word counts for this very content: any edit voids it. Nobody reviews their own runbook.
    Where a policy of the catalog asks for a proven identity you sign in for it; elsewhere the name
    is asserted, and recorded as asserted. Releases that wait are ruled on anew.
    """
    from starters.verbs import runbooks

    runbooks.review(
        runbook, approved=approve, by=by, note=note, digest=digest, catalog=catalog, output=output
    )


def rehearse(
    runbook: Name,
    *,
    passed: Annotated[
        bool, typer.Option("--passed/--failed", help="It worked as written, or it did not.")
    ],
    by: By = None,
    note: Note = "",
    digest: Digest = None,
    catalog: Catalog = _FOLDER,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Record that somebody went through a runbook, and whether it worked.

    A release or policy may ask for a rehearsal that is fresh; it counts for this very content.
    """
    from starters.verbs import runbooks

    runbooks.rehearse(
        runbook, passed=passed, by=by, note=note, digest=digest, catalog=catalog, output=output
    )
