"""The commands of `lockgate`; each imports what it needs when it runs, so that --help is quick."""

import os
from typing import Annotated

import typer

from starters.commands import (
    alerts,
    audit,
    calendar,
    dev,
    environments,
    evidence,
    explaining,
    files,
    gates,
    identity,
    operations,
    policy,
    readiness,
    record,
    releases,
    risk,
    runbooks,
    schedules,
    steering,
    strategy,
    watching,
)
from starters.options import examples

app = typer.Typer(
    name="lockgate",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "lockgate init && lockgate plan release.yaml",
        "lockgate start release.yaml --wait",
        "lockgate approve hello --by ana",
        "lockgate --profile production status shop-2026.11",
    ),
)


@app.callback()
def _connection(
    *,
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="HOST:PORT", help="Temporal's address."),
    ] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", help="Temporal's namespace.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="A profile of Temporal's client configuration.")
    ] = None,
) -> None:
    """Release governance as durable Temporal workflows.

    Temporal is found as its own tools find it: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
    TEMPORAL_API_KEY, TEMPORAL_TLS_*, or a profile of its configuration file; else the local
    stack of this directory. The options below come before the command and win over all of it.
    """
    given = {
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_NAMESPACE": namespace,
        "TEMPORAL_PROFILE": profile,
    }
    wanted = {name: value for name, value in given.items() if value}
    if wanted:
        _configure(wanted)


def _configure(wanted: dict[str, str]) -> None:
    """Let *wanted* win over what Temporal's configuration says, for this process."""
    from infra.temporal import local_config

    # Any TEMPORAL_ variable hides the local stack's file; only a profile is meant to do that.
    file = None if "TEMPORAL_PROFILE" in wanted else local_config(os.environ)
    if file is not None:
        os.environ["TEMPORAL_CONFIG_FILE"] = str(file)
    os.environ.update(wanted)


files.register(app)
releases.register(app)
watching.register(app)
explaining.register(app)
steering.register(app)
calendar.register(app)
runbooks.register(app)
readiness.register(app)
identity.register(app)
gates.register(app)
record.register(app)
audit.register(app)
alerts.register(app)
operations.register(app)
schedules.register(app)
app.add_typer(strategy.app, name="strategy", epilog=examples("lockgate strategy router --rps 40"))
app.add_typer(policy.app, name="policy", epilog=examples("lockgate policy test catalog/rules"))
app.add_typer(gates.matrix, name="matrix", epilog=examples("lockgate matrix render catalog"))
app.add_typer(gates.metrics, name="metrics", epilog=examples("lockgate metrics gates"))
app.add_typer(
    evidence.app,
    name="evidence",
    epilog=examples("lockgate evidence list --release shop-2026.11"),
)
app.add_typer(
    environments.app,
    name="env",
    epilog=examples(
        'lockgate env request pr-7 --template preview --purpose "new checkout" --wait'
    ),
)
app.add_typer(risk.risk, name="risk", epilog=examples("lockgate risk explain release.yaml"))
app.add_typer(
    risk.retrospective, name="retrospective", epilog=examples("lockgate retrospective list")
)
app.add_typer(dev.app, name="dev", epilog=examples("lockgate dev up", "lockgate dev status"))
