"""The routers that the contract suite is run on, each before two versions of one service."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from activities.traffic.route53 import Route53Router
from activities.traffic.route53_client import Route53
from activities.traffic.router import Router
from tests.contract.envoy_mesh import SERVICE, Mesh, serving
from tests.fakes.route53 import FakeRoute53
from tests.fakes.traffic import FakeRouter
from workflows.domain.plan import HeaderRoute
from workflows.domain.route import Route
from workflows.domain.values import arm_name, digest_of

V1, V2, V9 = (digest_of(f"checkout {version}") for version in ("v1", "v2", "v9"))
STABLE = Route(stable=V1, release="release-1")
CANARY = Route(stable=V1, canary=V2, percent=25, release="release-2")
HEADER = HeaderRoute(header="x-canary", value="always")
TTL = timedelta(seconds=60)
ZONE = "example.test"


def a_fake() -> FakeRouter:
    fake = FakeRouter(services={SERVICE, "unwatched"})
    fake.missing = {V9}
    return fake


@contextmanager
def an_envoy(folder: Path) -> Iterator[Router]:
    mesh = Mesh(folder)
    try:
        with serving("v1") as v1, serving("v2") as v2:
            mesh.publish(V1, "v1", v1.server_port)
            mesh.publish(V2, "v2", v2.server_port)
            mesh.start()
            yield mesh.router
    finally:
        mesh.client.close()
        mesh.kill()


def a_zone(client: Route53, zone_id: str = "Z1", zone: str = ZONE, **more: Any) -> Route53Router:
    """A router of *zone*, in which the platform has put an address for each version that runs."""
    for digest in (V1, V2):
        record = {
            "Name": f"{arm_name(SERVICE, digest)}.versions.{zone}",
            "Type": "A",
            "TTL": 60,
            "ResourceRecords": [{"Value": "192.0.2.1"}],
        }
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)
    return Route53Router(
        client=lambda: client,
        zone_id=zone_id,
        names={SERVICE: f"{SERVICE}.{zone}", "unwatched": f"unwatched.{zone}"},
        target="{arm}.versions." + zone,
        ttl=TTL,
        **more,
    )


def a_fake_zone(**more: Any) -> tuple[FakeRoute53, Route53Router]:
    zone = FakeRoute53(page=1)
    return zone, a_zone(zone, **more)


def an_emulated_zone(endpoint: str) -> Route53Router:
    """A zone of the test's own in an emulator of AWS that listens at *endpoint*."""
    client = aws("route53", endpoint)
    zone = f"{uuid.uuid4().hex}.test"
    made = client.create_hosted_zone(Name=zone, CallerReference=uuid.uuid4().hex)
    return a_zone(client, made["HostedZone"]["Id"].rpartition("/")[2], zone)


def aws(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(retries={"max_attempts": 0}, connect_timeout=2, read_timeout=10),
    )
