"""The orders that the comparison starts: the demo's shape, and one parked at its gate."""

from workflows.domain.canonical import content_digest
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.values import digest_of

API = "lockgate.dev/v1alpha1"
SERVICES = {"inventory": (), "payments": ("inventory",), "checkout": ("payments",)}
_SYSTEM = {"type": "none", "connection": "none"}
_HEADER = {"match": [{"headerName": "x-canary", "headerValue": {"exact": "1"}}]}
_WATCH = {"templates": [{"templateName": "golden"}], "duration": "20ms", "interval": "5ms"}


def _release(services: dict[str, tuple[str, ...]], environments: tuple[str, ...]) -> dict:
    return {
        "apiVersion": API,
        "kind": "Release",
        "metadata": {"name": "shop-v2"},
        "spec": {
            "change": {"summary": "Version 2 of the shop", "ticket": "CHG-2"},
            "services": [
                {
                    "name": name,
                    "version": "v2",
                    "artifact": {"digest": digest_of(name)},
                    "dependsOn": list(after),
                }
                for name, after in services.items()
            ],
            "environments": [{"name": name} for name in environments],
        },
    }


def _environment(strategy: str, **more: str) -> dict:
    systems = dict.fromkeys(("artifacts", "platform", "router", "metrics", "database"), _SYSTEM)
    return {**systems, "strategyRef": strategy, **more}


def _metric(name: str, **more: object) -> dict:
    return {"name": name, "compare": {"tolerance": 0.05}, **more}


CATALOG = {
    "services": {
        name: {
            "owner": "team-shop",
            "builds": _SYSTEM,
            "dataChecks": [{"name": "paid", "query": "select 0"}] if name == "checkout" else [],
        }
        for name in SERVICES
    },
    "environments": {
        "staging": _environment("direct"),
        "production": _environment("canary", policyRef="production"),
    },
    "strategies": {
        "direct": {"steps": [{"setWeight": 100}]},
        "canary": {
            "steps": [
                {"setHeaderRoute": _HEADER},
                {"setWeight": 10},
                {"analysis": _WATCH},
                {"setWeight": 50},
                {"analysis": _WATCH},
                {"setWeight": 100},
            ]
        },
    },
    "analysisTemplates": {
        "golden": {
            "metrics": [
                _metric("error-rate", type="errorRatio"),
                _metric("latency-p95", type="latencyQuantile", quantile=0.95),
            ]
        }
    },
    "policies": {"production": {"approvals": {"require": [{"role": "sre"}]}}},
    "people": {"ana": {"roles": ["sre"]}, "ben": {"roles": ["sre"]}},
}


def _order(release: dict, catalog: dict) -> ReleaseOrder:
    return ReleaseOrder(
        name=release["metadata"]["name"],
        release=release,
        catalog=catalog,
        manifest_digest=content_digest(release),
        catalog_digest=content_digest(catalog),
        requested_by="ci",
    )


def demo_order() -> ReleaseOrder:
    """Three services through staging, and with approval and canary through production."""
    return _order(_release(SERVICES, ("staging", "production")), CATALOG)


def parked_order() -> ReleaseOrder:
    """Three services that wait for the approval of production."""
    return _order(_release(SERVICES, ("production",)), CATALOG)
