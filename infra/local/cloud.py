"""AWS on loopback: ministack, whose CloudFormation really makes what templates ask for.

It holds all that it knows in memory: what was made is forgotten when the stack goes down.
"""

from infra.local.binaries import binary
from infra.local.component import Component, Site
from infra.local.health import http_problem

CONNECTION = "preview"
"""What catalogs call it: the provider's connection of the examples' EnvironmentTemplates."""
AWS_KEYS = "environments/local"
"""Where in the vault's KV engine its keys are."""


def _command(_site: Site) -> list[str]:
    return [str(binary("ministack"))]


def _environment(site: Site) -> dict[str, str]:
    """Without these it would listen on all interfaces, on a second port, and write elsewhere."""
    folder = str(site.home.data("aws"))
    return {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(site.ports["aws"]),
        "IOT_MTLS_ENABLED": "0",
        "HOME": folder,
        "TMPDIR": folder,
    }


def _prepare(site: Site) -> None:
    site.home.data("aws").mkdir(mode=0o700, exist_ok=True)


def _problem(site: Site) -> str | None:
    return http_problem(site.ports["aws"], "/_ministack/health")


AWS = Component(
    "aws",
    command=_command,
    environment=_environment,
    prepare=_prepare,
    problem=_problem,
    # There is nothing that it would keep.
    stop_seconds=1,
)
