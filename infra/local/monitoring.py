"""Prometheus and Alertmanager: every second, from the Envoys, the versions and the worker."""

import json
from pathlib import Path
from typing import Any

from infra.local.component import Component, Site
from infra.local.errors import NotAvailable
from infra.local.health import http_problem
from infra.local.home import ENVIRONMENTS, write_private
from infra.local.packages import TEMPLATES


def prometheus_config(site: Site) -> dict[str, Any]:
    """What Prometheus scrapes; JSON is YAML, so no template can break it."""
    envoys = [
        {
            "targets": [f"127.0.0.1:{site.ports[f'envoy-{environment}-admin']}"],
            "labels": {"environment": environment},
        }
        for environment in ENVIRONMENTS
    ]
    worker = [{"targets": [f"127.0.0.1:{site.ports['worker']}"]}]
    alertmanager = [{"targets": [f"127.0.0.1:{site.ports['alertmanager']}"]}]
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "alerting": {"alertmanagers": [{"static_configs": alertmanager}]},
        "rule_files": [str(site.home.data("prometheus") / "rules" / "*.yml")],
        "scrape_configs": [
            {
                "job_name": "envoy",
                "metrics_path": "/stats/prometheus",
                "static_configs": envoys,
            },
            {
                "job_name": "versions",
                # What a version says of itself; the same labels make it known while it is down.
                "honor_labels": True,
                "file_sd_configs": [{"files": [f"{folder}/*.json" for folder in _targets(site)]}],
            },
            {"job_name": "lockgate-worker", "static_configs": worker},
        ],
    }


def _targets(site: Site) -> list[Path]:
    """Where the platform of each environment publishes what Prometheus is to scrape."""
    return [site.home.platform(environment) / "targets" for environment in ENVIRONMENTS]


def _programs(site: Site) -> Path:
    if site.monitoring is None:
        raise NotAvailable("its Debian package was not unpacked")
    return site.monitoring


def _prometheus_command(site: Site) -> list[str]:
    folder = site.home.data("prometheus")
    return [
        str(_programs(site) / "prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=2d",
        f"--web.listen-address=127.0.0.1:{site.ports['prometheus']}",
        "--web.enable-lifecycle",
        "--log.level=warn",
    ]


def _prepare_prometheus(site: Site) -> None:
    folder = site.home.data("prometheus")
    # Prometheus watches only folders that are there when it starts.
    for watched in (folder / "rules", *_targets(site)):
        watched.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(folder / "prometheus.yml", json.dumps(prometheus_config(site), indent=1))


def _prometheus_problem(site: Site) -> str | None:
    return http_problem(site.ports["prometheus"], "/-/ready")


def _alertmanager_command(site: Site) -> list[str]:
    folder = site.home.data("alertmanager")
    programs = _programs(site)
    return [
        "env",
        f"--chdir={programs / TEMPLATES}",
        str(programs / "prometheus-alertmanager"),
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{site.ports['alertmanager']}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]


def _prepare_alertmanager(site: Site) -> None:
    folder = site.home.data("alertmanager")
    folder.mkdir(mode=0o700, exist_ok=True)
    route = {"receiver": "nobody", "group_wait": "0s", "group_interval": "1s"}
    config = {"route": route, "receivers": [{"name": "nobody"}]}
    write_private(folder / "alertmanager.yml", json.dumps(config, indent=1))


def _alertmanager_problem(site: Site) -> str | None:
    return http_problem(site.ports["alertmanager"], "/-/ready")


PROMETHEUS = Component(
    "prometheus",
    command=_prometheus_command,
    prepare=_prepare_prometheus,
    problem=_prometheus_problem,
)
ALERTMANAGER = Component(
    "alertmanager",
    command=_alertmanager_command,
    prepare=_prepare_alertmanager,
    problem=_alertmanager_problem,
)
