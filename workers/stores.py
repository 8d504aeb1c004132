"""Artifact stores as the settings name them: boto3 clients with keys from the vault."""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from activities.artifacts import STORES
from activities.artifacts.activities import ArtifactsActivities
from activities.connections import Connections
from infra.settings import EcrStore, S3Store
from workers.health import Dependency
from workers.parts import Parts
from workers.renewed import Renewed
from workflows.domain.values import Provider

# Nothing can end a thread that waits in a client, so each has its own limits.
_CONNECT_SECONDS, _READ_SECONDS = 5, 30
_ATTEMPTS = 2

KV = "kv"


def stores_of(parts: Parts) -> tuple[ArtifactsActivities, tuple[Dependency, ...]]:
    """The stores, and what they need to be asked."""
    entries = parts.settings.artifacts
    clients = {name: _aws(parts, entry) for name, entry in entries.items()}
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


def _aws(parts: Parts, entry: S3Store | EcrStore) -> Renewed:
    """A client of *entry*'s service; the default credentials of AWS where it names none."""
    path = entry.credentials

    def keys() -> Mapping[str, str]:
        return {} if path is None else parts.vault.read_secret(f"{KV}/{path}")

    def make(held: Mapping[str, str]) -> Any:
        return boto3.session.Session().client(
            entry.type,
            region_name=entry.region,
            endpoint_url=entry.endpoint,
            aws_access_key_id=held.get("access_key"),
            aws_secret_access_key=held.get("secret_key"),
            config=_aws_config(local=entry.endpoint is not None),
        )

    return Renewed(keys, make)


def _aws_config(*, local: bool) -> Config:
    """Short waits and few tries: the activity is tried again, and that shows in the UI.

    An emulator answers what it lacks with status 500, so there is nothing to try again; and it
    wants paths instead of host names, and no checksums that only AWS knows.
    """
    common = {"connect_timeout": _CONNECT_SECONDS, "read_timeout": _READ_SECONDS}
    if not local:
        return Config(**common, retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"})
    return Config(
        **common,
        retries={"total_max_attempts": 1, "mode": "standard"},
        proxies={},
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
