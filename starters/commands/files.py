"""`lockgate init`, `lint` and `plan`: all that can be known about a release before it starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.options import By, Output, examples, who
from starters.output import OutputFormat, show

if TYPE_CHECKING:  # `lockgate --help` must not wait for pydantic
    from pydantic import JsonValue

CatalogFolder = Annotated[
    Path | None,
    typer.Option(
        "--catalog",
        metavar="FOLDER",
        help="The catalog.  [default: the folder `catalog` beside the file or its folder]",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(epilog=examples("lockgate init", "lockgate init releases/hello"))(init)
    app.command(
        epilog=examples(
            "lockgate lint release.yaml",
            "lockgate lint examples/shop",
            "lockgate lint releases/*.yaml --catalog ops/catalog -o json",
        )
    )(lint)
    app.command(
        epilog=examples(
            "lockgate plan release.yaml",
            "lockgate plan release.yaml --by ana --no-measure",
            "lockgate plan release.yaml -o json | jq -r .decisionDigest",
        )
    )(plan)


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where to write it.")
    ] = Path(),
) -> None:
    """Write an example release with its catalog, commented, to change into your own."""
    from starters.files.sample_files import write_sample

    try:
        written, differing = write_sample(folder)
    except OSError as error:
        raise CommandFailed(f"{error.filename}: cannot be written: {error.strerror}") from error
    if differing:
        raise CommandFailed(
            f"nothing was written, because these are there and not as `init` writes them: "
            f"{', '.join(str(folder / name) for name in differing)}; name another folder",
            ExitCode.USAGE,
        )
    for name in written:
        typer.echo(f"written: {folder / name}")
    if not written:
        typer.echo(f"nothing to do: the example is in {folder} already")
    typer.echo(f"next: lockgate lint {folder / 'release.yaml'}")


def lint(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.")],
    catalog: CatalogFolder = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Name every problem of release files and catalogs; exit code 2 if there is one.

    What can be meant as it is and should be known, such as a resource without a price, is a
    warning, and no problem.
    """
    from starters.files.linting import inspect

    found = inspect(paths, catalog_dir=catalog)

    def text() -> None:
        for problem in found.problems:
            typer.echo(str(problem))
        for warning in found.warnings:
            typer.echo(f"warning: {warning}")
        if not found.problems:
            typer.echo("no problems")

    listed: list[JsonValue] = [
        {**one.as_json(), "severity": severity}
        for severity, ones in (("error", found.problems), ("warning", found.warnings))
        for one in ones
    ]
    show(listed, output, text=text)
    if found.problems:
        raise typer.Exit(ExitCode.USAGE)


def plan(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="The release file.")],
    *,
    catalog: CatalogFolder = None,
    by: By = None,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure/--no-measure",
            help="Ask workers for facts and traffic; without an answer, plan without.",
        ),
    ] = True,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show all that is decided before the start: class, risk, who must approve, when, how long.

    Nothing is started. Workers are asked for the facts that rulings go by, and what traffic the
    targets have; what nobody tells is named as not assessed. 10 if it would be denied.
    """
    import shlex

    from starters.files.spec_file import load_order
    from starters.planning.foreseeing import foresee
    from starters.planning.measuring import measure as measure_traffic
    from starters.planning.plan_document import plan_as_json
    from starters.planning.plan_view import plan_as_text
    from starters.planning.preview import Preview
    from workflows.domain.errors import PolicyViolated

    try:
        order = load_order(release, catalog_dir=catalog, requested_by=who(by))
    except PolicyViolated as refused:
        raise CommandFailed(f"denied: {refused}", ExitCode.DENIED) from refused
    found = foresee(order, ask=measure)
    if (admission := found.admission) is None:
        raise CommandFailed(f"denied: {found.refused}", ExitCode.DENIED)
    chosen = [*(["--catalog", str(catalog)] if catalog else []), *(["--by", by] if by else [])]
    start = shlex.join(["lockgate", "start", str(release), *chosen])
    traffic = measure_traffic(admission.plan.standing) if measure else {}
    preview = Preview(
        order=order, admission=admission, start=start, measured=traffic, unread=found.unread
    )
    show(plan_as_json(preview), output, text=lambda: typer.echo(plan_as_text(preview)))
    if admission.denials:
        raise typer.Exit(ExitCode.DENIED)
