"""`lockgate env diff`, `census` and `report`: what is there, against what should be."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import Output, examples
from starters.output import OutputFormat

Catalog = Annotated[
    Path, typer.Option("--catalog", metavar="FOLDER", help="The catalog with its template.")
]
Providers = Annotated[
    list[str] | None,
    typer.Option(
        "--provider",
        metavar="TYPE/CONNECTION",
        help="Where to count, such as cloudformation/preview.  [default: as the catalog says]",
        show_default=False,
    ),
]
_FOLDER = Path("catalog")


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(
        epilog=examples(
            "lockgate env diff pr-7",
            "lockgate env diff pr-7 --template preview-next --no-drift",
            "lockgate env diff pr-7 pr-8",
        )
    )(diff)
    app.command(
        epilog=examples(
            "lockgate env census",
            "lockgate env census pr-7",
            "lockgate env census pr-7 --provider cloudformation/preview -o json",
        )
    )(census)
    app.command(
        epilog=examples(
            "lockgate env report",
            "lockgate env report --team team-shop --no-surface",
            "lockgate env report -o json | jq '.sums'",
        )
    )(report)


def diff(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The environment's name.")],
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="[OTHER]", help="Another environment; without it, the catalog and the cloud."
        ),
    ] = None,
    *,
    template: Annotated[
        str | None,
        typer.Option(
            "--template",
            metavar="NAME",
            help="The template to compare with.  [default: its own]",
            show_default=False,
        ),
    ] = None,
    catalog: Catalog = _FOLDER,
    drift: Annotated[
        bool,
        typer.Option("--drift/--no-drift", help="Have the cloud compare, which takes a while."),
    ] = True,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show how an environment differs from the catalog as it is now, and from its own template.

    With two names, how these environments differ: template, parameters, outputs, and how many
    resources of each type. 30 if there is a difference, 13 if something could not be compared.
    """
    from starters.verbs import environment_reports

    if other is not None:
        raise typer.Exit(environment_reports.compare(name, other, output=output))
    code = environment_reports.diff(
        name, template=template, catalog=catalog, drift=drift, output=output
    )
    raise typer.Exit(code)


def census(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="An environment; without it, everything with tags."),
    ] = None,
    *,
    provider: Providers = None,
    catalog: Catalog = _FOLDER,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Count what exists with our tags, and mark what has no living story: an orphan.

    30 if there are orphans, 13 if something could not be counted. Where a schedule
    `lockgate-orphans` is declared, as in the local stack with AWS, it removes orphans that nobody
    holds; elsewhere nothing does. `lockgate env teardown NAME` takes one down at once.
    """
    from starters.verbs import environment_census

    providers = provider or ()
    if name is None:
        code = environment_census.census(providers, catalog=catalog, output=output)
    else:
        code = environment_census.census_of(name, providers, catalog=catalog, output=output)
    raise typer.Exit(code)


def report(
    *,
    team: Annotated[
        str | None, typer.Option("--team", metavar="NAME", help="Only that of this team.")
    ] = None,
    surface: Annotated[
        bool, typer.Option("--surface/--no-surface", help="Look for ports open to the world.")
    ] = True,
    output: Output = OutputFormat.TEXT,
) -> None:
    """List the living environments by team: age, cost, expiry, and ports open to the world.

    What nobody knows is shown as unknown and is in no sum: sums are then `at least` so much.
    """
    from starters.verbs import environment_reports

    environment_reports.report(team=team, surface=surface, output=output)
