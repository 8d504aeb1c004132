"""The shop's catalog with hurried canaries, and release files, written as JSON, which is YAML."""

import json
from pathlib import Path
from typing import Any

from examples.shop.build import digests

CATALOG_FOLDER = "catalog"
"""Beside a release file, where the command line looks for it."""

FLAG = "new-checkout"
"""The flag that the local stack begins with."""

EXPECTED_ALERT = "VersionSlow"
"""An alert that every service expects while it is shifted."""

_CHECKS = {
    "checkout": (
        "accepted-orders-without-a-payment",
        (
            "SELECT count(*) FROM orders LEFT JOIN payments USING (order_id) "
            "WHERE orders.status = 'accepted' AND payments.order_id IS NULL"
        ),
    ),
    "payments": (
        "accepted-payments-without-a-reservation",
        (
            "SELECT count(*) FROM payments LEFT JOIN reservations USING (order_id) "
            "WHERE payments.status = 'accepted' AND reservations.order_id IS NULL"
        ),
    ),
    "inventory": (
        "reservations-of-nothing",
        "SELECT count(*) FROM reservations WHERE quantity <= 0",
    ),
}
_EXPECTED = {
    "alertname": EXPECTED_ALERT,
    "expected": {"annotation": "size", "atMost": 1},
    "window": "2m",
}


def write_catalog(folder: Path, *, gated: bool, metrics: str) -> None:
    """Write a catalog below *folder*; where it is *gated*, production asks for one approval.

    *metrics* is the type of the stack's metric sources: not every machine has Prometheus.
    """
    write_documents(folder / CATALOG_FOLDER, documents(gated=gated, metrics=metrics))


def write_documents(catalog: Path, written: list[dict[str, Any]]) -> None:
    """Write each document into a file of its own of the folder *catalog*."""
    catalog.mkdir(parents=True)
    for number, document in enumerate(written):
        (catalog / f"{number:02}-{document['kind']}.yaml").write_text(json.dumps(document))


def documents(*, gated: bool, metrics: str) -> list[dict[str, Any]]:
    """The shop's catalog, document by document."""
    written = [*_services(), *_environments(gated=gated, metrics=metrics)]
    return [*written, *_strategies(), *_templates(metrics), _journey(), *_people(gated=gated)]


def write_release(
    file: Path,
    versions: dict[str, str],
    environments: tuple[str, ...],
    *,
    strategy: str | None = None,
    flags: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    """Write the release of *versions*, each after the one named before it.

    *strategy* is how they go into production, *flags* are moved with each of them.
    """
    known, before, services = digests(), [], []
    for service, version in versions.items():
        digest = known[service][version]
        services.append(
            {
                "name": service,
                "version": version,
                "artifact": {"digest": digest},
                "flags": list(flags),
                "dependsOn": list(before),
            }
        )
        before = [service]
    by = {"production": {"strategyRef": strategy}} if strategy else {}
    release = _document(
        "Release",
        file.stem,
        change={"summary": f"try {', '.join(map(' '.join, versions.items()))}"},
        services=services,
        environments=[{"name": name, **by.get(name, {})} for name in environments],
    )
    file.write_text(json.dumps(release))
    return release


def _document(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    head = {"apiVersion": "lockgate.dev/v1alpha1", "kind": kind, "metadata": {"name": name}}
    return {**head, "spec": spec}


def _services() -> list[dict[str, Any]]:
    return [
        _document(
            "Service",
            service,
            owner="team-shop",
            builds={"type": "s3", "connection": "builds"},
            criticality="low",
            health={"every": "2s", "failures": 3},
            expectedAlerts=[_EXPECTED],
            dataChecks=[{"name": name, "query": query, "expect": 0}],
        )
        for service, (name, query) in _CHECKS.items()
    ]


def _environments(*, gated: bool, metrics: str) -> list[dict[str, Any]]:
    types = {
        "artifacts": "s3",
        "platform": "supervisor",
        "router": "envoy",
        "metrics": metrics,
        "database": "postgresql",
        "flags": "flagd",
        "journeys": "http",
    }
    if metrics == "prometheus":  # they come from one package
        types["alerts"] = "alertmanager"
    policy = {"policyRef": "production"} if gated else {}
    return [
        _document(
            "Environment",
            name,
            **{system: {"type": kind, "connection": name} for system, kind in types.items()},
            **settings,
        )
        for name, settings in (
            ("staging", {"strategyRef": "direct"}),
            ("production", {"strategyRef": "canary", **policy}),
        )
    ]


def _strategies() -> list[dict[str, Any]]:
    header = {"headerName": "x-canary", "headerValue": {"exact": "1"}}
    route = {"setHeaderRoute": {"match": [header]}}
    quarter, half = _stage(25, "golden"), _stage(50, "golden")
    flag_on = {"setFlag": {"key": FLAG, "phase": "tried"}}
    journey = {"synthetic": {"journeys": ["order"]}}
    ladders = {
        "direct": [],
        "canary": [route, *quarter, *half],
        "flagged": [route, flag_on, *quarter],
        "tried": [route, journey, *quarter],
        "impatient": [route, *_stage(25, "impatient")],
        # What is bad ends it long before; what is only unlucky has time to show.
        "watched": [route, *_stage(25, "golden", lasts="40s")],
    }
    whole = {"setWeight": 100}
    return [_document("Strategy", name, steps=[*steps, whole]) for name, steps in ladders.items()]


def _stage(percent: int, template: str, *, lasts: str = "5s") -> list[dict[str, Any]]:
    """At sixty orders a second a few seconds tell; what looks bad by then is watched on."""
    watch = {"duration": lasts, "interval": "1s", "maxDuration": "60s"}
    return [
        {"setWeight": percent},
        {"analysis": {"templates": [{"templateName": template}], **watch}},
    ]


def _templates(metrics: str) -> list[dict[str, Any]]:
    """The source that reads Envoy alone knows nothing of the service's own counters."""
    errors = {"name": "error-rate", "type": "errorRatio", "compare": _no_worse(0.5, 2.0)}
    # The median stays telling where the tail is that of a machine with too much to do.
    latency = {"name": "latency", "type": "latencyQuantile", "quantile": 0.5}
    judged = [errors, {**latency, "compare": _no_worse(0.6, 2.0)}]
    if metrics == "prometheus":
        orders = {"series": "shop_orders_total"}
        accepted = {**orders, "labels": {"status": "accepted"}}
        of = {"type": "ratio", "numerator": accepted, "denominator": orders}
        worse = {"direction": "decrease", "compare": _no_worse(0.03, 0.15)}
        judged.append({"name": "conversion", **of, **worse})
    limit = {
        "name": "most-fail",
        "type": "errorRatio",
        "above": 0.6,
        "for": "2s",
        "minSamples": 10,
    }
    common = {"metrics": judged, "thresholds": [limit], "timeScale": 0.02}
    # A stack that shares two cores with others may fall silent for a while: that holds.
    actions = {"inconclusive": "extend", "noData": "hold", "providerError": "hold"}
    return [
        _document(
            "AnalysisTemplate",
            name,
            **common,
            verdictActions=actions,
            holdTimeout={"after": held_for},
        )
        for name, held_for in (("golden", "60s"), ("impatient", "5s"))
    ]


def _no_worse(tolerance: float, margin: float) -> dict[str, float]:
    return {"tolerance": tolerance, "margin": margin}


def _journey() -> dict[str, Any]:
    order = {
        "method": "POST",
        "path": "/orders",
        "headers": {"x-order-id": "{{ run }}"},
        "json": {"sku": "mug", "quantity": 2, "customer": "synthetic"},
    }
    step = {"name": "order", "request": order, "expect": {"status": 200}}
    return _document(
        "Journey", "order", service="checkout", versionHeader="x-shop-version", steps=[step]
    )


def _people(*, gated: bool) -> list[dict[str, Any]]:
    if not gated:
        return []
    approvals = {"require": [{"role": "sre", "count": 1}], "expireAfter": "10m"}
    return [
        _document("Policy", "production", approvals=approvals, identity="asserted"),
        _document("Person", "ana", roles=["sre"]),
    ]
