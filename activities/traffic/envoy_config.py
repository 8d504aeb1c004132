"""A route in Envoy's own words, and back: pure, so that what is served can be compared."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from workflows.domain.errors import Diverged
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import Digest, Percent, arm_name, digest_of

Json = dict[str, Any]

_OURS = "lockgate"
_TYPES = "type.googleapis.com/envoy.config"
_TIMEOUT = "15s"
_NO_VERSION = {"status": 503, "body": {"inline_string": "no version\n"}}
# A copy of an order would be a second order.
_SAFE = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD|OPTIONS"}}}
# What synthetic journeys carry, on whichever version they try.
_SYNTHETIC = {"name": "x-synthetic", "present_match": True}
_NOT_FORWARDING = {"@type", "name", "validate_clusters", "metadata", "virtual_hosts"}


class Published(BaseModel):
    """A running version, as the platform publishes it for discovery; *endpoint* is `host:port`."""

    service: str
    version: str
    digest: Digest
    endpoint: str


def route_config(service: str, route: Route) -> Json:
    """Header first, then the shares; `metadata` holds the route itself, for whoever reads it.

    Beside a canary, requests that a header sends and those that are synthetic go to a twin of the
    version's cluster: they are no customers, and count neither in its share nor in its figures.
    """
    host = {"name": service, "domains": ["*"], "routes": _routes(service, route)}
    kept = route.model_dump(mode="json", exclude_none=True, exclude={"settles_after"})
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


def twin_of(arm: str) -> str:
    """The cluster of a version's marked requests."""
    return f"{arm}-marked"


def clusters_for(instance: Published, *, marked: bool) -> list[Json]:
    """One version as a cluster, so that Envoy measures each apart; with its twin if *marked*."""
    arm = arm_name(instance.service, instance.digest)
    return [_cluster(name, instance) for name in ([arm, twin_of(arm)] if marked else [arm])]


def _cluster(name: str, instance: Published) -> Json:
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
    """Every cluster that a route configuration sends requests, or copies of them, to."""
    actions = [
        route.get("route", {})
        for host in config.get("virtual_hosts", ())
        for route in host.get("routes", ())
    ]
    parts = [
        part
        for action in actions
        for part in [
            {"name": action.get("cluster")},
            *action.get("weighted_clusters", {}).get("clusters", ()),
            *({"name": copy["cluster"]} for copy in action.get("request_mirror_policies", ())),
        ]
    ]
    return frozenset(str(part["name"]) for part in parts if part["name"] is not None)


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
    shares = _to({"weighted_clusters": {"clusters": weights}, **_hashed(route.affinity)})
    if route.affinity is not None:
        shares["weighted_clusters"]["use_hash_policy"] = True
    routes = [{"match": everything, "route": shares}]
    if route.mirror:
        copies = {"cluster": canary, "runtime_fraction": {"default_value": _parts(route.mirror)}}
        copied = {**shares, "request_mirror_policies": [copies]}
        routes.insert(0, {"match": {**everything, "headers": [_SAFE]}, "route": copied})
    routes.insert(
        0,
        {
            "match": {**everything, "headers": [_SYNTHETIC]},
            "route": _to({"cluster": twin_of(stable)}),
        },
    )
    if route.header is not None:
        exact = {"name": route.header.header, "string_match": {"exact": route.header.value}}
        match = {**everything, "headers": [exact]}
        routes.insert(0, {"match": match, "route": _to({"cluster": twin_of(canary)})})
    return routes


def _hashed(affinity: Affinity | None) -> Json:
    """What a session is told by. Without a `ttl` the cookie is the service's own to set."""
    match affinity:
        case Affinity(by="header", name=name):
            return {"hash_policy": [{"header": {"header_name": name}}]}
        case Affinity(by="cookie", name=name):
            return {"hash_policy": [{"cookie": {"name": name}}]}
        case _:
            return {}


def _parts(percent: Percent) -> Json:
    """So many of a hundred, which is what Envoy counts by where nothing else is said."""
    return {"numerator": percent}


def _to(destination: Json) -> Json:
    """No retries: a canary's failures must be seen, not papered over by a second attempt."""
    return {**destination, "timeout": _TIMEOUT}


def _metadata(config: Json) -> Json | None:
    kept: Json | None = config.get("metadata", {}).get("filter_metadata", {}).get(_OURS)
    return kept


def _forwarding(config: Json) -> list[str]:
    """What of a configuration decides who serves whom, in order, one line for each part.

    All of it counts but names and times: weights that the runtime may override, retries on
    another version and copies to a third one are all ways to send requests elsewhere.
    """
    above = {key: value for key, value in config.items() if key not in _NOT_FORWARDING}
    lines = [_line(above)] if above else []
    for host in config.get("virtual_hosts", ()):
        lines.append(_line({k: v for k, v in host.items() if k not in {"name", "routes"}}))
        lines += [_line(_who_serves(route)) for route in host.get("routes", ())]
    return lines


def _who_serves(route: Json) -> Json:
    if "direct_response" in route:
        return {"match": route["match"], "nobody": True}
    action = {key: value for key, value in route.get("route", {}).items() if key != "timeout"}
    return {**route, "route": action}


def _line(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
