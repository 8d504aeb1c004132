"""`lockgate strategy`: advice before a strategy is written."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from starters.options import Output, examples
from starters.output import OutputFormat

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Advice before a strategy is written."
)


class ClientKind(StrEnum):
    BROWSER = "browser"
    MOBILE = "mobile"
    SERVICE = "service"
    BATCH = "batch"


class Exposure(StrEnum):
    EXTERNAL = "external"
    INTERNAL = "internal"


class RunsOn(StrEnum):
    AWS = "aws"
    ELSEWHERE = "elsewhere"


ServiceName = Annotated[
    str | None,
    typer.Option(
        "--service",
        metavar="NAME",
        help="A Service of the catalog whose `clients` count where no option is given.",
    ),
]
CatalogFolder = Annotated[
    Path, typer.Option("--catalog", metavar="FOLDER", help="Where the Service is looked for.")
]
Rps = Annotated[
    float | None,
    typer.Option("--rps", metavar="NUMBER", help="Requests per second at a quiet hour."),
]
Kinds = Annotated[
    list[ClientKind] | None,
    typer.Option("--clients", help="What calls it; may be given several times."),
]
DnsCaching = Annotated[
    str | None,
    typer.Option(
        "--dns-caching",
        metavar="TIME",
        help="How long clients keep an address beyond its TTL, such as 30m.",
    ),
]
Cookies = Annotated[
    bool | None, typer.Option("--cookies/--no-cookies", help="Whether they return cookies.")
]
Sessions = Annotated[
    bool | None,
    typer.Option("--sessions/--no-sessions", help="Whether a user must stay on one version."),
]
Grpc = Annotated[bool | None, typer.Option("--grpc/--no-grpc", help="Whether they call by gRPC.")]
LongLived = Annotated[
    bool | None,
    typer.Option("--long-lived/--short-lived", help="Whether they keep connections."),
]
ExposedTo = Annotated[
    Exposure | None, typer.Option("--exposure", help="Whether they come from outside.")
]
Where = Annotated[RunsOn | None, typer.Option("--runs-on", help="Where the service runs.")]


@app.callback()
def _strategy() -> None:
    """Keep `router` a command of the group, which a group with one command would swallow."""


@app.command(
    epilog=examples(
        "lockgate strategy router --rps 40 --clients browser --sessions --runs-on aws",
        "lockgate strategy router --rps 0.5 --clients mobile --dns-caching 30m",
        "lockgate strategy router --service checkout --catalog ops/catalog -o json",
    )
)
def router(
    *,
    service: ServiceName = None,
    catalog: CatalogFolder = Path("catalog"),
    rps: Rps = None,
    clients: Kinds = None,
    dns_caching: DnsCaching = None,
    cookies: Cookies = None,
    sessions: Sessions = None,
    grpc: Grpc = None,
    long_lived: LongLived = None,
    exposure: ExposedTo = None,
    runs_on: Where = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Rank mesh, load balancer, weighted DNS and header routes for a service, and say why.

    Nothing outside is asked: it goes by how the clients behave, as the options or the Service of
    a catalog say.
    """
    from starters.verbs import strategy

    strategy.advise_router(
        {
            "rps": rps,
            "kinds": tuple(clients) if clients else None,
            "dns_caching": dns_caching,
            "cookies": cookies,
            "sessions": sessions,
            "grpc": grpc,
            "long_lived": long_lived,
            "exposure": exposure,
            "runs_on": runs_on,
        },
        service=service,
        catalog=catalog,
        output=output,
    )
