"""The Temporal server: one process with its web UI, on a file that survives a kill."""

from infra.local.binaries import binary
from infra.local.component import Component, Site
from infra.local.health import http_problem
from infra.local.home import write_private

NAMESPACE = "releases"

# The server's defaults batch timers by up to a second and poll at a rate meant for a cluster; a
# demo of seconds-long stages would mostly wait for them.
_DYNAMIC_CONFIG = (
    'history.timerProcessorMaxTimeShift="10ms"',
    "history.timerProcessorMaxPollRPS=2000",
    "history.transferProcessorMaxPollRPS=2000",
    'history.workflowIdReuseMinimalInterval="0s"',
)


def _command(site: Site) -> list[str]:
    ports = site.ports
    command = [str(binary("temporal")), "server", "start-dev", "--ip", "127.0.0.1"]
    command += ["--port", str(ports["temporal"]), "--http-port", str(ports["temporal-http"])]
    command += ["--ui-port", str(ports["temporal-ui"]), "--ui-disable-news-fetch"]
    command += ["--metrics-port", str(ports["temporal-metrics"]), "--log-level", "warn"]
    command += ["--db-filename", str(site.home.data("temporal") / "temporal.db")]
    command += ["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=OFF"]
    command += ["--namespace", NAMESPACE]
    for setting in _DYNAMIC_CONFIG:
        command += ["--dynamic-config-value", setting]
    return command


def _prepare(site: Site) -> None:
    site.home.data("temporal").mkdir(mode=0o700, exist_ok=True)
    write_private(
        site.home.temporal_config,
        "# Temporal's own client configuration; point TEMPORAL_CONFIG_FILE at this file.\n"
        "[profile.default]\n"
        f'address = "127.0.0.1:{site.ports["temporal"]}"\n'
        f'namespace = "{NAMESPACE}"\n',
    )


def _problem(site: Site) -> str | None:
    return http_problem(site.ports["temporal-http"], f"/api/v1/namespaces/{NAMESPACE}")


TEMPORAL = Component("temporal", command=_command, prepare=_prepare, problem=_problem)
