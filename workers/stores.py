"""Artifact stores as the settings name them: boto3 clients with keys from the vault."""

from typing import Any

from activities.artifacts import STORES
from activities.artifacts.activities import ArtifactsActivities
from activities.connections import Connections
from infra.settings import EcrStore, S3Store
from workers.aws import aws_client
from workers.health import Dependency
from workers.parts import Parts
from workers.renewed import Renewed
from workflows.domain.values import Provider


def stores_of(parts: Parts) -> tuple[ArtifactsActivities, tuple[Dependency, ...]]:
    """The stores, and what they need to be asked."""
    entries = parts.settings.artifacts
    clients = {name: aws_client(parts, entry.type, entry) for name, entry in entries.items()}
    stores = {
        Provider(type=entry.type, connection=name): _store(entry, clients[name])
        for name, entry in entries.items()
    }
    needs = [_store_need(name, entry, clients[name]) for name, entry in entries.items()]
    if any(entry.credentials for entry in entries.values()):
        needs.insert(0, parts.vault_need)
    return ArtifactsActivities(Connections("artifact store", stores)), tuple(needs)


def _store(entry: S3Store | EcrStore, client: Renewed) -> Any:
    if isinstance(entry, S3Store):
        return STORES[entry.type](client=client, bucket=entry.bucket)
    return STORES[entry.type](client=client, prefix=entry.prefix)


def _store_need(name: str, entry: S3Store | EcrStore, client: Renewed) -> Dependency:
    where = entry.endpoint or f"AWS {entry.region}"
    if isinstance(entry, S3Store):
        bucket = entry.bucket

        def ping() -> None:
            client().head_bucket(Bucket=bucket)

        return Dependency(f"artifacts.{name}", f"bucket {bucket} at {where}", ping)

    def ping_registry() -> None:
        client().describe_repositories(maxResults=1)

    return Dependency(f"artifacts.{name}", f"registry at {where}", ping_registry)
