"""Writes the worker's settings for one stack, checked against the model that reads them."""

import tomllib
from typing import Any

import tomli_w

from infra.local.cloud import AWS, AWS_KEYS, CONNECTION
from infra.local.component import Site
from infra.local.database import LEDGER
from infra.local.home import ENVIRONMENTS, SERVICES, write_private
from infra.local.objects import AUDIT, BUILDS, EVIDENCE, REGION
from infra.local.vault_policies import AUDIT_KEY, DECISIONS_KEY, LEDGER_LOGIN
from infra.settings import Settings


def write_settings(site: Site) -> None:
    """Replace `settings.toml`; see infra.settings for the meaning of each field."""
    settings = settings_of(site)
    Settings.model_validate(settings)
    heading = "# Written by `lockgate dev up`; changes made by hand are lost at the next one.\n"
    write_private(site.home.settings, heading + tomli_w.dumps(settings))


def settings_of(site: Site) -> dict[str, Any]:
    """The settings as TOML's own types."""
    home = site.home
    return {
        "vault": {"address": site.url("openbao"), "approles": str(home.approles)},
        "ledger": _ledger(site),
        "sealing": _sealing(site),
        "worker": {
            "http_port": site.ports["worker"],
            "make_current": True,
            # Long enough for an activity to hand over its progress, short enough for `down`.
            "graceful_shutdown_seconds": 3,
        },
        "attestations": _attestations(site),
        "artifacts": {name: _bucket(site, name) for name in (BUILDS, *ENVIRONMENTS)},
        "routers": {environment: _router(site, environment) for environment in ENVIRONMENTS},
        "platforms": {environment: _platform(site, environment) for environment in ENVIRONMENTS},
        "metrics": {environment: _metrics(site, environment) for environment in ENVIRONMENTS},
        "databases": {environment: _database(site, environment) for environment in ENVIRONMENTS},
        "flags": {environment: _flags(site, environment) for environment in ENVIRONMENTS},
        "journeys": {environment: _entrance(site, environment) for environment in ENVIRONMENTS},
        "identity": _identity(site),
        "environments": {CONNECTION: _cloud(site)} if AWS.name in site.added else {},
        "alerts": {} if site.monitoring is None else dict.fromkeys(ENVIRONMENTS, _alerts(site)),
    }


def _attestations(site: Site) -> dict[str, Any]:
    kept = {key: value for key, value in _bucket(site, EVIDENCE).items() if key != "type"}
    return {**kept, "signing_key": DECISIONS_KEY, "retention_days": 1}


def _ledger(site: Site) -> dict[str, Any]:
    address = f"127.0.0.1:{site.ports['postgres']}/{LEDGER}"
    return {"url": f"postgresql+psycopg://{address}?sslmode=disable", "vault_role": LEDGER_LOGIN}


def _bucket(site: Site, name: str) -> dict[str, Any]:
    return {
        "type": "s3",
        "bucket": name,
        "region": REGION,
        "endpoint": site.url("seaweedfs-s3"),
        "credentials": "s3/local",
    }


def _sealing(site: Site) -> dict[str, Any]:
    return {
        **_bucket(site, AUDIT),
        "origin": "lockgate-local",
        "transit_key": AUDIT_KEY,
        # Long enough to see that it holds; the stack's own files are the user's to delete.
        "retention_days": 1,
    }


def _router(site: Site, environment: str) -> dict[str, Any]:
    return {
        "type": "envoy",
        "config_dir": str(site.home.envoy(environment)),
        "admin_url": site.url(f"envoy-{environment}-admin"),
        "listeners": {
            service: site.ports[f"envoy-{environment}-{service}"] for service in SERVICES
        },
    }


def _platform(site: Site, environment: str) -> dict[str, Any]:
    return {
        "type": "supervisor",
        "control": str(site.home.control),
        "include_dir": str(site.home.workloads),
        "work_dir": str(site.home.platform(environment)),
        "environ": {
            "PAYMENTS_URL": site.url(f"envoy-{environment}-payments"),
            "INVENTORY_URL": site.url(f"envoy-{environment}-inventory"),
            "DATABASE_FILE": str(site.home.platform(environment) / "database.json"),
            "FLAGS_FILE": str(site.home.flags(environment)),
        },
    }


def _metrics(site: Site, environment: str) -> dict[str, Any]:
    if site.monitoring is not None:
        url = site.url("prometheus")
        return {"type": "prometheus", "url": url, "scrape_interval_seconds": 1.0}
    exposition = site.url(f"envoy-{environment}-admin") + "/stats/prometheus"
    return {"type": "exposition", "url": exposition}


def _database(site: Site, environment: str) -> dict[str, Any]:
    return {
        "type": "postgresql",
        "host": "127.0.0.1",
        "port": site.ports["postgres"],
        "name": f"shop_{environment}",
        "vault_role": f"shop-{environment}-read",
    }


def _flags(site: Site, environment: str) -> dict[str, Any]:
    return {"type": "flagd", "file": str(site.home.flags(environment))}


def _entrance(site: Site, environment: str) -> dict[str, Any]:
    return {
        "type": "http",
        "base_urls": {service: site.url(f"envoy-{environment}-{service}") for service in SERVICES},
        "secrets_under": f"journeys/{environment}",
    }


def _identity(site: Site) -> dict[str, Any]:
    """The people of OpenBao, once it has told which client the command line is."""
    if not site.home.identity.exists():
        return {}
    known = tomllib.loads(site.home.identity.read_text("utf-8"))
    issuer = {"issuer": known["issuer"], "audience": known["client_id"]}
    return {"local": {"type": "people", "account_claim": "username", **issuer}}


def _cloud(site: Site) -> dict[str, Any]:
    """Where environments come and go: the emulator, by the code that speaks to AWS."""
    return {
        "type": "cloudformation",
        "region": REGION,
        "endpoint": site.url("aws"),
        "credentials": AWS_KEYS,
        # An emulator charges nothing and throttles nobody.
        "calls_per_second": 50,
    }


def _alerts(site: Site) -> dict[str, Any]:
    """One Alertmanager tells the alerts of all environments."""
    return {
        "type": "alertmanager",
        "url": site.url("alertmanager"),
        "prometheus": site.url("prometheus"),
    }
