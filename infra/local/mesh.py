"""Envoy of each environment: a listener per service, routes and clusters in watched files."""

import json
from typing import Any

from infra.local.binaries import binary
from infra.local.component import Component, Site
from infra.local.health import http_problem
from infra.local.home import SERVICES, write_private

_TYPES = "type.googleapis.com/envoy"

# Milliseconds. Envoy's own buckets double or more, too coarse to compare quantiles of a canary.
_LATENCY_BUCKETS = [1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 750]
_LATENCY_BUCKETS += [1000, 2000, 5000]


def envoy(environment: str) -> Component:
    """The component that carries an environment's traffic."""

    def command(site: Site) -> list[str]:
        boot = site.home.envoy(environment) / "boot.json"
        options = ["--concurrency", "1", "--disable-hot-restart", "-l", "warning"]
        return [str(binary("envoy")), "-c", str(boot), *options]

    def prepare(site: Site) -> None:
        folder = site.home.envoy(environment)
        write_private(folder / "boot.json", json.dumps(boot_config(site, environment), indent=1))
        # Routes and clusters belong to the releases from their first on: they outlive restarts.
        if not (folder / "cds.json").exists():
            write_private(folder / "cds.json", json.dumps(no_clusters(), indent=1))
        for service in SERVICES:
            routes = folder / f"rds-{service}.json"
            if not routes.exists():
                write_private(routes, json.dumps(no_version(service), indent=1))

    def problem(site: Site) -> str | None:
        return http_problem(site.ports[f"envoy-{environment}-admin"], "/ready")

    return Component(f"envoy-{environment}", command=command, prepare=prepare, problem=problem)


def no_clusters() -> dict[str, Any]:
    """The first answer of cluster discovery: no version runs yet."""
    return {"version_info": "0", "resources": []}


def no_version(service: str) -> dict[str, Any]:
    """The first routes of a service: every request is told that no version serves it."""
    answer = {"status": 503, "body": {"inline_string": "no version\n"}}
    host = {
        "name": service,
        "domains": ["*"],
        "routes": [{"match": {"prefix": "/"}, "direct_response": answer}],
    }
    routes = {
        "@type": f"{_TYPES}.config.route.v3.RouteConfiguration",
        "name": service,
        "virtual_hosts": [host],
    }
    return {"version_info": "0", "resources": [routes]}


def boot_config(site: Site, environment: str) -> dict[str, Any]:
    """What Envoy starts with; all that changes later is in the files that it watches."""
    folder = str(site.home.envoy(environment))
    cds = {"path": f"{folder}/cds.json", "watched_directory": {"path": folder}}
    buckets = {"match": {"safe_regex": {"regex": ".*"}}, "buckets": _LATENCY_BUCKETS}
    return {
        "node": {"id": f"local-{environment}", "cluster": environment},
        "admin": {"address": _loopback(site.ports[f"envoy-{environment}-admin"])},
        "stats_flush_interval": "1s",
        "stats_config": {"histogram_bucket_settings": [buckets]},
        "dynamic_resources": {
            "cds_config": {"resource_api_version": "V3", "path_config_source": cds}
        },
        "static_resources": {
            "listeners": [
                _listener(service, site.ports[f"envoy-{environment}-{service}"], folder)
                for service in SERVICES
            ]
        },
    }


def _listener(service: str, port: int, folder: str) -> dict[str, Any]:
    rds = {"path": f"{folder}/rds-{service}.json", "watched_directory": {"path": folder}}
    router = {
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": f"{_TYPES}.extensions.filters.http.router.v3.Router"},
    }
    connections = {
        "@type": f"{_TYPES}.extensions.filters.network"
        ".http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": service,
        "rds": {
            "route_config_name": service,
            "config_source": {"resource_api_version": "V3", "path_config_source": rds},
        },
        "http_filters": [router],
    }
    chain = {
        "filters": [
            {
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": connections,
            }
        ]
    }
    return {"name": service, "address": _loopback(port), "filter_chains": [chain]}


def _loopback(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
