"""`lockgate calendar`, `freeze`, `stop-the-line` and `override`: when releases may go."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, NeededReason, Output, Release, examples
from starters.output import OutputFormat

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The release file.")]
_Catalog = Annotated[
    Path | None,
    typer.Option(
        "--catalog",
        metavar="FOLDER",
        help="The catalog.  [default: the folder catalog beside the file]",
        show_default=False,
    ),
]
_Offline = Annotated[
    bool,
    typer.Option("--offline", help="Ask nobody: no freeze is known, and no feed."),
]
_Listed = Annotated[list[str] | None, typer.Option(metavar="NAME", help="About these alone.")]

_Lasts = Annotated[str | None, typer.Option("--for", metavar="TIME", help="How long, such as 4h.")]
_Until = Annotated[
    str | None,
    typer.Option("--until", metavar="MOMENT", help="When it ends, such as 2026-11-30T09:00Z."),
]
_Begins = Annotated[
    str | None, typer.Option("--from", metavar="MOMENT", help="When it begins.  [default: now]")
]
_Actions = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ACTION",
        help="What it bars: start, advance, approve.  [default: start and advance]",
        show_default=False,
    ),
]
_InFlight = Annotated[
    str,
    typer.Option(
        "--in-flight", metavar="WAY", help="What is under way does: complete, hold or unwind."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    calendar = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    calendar.callback()(_calendar)
    calendar.command(
        name="next",
        epilog=examples(
            "lockgate calendar next release.yaml",
            "lockgate calendar next release.yaml -o json | jq -r .nextOpen",
        ),
    )(next_slot)
    calendar.command(
        name="list", epilog=examples("lockgate calendar list --catalog catalog --days 30")
    )(list_windows)
    calendar.command(
        epilog=examples("lockgate calendar simulate release.yaml --days 90 --offline")
    )(simulate)
    app.add_typer(
        calendar,
        name="calendar",
        help="Say when releases may go.",
        epilog=examples("lockgate calendar next release.yaml"),
    )
    _register_freezes(app)
    app.command(
        epilog=examples(
            'lockgate override shop-2026.11 --window incident-7 --for 2h --reason "it is the fix"'
        )
    )(override)


def _register_freezes(app: typer.Typer) -> None:
    freeze = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    freeze.callback()(_freeze)
    freeze.command(
        epilog=examples(
            'lockgate freeze add incident-7 --for 4h --region eu-west --reason "payments fail"',
            "lockgate freeze add peak --from 2026-11-27T00:00:00Z --until 2026-11-30T00:00:00Z "
            '--reason "peak season"',
        )
    )(add)
    freeze.command(name="list", epilog=examples("lockgate freeze list --all"))(list_freezes)
    freeze.command(epilog=examples('lockgate freeze lift incident-7 --reason "mended"'))(lift)
    app.add_typer(
        freeze,
        name="freeze",
        help="Declare freezes, and lift them.",
        epilog=examples("lockgate freeze list"),
    )
    app.command(
        epilog=examples(
            'lockgate stop-the-line --reason "the ledger loses postings"',
            'lockgate stop-the-line --lift --reason "mended"',
        )
    )(stop_the_line)


def _calendar() -> None:
    """Say when releases may go."""


def _freeze() -> None:
    """Declare freezes, and lift them."""


def next_slot(
    file: _File,
    *,
    catalog: _Catalog = None,
    offline: _Offline = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Tell for each environment when all of it fits, and what is in the way; 12 if not now."""
    from starters.verbs import calendar

    raise typer.Exit(calendar.next_slot(file, catalog=catalog, offline=offline, output=output))


def list_windows(
    *,
    catalog: Annotated[
        Path, typer.Option("--catalog", metavar="FOLDER", help="The catalog.")
    ] = Path("catalog"),
    days: Annotated[int, typer.Option(min=1, max=366, help="How far to look.")] = 30,
    offline: _Offline = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """List what windows, calendars and freezes have in the next days, by the start."""
    from starters.verbs import calendar

    calendar.list_windows(catalog, days=days, offline=offline, output=output)


def simulate(
    file: _File,
    *,
    catalog: _Catalog = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = 90,
    offline: _Offline = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Tell for each of the next days whether the release could begin on it, and what bars it."""
    from starters.verbs import calendar

    calendar.simulate(file, catalog=catalog, days=days, offline=offline, output=output)


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the freeze is called.")],
    *,
    reason: NeededReason,
    lasts: _Lasts = None,
    until: _Until = None,
    begins: _Begins = None,
    org: _Listed = None,
    region: _Listed = None,
    team: _Listed = None,
    service: _Listed = None,
    environment: _Listed = None,
    action: _Actions = None,
    in_flight: _InFlight = "hold",
    by: By = None,
) -> None:
    """Declare a freeze, and tell the releases under way; nothing holds a rollback up."""
    from starters.verbs import calendar

    calendar.add(
        name,
        reason=reason,
        by=by,
        lasts=lasts,
        until=until,
        begins=begins,
        scope={
            "orgs": org or [],
            "regions": region or [],
            "teams": team or [],
            "services": service or [],
            "environments": environment or [],
        },
        actions=action or ["start", "advance"],
        in_flight=in_flight,
    )


def list_freezes(
    *,
    past: Annotated[
        bool, typer.Option("--all", help="Also those that are over or lifted.")
    ] = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """List the freezes that are on or to come."""
    from starters.verbs import calendar

    calendar.list_freezes(past=past, output=output)


def lift(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The freeze.")],
    *,
    reason: NeededReason,
    by: By = None,
) -> None:
    """Lift a freeze, and tell the releases that wait for it."""
    from starters.verbs import calendar

    calendar.lift(name, reason=reason, by=by)


def stop_the_line(
    *,
    reason: NeededReason,
    lift: Annotated[bool, typer.Option("--lift", help="Let releases go again.")] = False,
    in_flight: _InFlight = "hold",
    by: By = None,
) -> None:
    """Freeze everything until somebody lifts it; rollbacks and aborts go all the same."""
    from starters.verbs import calendar

    calendar.stop_the_line(reason=reason, by=by, lift_it=lift, in_flight=in_flight)


def override(
    release: Release,
    *,
    window: Annotated[
        str,
        typer.Option("--window", metavar="NAME", help="What bars it, as its status names it."),
    ],
    lasts: Annotated[str, typer.Option("--for", metavar="TIME", help="How long, such as 2h.")],
    reason: NeededReason,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Say that a window or a freeze does not bar a release; two people must, with a reason."""
    from starters.verbs import calendar

    calendar.override(release, window=window, lasts=lasts, reason=reason, by=by, output=output)
