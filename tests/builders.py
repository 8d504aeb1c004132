"""Valid by default, one field at a time: releases, catalogs and plans for tests."""

import json
from datetime import timedelta
from typing import Any

from workflows.domain.release.order import ReleaseOrder
from workflows.domain.values import digest_of

API = "lockgate.dev/v1alpha1"


def build_of(service: str, version: str) -> str:
    """The digest of a build that exists only in tests."""
    return digest_of(f"{service} {version}")


def a_service(name: str, version: str = "v2", *, after: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "name": name,
        "version": version,
        "artifact": {"digest": build_of(name, version)},
        "dependsOn": list(after),
    }


def a_release(
    *services: dict[str, Any], environments: tuple[str, ...] = ("production",), name: str = "shop"
) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "Release",
        "metadata": {"name": name},
        "spec": {
            "change": {"summary": "a better checkout", "ticket": "CHG-1"},
            "services": list(services) or [a_service("checkout")],
            "environments": [{"name": environment} for environment in environments],
        },
    }


def analysis(duration: str = "30m", interval: str = "1m", **more: Any) -> dict[str, Any]:
    return {
        "analysis": {
            "templates": [{"templateName": "golden"}],
            "duration": duration,
            "interval": interval,
            **more,
        }
    }


CANARY = (
    {"setHeaderRoute": {"match": [{"headerName": "x-canary", "headerValue": {"exact": "1"}}]}},
    {"setWeight": 10},
    analysis(),
    {"setWeight": 50},
    analysis(),
    {"setWeight": 100},
)


ERROR_RATE = {
    "name": "error-rate",
    "type": "errorRatio",
    "compare": {"tolerance": 0.1, "margin": 0.5},
}


def an_environment(name: str, *, policy: str | None = None) -> dict[str, Any]:
    system = {"type": "fake", "connection": name}
    spec = {
        "artifacts": system,
        "platform": system,
        "router": system,
        "metrics": system,
        "database": system,
        "strategyRef": "canary",
        "flags": system,
        "journeys": system,
    }
    return spec if policy is None else {**spec, "policyRef": policy}


def a_catalog(
    *,
    services: tuple[str, ...] = ("checkout", "payments", "inventory"),
    steps: tuple[dict[str, Any], ...] = CANARY,
    gated: bool = False,
    environments: tuple[str, ...] = ("staging", "production"),
    hold_for: str = "30m",
    actions: dict[str, str] | None = None,
    expire_after: str = "1h",
    needs: tuple[dict[str, Any], ...] = ({"role": "sre", "count": 1},),
    metrics: tuple[dict[str, Any], ...] = (ERROR_RATE,),
    thresholds: tuple[dict[str, Any], ...] = (),
    service: dict[str, Any] | None = None,
    environment: dict[str, Any] | None = None,
    identity: str = "asserted",
    policy: dict[str, Any] | None = None,
    runbooks: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Canary everywhere; with *gated*, production waits for the roles of *needs*.

    *metrics* and *thresholds* are those of the one analysis template; *service* and *environment*
    are what every service and every environment has besides, *policy* what the policy has.
    """
    return {
        "services": {
            name: {
                "owner": "team-shop",
                "builds": {"type": "fake", "connection": "builds"},
                "dataChecks": [{"name": "no-orphans", "query": "select 0", "expect": 0}],
                **(service or {}),
            }
            for name in services
        },
        "environments": {
            name: {
                **an_environment(
                    name, policy="guarded" if gated and name == "production" else None
                ),
                **(environment or {}),
            }
            for name in environments
        },
        "strategies": {"canary": {"steps": list(steps)}},
        "analysisTemplates": {
            "golden": {
                "metrics": list(metrics),
                "thresholds": list(thresholds),
                "verdictActions": actions or {},
                "holdTimeout": {"after": hold_for, "then": "rollback"},
            }
        },
        "policies": {
            "guarded": {
                "identity": identity,
                "approvals": {"require": list(needs), "expireAfter": expire_after},
                **(policy or {}),
            }
        },
        "people": {
            name: {"roles": roles, "accounts": {"oidc": [f"{name}@local"]}}
            for name, roles in (("ana", ["sre"]), ("ben", ["sre"]), ("eve", ["product"]))
        },
        "runbooks": runbooks or {},
    }


def a_runbook(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Take the shop back by hand",
        "author": "ana",
        "steps": "Stop the imports, then call support.",
        "commands": [{"name": "stop", "run": "shopctl imports stop", "expect": "stopped"}],
        "verification": {"text": "Orders are counted again."},
        "rollbackPlan": "Install the old version.",
        **changes,
    }


def canonical(document: object) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def an_order(
    release: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
    *,
    requested_by: str = "carl",
) -> ReleaseOrder:
    document = release or a_release()
    beside = catalog or a_catalog()
    return ReleaseOrder(
        name=document["metadata"]["name"],
        release=document,
        catalog=beside,
        manifest_digest=digest_of(canonical(document)),
        catalog_digest=digest_of(canonical(beside)),
        requested_by=requested_by,
    )


SECOND = timedelta(seconds=1)
