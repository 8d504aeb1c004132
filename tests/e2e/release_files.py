"""The shop's catalog with a hurried canary, and release files, written as JSON, which is YAML."""

import json
from pathlib import Path
from typing import Any

from examples.shop.build import digests

CATALOG_FOLDER = "catalog"
"""Beside a release file, where the command line looks for it."""

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


def write_catalog(folder: Path, *, gated: bool, metrics: str) -> None:
    """Write a catalog below *folder*; where it is *gated*, production asks for one approval.

    *metrics* is the type of the stack's metric sources: not every machine has Prometheus.
    """
    documents = [*_services(), *_environments(gated=gated, metrics=metrics)]
    documents += [*_strategies(), *_people(gated=gated)]
    catalog = folder / CATALOG_FOLDER
    catalog.mkdir(parents=True)
    for number, document in enumerate(documents):
        (catalog / f"{number:02}-{document['kind']}.yaml").write_text(json.dumps(document))


def write_release(
    file: Path, versions: dict[str, str], environments: tuple[str, ...]
) -> dict[str, Any]:
    """Write the release of *versions*, each after the one named before it."""
    known, before, services = digests(), [], []
    for service, version in versions.items():
        digest = known[service][version]
        services.append(
            {
                "name": service,
                "version": version,
                "artifact": {"digest": digest},
                "dependsOn": list(before),
            }
        )
        before = [service]
    release = _document(
        "Release",
        file.stem,
        change={"summary": f"try {', '.join(map(' '.join, versions.items()))}"},
        services=services,
        environments=[{"name": name} for name in environments],
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
    }
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
    """With some sixty orders a second, each look at a good version is over in a few seconds."""
    watch = {
        "templates": [{"templateName": "golden"}],
        "duration": "12s",
        "interval": "2s",
        "minDuration": "2s",
    }
    steps = [
        {"setHeaderRoute": {"match": [{"headerName": "x-canary", "headerValue": {"exact": "1"}}]}},
        {"setWeight": 25},
        {"analysis": watch},
        {"setWeight": 50},
        {"analysis": watch},
        {"setWeight": 100},
    ]
    errors = {"name": "error-rate", "type": "errorRatio", "minSamples": 30}
    latency = {"name": "latency", "type": "latencyQuantile", "quantile": 0.5, "minSamples": 30}
    metrics = [
        {**errors, "compare": {"maxIncrease": 0.06, "alpha": 0.4}},
        # The median stays telling where the tail is that of a machine with too much to do.
        {**latency, "compare": {"maxIncrease": 0.6, "alpha": 0.4}},
    ]
    # A stack that shares two cores with others may fall silent for a while: that holds.
    actions = {"inconclusive": "hold", "noData": "hold", "providerError": "hold"}
    return [
        _document("Strategy", "direct", steps=[{"setWeight": 100}]),
        _document("Strategy", "canary", steps=steps),
        _document(
            "AnalysisTemplate",
            "golden",
            metrics=metrics,
            verdictActions=actions,
            holdTimeout={"after": "60s"},
        ),
    ]


def _people(*, gated: bool) -> list[dict[str, Any]]:
    if not gated:
        return []
    approvals = {"require": [{"role": "sre", "count": 1}], "expireAfter": "10m"}
    return [
        _document("Policy", "production", approvals=approvals),
        _document("Person", "ana", roles=["sre"]),
    ]
