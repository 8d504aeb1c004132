"""`lockgate policy`: rules in Rego, tried before they rule."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, Output, examples
from starters.output import OutputFormat

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Rules in Rego, tried before they rule."
)

CatalogFolder = Annotated[
    Path,
    typer.Option("--catalog", metavar="FOLDER", help="The catalog with the changed policies."),
]
Last = Annotated[
    int, typer.Option("--last", metavar="N", min=1, max=500, help="So many, the newest first.")
]


@app.command(
    "test",
    epilog=examples(
        "lockgate policy test catalog/rules",
        "lockgate policy test catalog/rules --coverage 90",
        "lockgate policy test catalog/rules -o json",
    ),
)
def run_tests(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Rego files, or folders of them.")
    ],
    *,
    coverage: Annotated[
        float | None,
        typer.Option(
            "--coverage",
            metavar="PERCENT",
            min=0,
            max=100,
            help="Fail unless so many of the rules' lines are reached.",
        ),
    ] = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Run the rules `test_…` of files `*_test.rego`, as `opa test` does; 1 if one fails.

    Nothing has to run for it. Lines that no test reaches are named.
    """
    from starters.verbs import policy

    raise typer.Exit(policy.prove(paths, coverage=coverage, output=output))


@app.command(
    epilog=examples(
        "lockgate policy backtest --last 100",
        "lockgate policy backtest --last 500 --catalog ops/catalog -o json",
    )
)
def backtest(
    *,
    last: Last = 100,
    catalog: CatalogFolder = Path("catalog"),
    output: Output = OutputFormat.TEXT,
) -> None:
    """Make the last recorded rulings again under changed policies, and print what differs.

    Each by the order and the facts of then. Exit code 10 if a release would be newly denied, 30 if
    one would only be newly allowed, 0 if none of both.
    """
    from starters.verbs import policy

    raise typer.Exit(policy.replay(last=last, catalog=catalog, output=output))


@app.command(
    epilog=examples("lockgate policy decisions --last 20", "lockgate policy decisions --name shop")
)
def decisions(
    *,
    last: Last = 20,
    name: Annotated[
        str | None, typer.Option("--name", metavar="RELEASE", help="Of releases of this name.")
    ] = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """List recorded rulings: what was decided, when, and by which rules."""
    from starters.verbs import policy

    policy.decisions(last=last, name=name, output=output)


@app.command(
    "input",
    epilog=examples(
        "lockgate policy input release.yaml > input.json",
        "lockgate policy input release.yaml --environment production | jq .plan",
    ),
)
def show_input(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="The release file.")],
    *,
    environment: Annotated[
        str | None,
        typer.Option(
            "--environment",
            metavar="NAME",
            help="As its rules see it.  [default: the last]",
            show_default=False,
        ),
    ] = None,
    catalog: Annotated[
        Path | None, typer.Option("--catalog", metavar="FOLDER", help="The release's catalog.")
    ] = None,
    by: By = None,
) -> None:
    """Print the document that rules see as `input`, to write rules and tests against.

    Workers tell the facts; what nobody tells is null.
    """
    from starters.verbs import policy

    policy.show_input(release, environment=environment, catalog=catalog, by=by)
