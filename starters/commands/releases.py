"""`lockgate start` and `list`: beginning a release, and finding the ones there are."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, FailOn, Output, Timeout, examples
from starters.output import OutputFormat

Catalog = Annotated[
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
    app.command(
        epilog=examples(
            "lockgate start release.yaml",
            "lockgate start release.yaml --wait --timeout 30m --fail-on 10,20,21,22",
            "lockgate start release.yaml --dry-run -o json",
        )
    )(start)
    app.command(
        "list",
        epilog=examples(
            "lockgate list --open",
            "lockgate list --phase RolledBack --service checkout",
            "lockgate list --environment production -o json | jq -r '.[].release'",
        ),
    )(list_releases)


def start(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The release file.")],
    *,
    catalog: Catalog = None,
    by: By = None,
    wait: Annotated[bool, typer.Option("--wait", help="Watch it to its end.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Start anew what was put back, denied or cancelled.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the files and show the order; start nothing.")
    ] = False,
    timeout: Timeout = None,
    fail_on: FailOn = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Start a release. The same content is the same release: started twice, it runs once.

    Where a policy asks for a proven identity, whoever is signed in proves to have asked. A
    pipeline is known by its own token: LOCKGATE_ID_TOKEN, or what GitHub gives to a job with the
    permission `id-token: write`.
    """
    from starters.verbs import releases

    order = releases.order_of(file, catalog=catalog, by=by)
    if dry_run:
        releases.show_order(order, output)
        return
    code = releases.start(
        order, again=again, wait=wait, timeout=timeout, fail_on=fail_on, output=output
    )
    raise typer.Exit(code)


def list_releases(
    *,
    phase: Annotated[
        str | None, typer.Option("--phase", help="Only those in this phase, such as Holding.")
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", help="Only those that release this service.")
    ] = None,
    environment: Annotated[
        str | None, typer.Option("--environment", help="Only those into this environment.")
    ] = None,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those that have not ended.")
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="At most so many, newest first.")
    ] = 50,
    output: Output = OutputFormat.TEXT,
) -> None:
    """List releases, newest first."""
    from starters.verbs import releases

    releases.list_releases(
        phase=phase,
        service=service,
        environment=environment,
        only_open=only_open,
        limit=limit,
        output=output,
    )
