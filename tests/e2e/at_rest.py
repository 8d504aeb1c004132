"""What must hold after every release, however it ended: one version each, and nothing left."""

import time
from typing import Any

import httpx
import psycopg

from infra.local.database import LEDGER, SUPERUSER
from infra.local.home import ENVIRONMENTS, SERVICES
from infra.local.processes import command_line, of_stack
from infra.local.supervision import Supervisor
from tests.e2e.live_shop import LiveRelease, LiveShop


async def assert_at_rest(shop: LiveShop, *releases: LiveRelease, within: float = 30) -> None:
    """The invariant: traffic whole and really served, no leftover, no lease, records intact."""
    assert settled(shop, within=within) == []
    for release in releases:
        verified = shop.lockgate("audit", "verify", release.name)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert await _open_workflows(release) == []


def settled(shop: LiveShop, *, within: float) -> list[str]:
    """What is not at rest; looked at again until nothing is found or the time is over."""
    deadline = time.monotonic() + within
    while found := _unrest(shop):
        if time.monotonic() > deadline:
            return found
    return []


def _unrest(shop: LiveShop) -> list[str]:
    served: set[str] = set()
    found: list[str] = []
    for environment in ENVIRONMENTS:
        for service, routes in _routes(shop, environment).items():
            clusters = _clusters(routes)
            served |= {f"{environment}-{cluster}" for cluster in clusters}
            if len(clusters) != 1:
                found.append(f"{service}@{environment} is routed to {clusters}")
            versions = shop.served(service, environment)
            if len(versions) != 1 or "none" in versions:
                found.append(f"{service}@{environment} is served by {dict(versions)}")
    return [*found, *_leftovers(shop, served), *_leases(shop)]


def _routes(shop: LiveShop, environment: str) -> dict[str, list[dict[str, Any]]]:
    """The routes of each service as Envoy has them in force."""
    address = shop.site.url(f"envoy-{environment}-admin")
    asked = {"resource": "dynamic_route_configs"}
    dump = httpx.get(f"{address}/config_dump", params=asked, trust_env=False, timeout=10).json()
    configs = [entry["route_config"] for entry in dump["configs"]]
    assert {config["name"] for config in configs} == set(SERVICES)
    return {
        config["name"]: [route for host in config["virtual_hosts"] for route in host["routes"]]
        for config in configs
    }


def _clusters(routes: list[dict[str, Any]]) -> list[str]:
    """Every cluster that a route may send a request to, for a header or as a share."""
    named: list[str] = []
    for route in routes:
        action = route.get("route", {})
        shares = action.get("weighted_clusters", {}).get("clusters", [action])
        named += [share.get("name") or share.get("cluster", "nobody") for share in shares]
    return named


def _leftovers(shop: LiveShop, served: set[str]) -> list[str]:
    """Programs, files and processes of versions that are not *served*, or the lack of one."""
    home = shop.site.home
    states = {
        name: process.state
        for name, process in Supervisor(home).processes().items()
        if name.startswith(ENVIRONMENTS)
    }
    there = {path.stem for path in home.workloads.glob("*.conf")}
    for environment in ENVIRONMENTS:
        for kind in ("records", "instances", "versions", "bundles"):
            folder = home.platform(environment) / kind
            there |= {f"{environment}-{path.stem}" for path in folder.iterdir()}
    found = [f"{name} is left, and served by nobody" for name in (there | set(states)) - served]
    found += [f"{name} is {state}" for name, state in states.items() if state != "RUNNING"]
    found += [f"{name} is routed to, and does not run" for name in served - set(states)]
    running = [pid for pid in of_stack(home) if command_line(pid).endswith(" service.py")]
    if len(running) != len(served):
        found.append(f"{len(running)} processes run for {len(served)} versions")
    return found


def _leases(shop: LiveShop) -> list[str]:
    """Leases that the ledger or the vault still knows as open."""
    with in_ledger(shop) as ledger:
        rows = ledger.execute("SELECT release FROM leases WHERE closed_at IS NULL").fetchall()
    found = [f"the ledger holds a lease of {release} open" for (release,) in rows]
    for environment in ENVIRONMENTS:
        path = f"sys/leases/lookup/database/creds/shop-{environment}-read"
        listed = ask_vault(shop, "LIST", path)
        if listed.status_code != 404:
            found.append(f"the vault leases logins of {environment}: {listed.text}")
    return found


def in_ledger(shop: LiveShop) -> psycopg.Connection:
    """The ledger's database, as its superuser."""
    site = shop.site
    return psycopg.connect(
        host="127.0.0.1",
        port=site.ports["postgres"],
        dbname=LEDGER,
        user=SUPERUSER,
        password=site.credentials.postgres_superuser,
        connect_timeout=5,
    )


def ask_vault(
    shop: LiveShop, method: str, path: str, body: dict[str, Any] | None = None
) -> httpx.Response:
    """Ask OpenBao as its root."""
    token = (shop.site.home.vault / "root-token").read_text().strip()
    return httpx.request(
        method,
        f"{shop.site.url('openbao')}/v1/{path}",
        headers={"X-Vault-Token": token},
        json=body,
        trust_env=False,
        timeout=10,
    )


async def _open_workflows(release: LiveRelease, *, within: float = 15) -> list[str]:
    """What still runs of *release*; what is searched lags behind by a moment."""
    query = f"ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH '{release.id}'"
    deadline = time.monotonic() + within
    while found := [entry.id async for entry in release.client.list_workflows(query)]:
        if time.monotonic() > deadline:
            return found
    return []
