"""A route in Envoy's own words, and back: pure, so that what is served can be compared."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from workflows.domain.errors import Diverged
from workflows.domain.route import Route
from workflows.domain.values import Digest, arm_name, digest_of

Json = dict[str, Any]

_OURS = "lockgate"
_TYPES = "type.googleapis.com/envoy.config"
_TIMEOUT = "15s"
_NO_VERSION = {"status": 503, "body": {"inline_string": "no version\n"}}


class Published(BaseModel):
    """A running version, as the platform publishes it for discovery; *endpoint* is `host:port`."""

    service: str
    version: str
    digest: Digest
    endpoint: str


def route_config(service: str, route: Route) -> Json:
    """Header first, then the shares; `metadata` holds the route itself, for whoever reads it."""
    host = {"name": service, "domains": ["*"], "routes": _routes(service, route)}
    kept = route.model_dump(mode="json", exclude_none=True)
    return {
        "@type": f"{_TYPES}.route.v3.RouteConfiguration",
        "name": service,
        "validate_clusters": True,
        "metadata": {"filter_metadata": {_OURS: kept}},
        "virtual_hosts": [host],
    }


def read_route(service: str, config: Json) -> Route:
    """The route that *config*, as Envoy serves it, stands for.

    Raises:
        Diverged: it forwards requests in a way that no release has set.
    """
    kept = _metadata(config)
    route = Route() if kept is None else Route.model_validate(kept)
    found, expected = _forwarding(config), _forwarding(route_config(service, route))
    if found != expected:
        raise Diverged(
            f"route configuration {service!r} was not written by a release: expected "
            f"{json.dumps(expected)} ({route}), found {json.dumps(found)}; put it back, or serve "
            "nothing, and try again"
        )
    return route


def cluster_config(instance: Published) -> Json:
    """One version as a cluster, so that Envoy measures each version apart."""
    name = arm_name(instance.service, instance.digest)
    host, _, port = instance.endpoint.rpartition(":")
    address = {"socket_address": {"address": host.strip("[]"), "port_value": int(port)}}
    return {
        "@type": f"{_TYPES}.cluster.v3.Cluster",
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "metadata": {"filter_metadata": {_OURS: instance.model_dump(mode="json")}},
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
    }


def ours(config: Json) -> bool:
    """Whether a release wrote this cluster or route; what it did not write is left alone."""
    return _metadata(config) is not None


def clusters_of(config: Json) -> frozenset[str]:
    """Every cluster that a route configuration sends requests to."""
    return frozenset(name for _, split in _forwarding(config) for name in split)


def discovery(resources: Iterable[Json]) -> tuple[str, str]:
    """The text of a discovery file, and its version: the digest of what it holds."""
    held = list(resources)
    version = digest_of(json.dumps(held, sort_keys=True))
    return json.dumps({"version_info": version, "resources": held}, indent=1), version


def _routes(service: str, route: Route) -> list[Json]:
    everything: Json = {"prefix": "/"}
    if route.stable is None:
        return [{"match": everything, "direct_response": _NO_VERSION}]
    stable = arm_name(service, route.stable)
    if route.canary is None:
        return [{"match": everything, "route": _to({"cluster": stable})}]
    canary = arm_name(service, route.canary)
    # The canary comes first: hashed by session, a growing share then keeps whom it has already.
    weights = [
        {"name": canary, "weight": route.percent},
        {"name": stable, "weight": 100 - route.percent},
    ]
    shared = {"match": everything, "route": _to({"weighted_clusters": {"clusters": weights}})}
    if route.header is None:
        return [shared]
    exact = {"name": route.header.header, "string_match": {"exact": route.header.value}}
    asked_for = {
        "match": {**everything, "headers": [exact]},
        "route": _to({"cluster": canary}),
    }
    return [asked_for, shared]


def _to(destination: Json) -> Json:
    """No retries: a canary's failures must be seen, not papered over by a second attempt."""
    return {**destination, "timeout": _TIMEOUT}


def _metadata(config: Json) -> Json | None:
    kept: Json | None = config.get("metadata", {}).get("filter_metadata", {}).get(_OURS)
    return kept


def _forwarding(config: Json) -> list[tuple[str, dict[str, int]]]:
    """Which requests go where, in order: what of a configuration decides who serves whom."""
    return [
        (json.dumps([host.get("domains"), route["match"]], sort_keys=True), _split(route))
        for host in config.get("virtual_hosts", ())
        for route in host.get("routes", ())
    ]


def _split(route: Json) -> dict[str, int]:
    action = route.get("route", {})
    if "weighted_clusters" in action:
        parts = action["weighted_clusters"]["clusters"]
        return {part["name"]: part.get("weight", 0) for part in parts}
    if "cluster" in action:
        return {action["cluster"]: 100}
    return {} if "direct_response" in route else {f"?{json.dumps(action, sort_keys=True)}": 100}
