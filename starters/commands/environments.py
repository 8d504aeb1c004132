"""`lockgate env`: environments that come and go, asked for, kept, held and torn down."""

from pathlib import Path
from typing import Annotated

import typer

from starters.commands import environment_reports
from starters.options import By, NeededReason, Output, Timeout, examples
from starters.output import OutputFormat

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Environments that come and go."
)

EnvironmentName = Annotated[
    str, typer.Argument(metavar="NAME", help="The environment's name.", show_default=False)
]
Wait = Annotated[bool, typer.Option("--wait", help="Follow it until it stands, or is gone.")]
Choices = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A parameter that the template lets choose; may be given several times.",
    ),
]
Owner = Annotated[
    str | None,
    typer.Option(
        "--owner",
        metavar="NAME",
        help="Whose it is: who is warned of its end.  [default: who asks]",
        show_default=False,
    ),
]


@app.command(
    epilog=examples(
        'lockgate env request pr-7 --template preview --purpose "try the new checkout" --wait',
        'lockgate env request load-1 --template preview --set Size=large --purpose "load test"',
        'lockgate env request pr-7 --template preview --purpose "what it costs" --dry-run',
    )
)
def request(
    name: EnvironmentName,
    *,
    template: Annotated[
        str,
        typer.Option(
            "--template", metavar="NAME", help="The EnvironmentTemplate that it is made from."
        ),
    ],
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="TEXT", help="What it is for; kept as a tag.")
    ],
    chosen: Choices = None,
    catalog: Annotated[
        Path, typer.Option("--catalog", metavar="FOLDER", help="The catalog that holds it.")
    ] = Path("catalog"),
    owner: Owner = None,
    by: By = None,
    wait: Wait = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check it and show what it costs; make nothing.")
    ] = False,
    timeout: Timeout = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Have an environment made. The same request is the same environment: asked twice, made once.

    Everything is checked before anything is made: the parameters against the template, and what it
    costs against its prices. It lives as long as its template says, and its owner is warned before
    its end. Where another one has the name, the request is refused with the difference (10). With
    --wait, 20 says that it could not be made and that nothing of the attempt is left.
    """
    from starters.verbs import environment_requests

    code = environment_requests.request(
        name,
        template=template,
        catalog=catalog,
        chosen=chosen or (),
        purpose=purpose,
        owner=owner,
        by=by,
        wait=wait,
        dry_run=dry_run,
        timeout=timeout,
        output=output,
    )
    raise typer.Exit(code)


@app.command(
    "list",
    epilog=examples(
        "lockgate env list",
        "lockgate env list --mine",
        "lockgate env list --team team-shop --phase TeardownIncomplete",
        "lockgate env list -o json | jq -r '.[].environment'",
    ),
)
def list_environments(
    *,
    team: Annotated[
        str | None, typer.Option("--team", metavar="NAME", help="Only those of this team.")
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that you own.")] = False,
    phase: Annotated[
        str | None, typer.Option("--phase", help="Only those in this phase, such as Expiring.")
    ] = None,
    ended: Annotated[
        bool, typer.Option("--all", help="Also those that are gone, as long as Temporal knows.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 200,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """List environments, the one that ends first at the top."""
    from starters.options import who
    from starters.verbs import environments

    environments.list_environments(
        team=team,
        owner=who(by) if mine else None,
        phase=phase,
        ended=ended,
        limit=limit,
        output=output,
    )


@app.command(
    "show",
    epilog=examples(
        "lockgate env show pr-7", "lockgate env show pr-7 -o json | jq -r .outputs.Bucket"
    ),
)
def display(name: EnvironmentName, *, output: Output = OutputFormat.TEXT) -> None:
    """Show where an environment stands, when it ends, what it costs and offers; by exit code too.

    0 is there or gone as it should be, 13 held beyond its time, 20 could not be made, and 21 not
    gone yet: something of it is left.
    """
    from starters.verbs import environments

    raise typer.Exit(environments.display(name, output=output))


@app.command(
    epilog=examples(
        'lockgate env extend pr-7 --reason "review on Monday"',
        'lockgate env extend pr-7 --for 1d --reason "review on Monday"',
    )
)
def extend(
    name: EnvironmentName,
    *,
    reason: NeededReason,
    lasts: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="TIME",
            help="How much longer, such as 1d.  [default: as much as the template lets]",
            show_default=False,
        ),
    ] = None,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Keep an environment longer, within what its template lets: how often, how long, what cost.

    Each call extends it once more. What would be too much is refused with the reason (10).
    """
    from starters.verbs import environments

    environments.extend(name, lasts=lasts, reason=reason, by=by, output=output)


@app.command(
    epilog=examples(
        'lockgate env hold pr-7 --reason "evidence in case 4711"',
        'lockgate env hold pr-7 --lift --reason "case closed"',
    )
)
def hold(
    name: EnvironmentName,
    *,
    reason: NeededReason,
    lift: Annotated[
        bool, typer.Option("--lift", help="Lift the hold; what fell due meanwhile happens now.")
    ] = False,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Let nothing tear an environment down: not its expiry, no sweep, no person; or lift that.

    The hold is a tag on every resource as well, so that it outlives whatever happens to Lockgate.
    """
    from starters.verbs import environments

    environments.hold(name, lift=lift, reason=reason, by=by, output=output)


@app.command(
    epilog=examples(
        'lockgate env teardown pr-7 --reason "merged" --wait',
        'lockgate env teardown ledger-copy --protected --reason "migrated" --wait --timeout 1h',
        'lockgate env teardown pr-6 --reason "an orphan" --provider cloudformation/preview',
    )
)
def teardown(
    name: EnvironmentName,
    *,
    reason: NeededReason,
    protected: Annotated[
        bool, typer.Option("--protected", help="Also if its template protects it.")
    ] = False,
    by: By = None,
    provider: environment_reports.Providers = None,
    catalog: environment_reports.Catalog = Path("catalog"),
    wait: Wait = False,
    timeout: Timeout = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Tear an environment down now. It is over when a census proves that nothing is left.

    Said again, it is no second teardown; of one in which something is left, it is tried again at
    once. What has our tags and no living story is looked for, and taken down likewise. A hold
    refuses it (10). With --wait, 21 says that a person has to change something.
    """
    from starters.environments.reclaiming import Asked
    from starters.options import who
    from starters.verbs import environments

    code = environments.teardown(
        name,
        said=Asked(by=who(by), reason=reason, protected=protected),
        written=provider or (),
        catalog=catalog,
        wait=wait,
        timeout=timeout,
        output=output,
    )
    raise typer.Exit(code)


environment_reports.register(app)
