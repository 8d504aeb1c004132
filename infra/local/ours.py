"""The worker, the door for alerts, the shop's traffic, and moto, an AWS emulator."""

import sys

from infra.local.binaries import REPOSITORY, binary
from infra.local.component import Component, Site
from infra.local.health import http_problem
from infra.local.home import write_private


def _worker_command(_site: Site) -> list[str]:
    return [sys.executable, "-m", "workers.main", "all"]


def _worker_environment(site: Site) -> dict[str, str]:
    return {
        "LOCKGATE_SETTINGS": str(site.home.settings),
        # One build however the source is edited: a release of the local stack must not wait for a
        # worker of the build that it began on.
        "LOCKGATE_BUILD_ID": "local",
        "TEMPORAL_CONFIG_FILE": str(site.home.temporal_config),
    }


def _worker_problem(site: Site) -> str | None:
    return http_problem(site.ports["worker"], "/readyz")


def _prepare_alerts(site: Site) -> None:
    write_private(site.home.alert_token, site.credentials.alerts + "\n")


def _alerts_command(site: Site) -> list[str]:
    command = [sys.executable, "-m", "starters.main", "alerts", "receive"]
    command += ["--port", str(site.ports["alerts"])]
    return [*command, "--token-file", str(site.home.alert_token)]


def _alerts_environment(site: Site) -> dict[str, str]:
    return {"TEMPORAL_CONFIG_FILE": str(site.home.temporal_config)}


def _alerts_problem(site: Site) -> str | None:
    return http_problem(site.ports["alerts"], "/healthz")


def _load_command(site: Site) -> list[str]:
    address = site.url("envoy-production-checkout")
    program = str(REPOSITORY / "examples" / "shop" / "load.py")
    return [sys.executable, program, "--url", address, "--rate", "60", "--seed", "7"]


def _moto_command(site: Site) -> list[str]:
    return [str(binary("moto_server")), "-H", "127.0.0.1", "-p", str(site.ports["moto"])]


def _moto_problem(site: Site) -> str | None:
    return http_problem(site.ports["moto"], "/moto-api/data.json")


WORKER = Component(
    "worker",
    command=_worker_command,
    environment=_worker_environment,
    problem=_worker_problem,
    needs=("temporal", "openbao", "postgres", "seaweedfs"),
    directory=REPOSITORY,
    stop_seconds=6,
)
ALERTS = Component(
    "alerts",
    command=_alerts_command,
    environment=_alerts_environment,
    prepare=_prepare_alerts,
    problem=_alerts_problem,
    needs=("temporal",),
    directory=REPOSITORY,
)
# It serves nothing that could be asked: running is all there is to see.
LOAD = Component(
    "load",
    command=_load_command,
    needs=("envoy-production",),
    directory=REPOSITORY,
)
MOTO = Component("moto", command=_moto_command, problem=_moto_problem)
