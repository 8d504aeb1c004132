"""`lockgate waive`, `matrix` and `metrics gates`: passing gates, and what they are good for."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, NeededReason, Output, Release, examples
from starters.output import OutputFormat

matrix = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Who must agree to what, as a page."
)
metrics = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What past releases say of the process."
)


class PageFormat(StrEnum):
    MARKDOWN = "markdown"
    HTML = "html"


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(
        epilog=examples(
            'lockgate waive shop-2026.11 --gate tests --for 4h --reason "flaky suite, QA-17"',
            'lockgate waive shop-2026.11 --gate tests --by ben --reason "as ana says"',
        )
    )(waive)


def waive(
    release: Release,
    *,
    gate: Annotated[
        str,
        typer.Option("--gate", metavar="NAME", help="A closed gate, as `status` names it."),
    ],
    reason: NeededReason,
    lasts: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long it stands, such as 4h.")
    ] = "1h",
    by: By = None,
    digest: Annotated[
        str | None,
        typer.Option(
            "--digest",
            metavar="SHA256",
            help="The decision digest you looked at; a release that is not it refuses.",
        ),
    ] = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Let a release past one gate, for a reason and for a while; it takes two people or more.

    A waiver is for what the gate lacks now and for the content as it is now: a change of either
    ends it. The one who asked for the release cannot waive. Where the policy asks for a proven
    identity, you sign in as for `approve`.
    """
    from starters.verbs import gates

    gates.waive(
        release, gate=gate, reason=reason, lasts=lasts, by=by, digest=digest, output=output
    )


@matrix.callback()
def _matrix() -> None:
    """Keep `render` a command of the group, which a group with one command would swallow."""


@matrix.command(
    epilog=examples(
        "lockgate matrix render catalog",
        "lockgate matrix render catalog --policy prod-sox --format html > who-decides.html",
    )
)
def render(
    catalog: Annotated[
        Path, typer.Argument(metavar="CATALOG", help="The folder of the catalog.")
    ] = Path("catalog"),
    *,
    policy: Annotated[
        str | None,
        typer.Option("--policy", metavar="NAME", help="Of this policy.  [default: of all]"),
    ] = None,
    page: Annotated[
        PageFormat, typer.Option("--format", help="What the page is written in.")
    ] = PageFormat.MARKDOWN,
) -> None:
    """Print the decision matrices of a catalog: who must agree, in which case.

    The catalog is checked first, so that the page shows a matrix in which one row stands for
    each case. Nothing outside is asked.
    """
    from starters.verbs import gates

    gates.render(catalog, policy=policy, html=page is PageFormat.HTML)


@metrics.callback()
def _metrics() -> None:
    """Keep `gates` a command of the group, which a group with one command would swallow."""


@metrics.command(
    "gates",
    epilog=examples("lockgate metrics gates", "lockgate metrics gates --last 90d -o json"),
)
def gates_report(
    *,
    last: Annotated[
        str, typer.Option("--last", metavar="TIME", help="How far back, such as 30d.")
    ] = "90d",
    output: Output = OutputFormat.TEXT,
) -> None:
    """What each gate cost and caught: minutes, denials, waivers, true catches.

    A true catch is a denial after which another build of the service passed. Gates that never
    catch anything are proposed to be retired, once enough releases have met them.
    """
    from starters.verbs import gates

    gates.report(last=last, output=output)
