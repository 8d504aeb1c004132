"""`lockgate risk` and `retrospective`: what a release risks, what came of it, what is owed."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, Output, Release, examples
from starters.output import OutputFormat

risk = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What a release risks, and what came of it."
)
retrospective = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="What is owed for emergencies and failed releases.",
)

Catalog = Annotated[
    Path | None,
    typer.Option(
        "--catalog",
        metavar="FOLDER",
        help="The catalog.  [default: the folder `catalog`]",
        show_default=False,
    ),
]


@risk.command(
    epilog=examples(
        "lockgate risk explain release.yaml",
        "lockgate risk explain shop-2026.11 -o json | jq .risk.points",
    )
)
def explain(
    what: Annotated[
        str,
        typer.Argument(metavar="FILE|RELEASE", help="A release file, or a release's name or id."),
    ],
    *,
    catalog: Catalog = None,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Say the class and the risk of a release, each point with its reason.

    Of a file as it would be now; of a release as it was last ruled on. What nobody knows is named,
    and counts as the worst that it could be.
    """
    from starters.verbs import risk as verbs

    verbs.explain(what, catalog=catalog, by=by, output=output)


@risk.command(
    epilog=examples(
        "lockgate risk calibrate",
        "lockgate risk calibrate --catalog ops/catalog -o json | jq .brier",
    )
)
def calibrate(
    *,
    catalog: Catalog = None,
    last: Annotated[
        int, typer.Option("--last", metavar="N", min=20, max=5000, help="So many outcomes.")
    ] = 2000,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Hold the scores of the catalog's RiskModel against what came of the releases.

    Prints the fit, its Brier score (each release foretold from all the others) and a table of
    what was foretold and what came. Exit code 14 while the score may not decide anything: a
    changed model can be tried on the past before it is merged.
    """
    from starters.verbs import risk as verbs

    raise typer.Exit(verbs.calibrate(catalog=catalog, limit=last, output=output))


@retrospective.command("list", epilog=examples("lockgate retrospective list"))
def list_owed(*, output: Output = OutputFormat.TEXT) -> None:
    """List the retrospectives that are open, the longest overdue first.

    An overdue one keeps its services from their next release that is no emergency.
    """
    from starters.verbs import risk as verbs

    verbs.list_owed(output=output)


@retrospective.command(
    epilog=examples(
        'lockgate retrospective close shop-2026.11 --finding "the pool was sized for half of it"'
    )
)
def close(
    release: Release,
    *,
    finding: Annotated[
        str,
        typer.Option("--finding", metavar="TEXT", help="What was found; it is recorded."),
    ],
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Write down what was found when the release was looked into; not by who asked for it.

    What it owes is closed with it, and a pattern that it had cost its standing may earn it anew.
    """
    from starters.verbs import risk as verbs

    verbs.close(release, finding=finding, by=by, output=output)
