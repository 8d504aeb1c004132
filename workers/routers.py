"""Traffic routers as the settings name them: Envoy by its files, AWS by clients of boto3."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from activities.connections import Connections
from activities.traffic import ROUTERS
from activities.traffic.activities import TrafficActivities
from activities.traffic.router import Router
from infra.settings import (
    AlbListener,
    EnvoyMesh,
    Route53Zone,
    Settings,
    SettingsError,
    SupervisorPlatform,
)
from workers import pings
from workers.aws import aws_client
from workers.health import Dependency
from workers.parts import Parts
from workflows.domain.values import Provider

_Made = tuple[Router, Dependency]


def routers_of(parts: Parts) -> tuple[TrafficActivities, tuple[Dependency, ...]]:
    """The routers, and what they need to be asked.

    Raises:
        SettingsError: an Envoy has no platform whose versions it could route to.
    """
    entries = parts.settings.routers
    made = {name: _made(parts, name, entry) for name, entry in entries.items()}
    routers = {
        Provider(type=entries[name].type, connection=name): router
        for name, (router, _) in made.items()
    }
    needs = [need for _, need in made.values()]
    if any(not isinstance(e, EnvoyMesh) and e.credentials for e in entries.values()):
        needs.insert(0, parts.vault_need)
    return TrafficActivities(Connections("router", routers)), tuple(needs)


def _made(parts: Parts, name: str, entry: AlbListener | EnvoyMesh | Route53Zone) -> _Made:
    match entry:
        case EnvoyMesh():
            return _envoy(parts, name, entry)
        case Route53Zone():
            return _route53(parts, name, entry)
        case AlbListener():
            return _alb(parts, name, entry)


def _envoy(parts: Parts, name: str, mesh: EnvoyMesh) -> _Made:
    router = ROUTERS[mesh.type](
        config_dir=mesh.config_dir,
        admin_url=mesh.admin_url,
        services=mesh.listeners.keys(),
        instances=_instances(parts.settings, name),
        client=parts.http,
    )
    ready = f"{mesh.admin_url.rstrip('/')}/ready"
    need = Dependency(f"routers.{name}.admin_url", mesh.admin_url, pings.page(parts.http, ready))
    return router, need


def _instances(settings: Settings, name: str) -> Path:
    """Where the platform of the same name publishes what it runs."""
    platform = settings.platforms.get(name)
    if not isinstance(platform, SupervisorPlatform):
        known = ", ".join(sorted(settings.platforms)) or "none"
        raise SettingsError(
            f"routers.{name}: there is no platforms.{name}, whose versions it would route to; "
            f"known platforms are {known}"
        )
    return platform.work_dir / "instances"


def _route53(parts: Parts, name: str, zone: Route53Zone) -> _Made:
    client = aws_client(parts, zone.type, zone)
    router = ROUTERS[zone.type](
        client=client,
        zone_id=zone.zone_id,
        names=zone.names,
        target=zone.target,
        ttl=timedelta(seconds=zone.ttl_seconds),
    )
    ping = _call(lambda: client().get_hosted_zone(Id=zone.zone_id))
    where = f"zone {zone.zone_id} at {zone.endpoint or 'AWS'}"
    return router, Dependency(f"routers.{name}", where, ping)


def _alb(parts: Parts, name: str, listener: AlbListener) -> _Made:
    client = aws_client(parts, "elbv2", listener)
    router = ROUTERS[listener.type](
        client=client,
        listener=listener.listener_arn,
        hosts=listener.hosts,
        priorities=listener.priorities,
        settles=timedelta(seconds=listener.settle_seconds),
    )
    arns = [listener.listener_arn]
    ping = _call(lambda: client().describe_listeners(ListenerArns=arns))
    where = f"listener {listener.listener_arn} at {listener.endpoint or f'AWS {listener.region}'}"
    return router, Dependency(f"routers.{name}", where, ping)


def _call(ask: Callable[[], object]) -> pings.Ping:
    def ping() -> None:
        ask()

    return ping
