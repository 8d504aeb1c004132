"""`lockgate alerts receive`: the door through which Alertmanager turns a release back."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import examples


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    alerts = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    alerts.callback()(_alerts)
    alerts.command(
        epilog=examples(
            "lockgate alerts receive --token-file alerts.token",
            "lockgate alerts receive --token-file alerts.token --environment-label env",
        )
    )(receive)
    app.add_typer(
        alerts,
        name="alerts",
        help="What monitoring tells releases.",
        epilog=examples("lockgate alerts receive --port 9095 --token-file alerts.token"),
    )


def _alerts() -> None:
    """Without a callback Typer would make a group of one command that command itself."""


def receive(
    *,
    token_file: Annotated[
        Path,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="What callers must show as bearer token; readable by you alone.",
        ),
    ],
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 is a free port.")
    ] = 9095,
    environment: Annotated[
        str, typer.Option("--environment-label", metavar="LABEL", help="Names the environment.")
    ] = "environment",
    service: Annotated[
        str, typer.Option("--service-label", metavar="LABEL", help="Names the service.")
    ] = "service",
    arm: Annotated[
        str, typer.Option("--arm-label", metavar="LABEL", help="Names the version as routed to.")
    ] = "arm",
    version: Annotated[
        str, typer.Option("--version-label", metavar="LABEL", help="Names the version.")
    ] = "version",
) -> None:
    """Turn releases back when alerts about what they shift are firing.

    Serves POST /alerts for Alertmanager's webhook until it is ended, and needs nothing but
    Temporal. It answers 200 only when every release that is concerned was told; else Alertmanager
    tells it again.
    """
    from starters.verbs import alerts
    from workflows.domain.watching.alerting import LabelNames

    names = LabelNames(environment=environment, service=service, arm=arm, version=version)
    alerts.receive(host=host, port=port, token_file=token_file, names=names)
