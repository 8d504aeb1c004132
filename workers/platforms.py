"""Platforms as the settings name them, and what each needs to be asked."""

from activities.connections import Connections
from activities.deploy import PLATFORMS, ecs
from activities.deploy.activities import DeployActivities
from activities.deploy.platform import Platform
from infra.settings import EcsPlatform, SupervisorPlatform
from workers import pings
from workers.aws import aws_client
from workers.health import Dependency
from workers.parts import Parts
from workers.renewed import Renewed
from workers.stores import stores_of
from workflows.domain.values import Provider


def platforms_of(parts: Parts) -> tuple[DeployActivities, tuple[Dependency, ...]]:
    """The platforms, and what they need to be asked."""
    artifacts, _ = stores_of(parts)
    platforms: dict[Provider, Platform] = {}
    needs: list[Dependency] = []
    for name, entry in parts.settings.platforms.items():
        provider = Provider(type=entry.type, connection=name)
        if isinstance(entry, SupervisorPlatform):
            platforms[provider] = _on_supervisor(name, entry)
            needs.append(_supervisor_need(name, entry))
            continue
        client = aws_client(parts, "ecs", entry)
        platforms[provider] = on_ecs(name, entry, client)
        needs += [parts.vault_need] if entry.credentials else []
        needs.append(_ecs_need(name, entry, client))
    port = DeployActivities(Connections("platform", platforms), fetch=artifacts.fetch)
    return port, tuple(needs)


def _on_supervisor(name: str, entry: SupervisorPlatform) -> Platform:
    return PLATFORMS[entry.type](
        connection=name,
        control=entry.control,
        include_dir=entry.include_dir,
        work_dir=entry.work_dir,
        environ=entry.environ,
    )


def _supervisor_need(name: str, entry: SupervisorPlatform) -> Dependency:
    ping = pings.unix_socket(entry.control)
    return Dependency(f"platforms.{name}.control", str(entry.control), ping)


def on_ecs(name: str, entry: EcsPlatform, client: Renewed) -> ecs.EcsPlatform:
    """The platform of that *name*, asked by *client*: also for what a router wants to know."""
    return ecs.EcsPlatform(
        connection=name,
        client=client,
        cluster=entry.cluster,
        templates=entry.templates,
        images=entry.images,
        prefix=entry.prefix,
    )


def _ecs_need(name: str, entry: EcsPlatform, client: Renewed) -> Dependency:
    where = entry.endpoint or f"AWS {entry.region}"

    def ping() -> None:
        client().list_services(cluster=entry.cluster, maxResults=1)

    return Dependency(f"platforms.{name}", f"cluster {entry.cluster} at {where}", ping)
