"""The routers that the contract suite is run on, each before two versions of one service."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from activities.traffic.alb import AlbRouter
from activities.traffic.alb_rules import DIGEST_TAG, group_name
from activities.traffic.elbv2_client import Elbv2
from activities.traffic.route53 import Route53Router
from activities.traffic.route53_client import Route53
from activities.traffic.router import Router
from tests.contract import emulators
from tests.contract.envoy_mesh import SERVICE, Mesh, serving
from tests.fakes.elbv2 import LISTENER, FakeElbv2
from tests.fakes.route53 import FakeRoute53
from tests.fakes.traffic import FakeRouter
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.route import Route
from workflows.domain.values import arm_name, digest_of

V1, V2, V9 = (digest_of(f"checkout {version}") for version in ("v1", "v2", "v9"))
STABLE = Route(stable=V1, release="release-1")
CANARY = Route(stable=V1, canary=V2, percent=25, release="release-2")
HEADER = HeaderRoute(header="x-canary", value="always")
TTL = timedelta(seconds=60)
ZONE = "example.test"


def a_blink(_seconds: float) -> None:
    """An emulator is not worth the pause that AWS is."""
    time.sleep(0.02)


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
    client = emulators.client("route53", endpoint)
    zone = f"{uuid.uuid4().hex}.test"
    made = client.create_hosted_zone(Name=zone, CallerReference=uuid.uuid4().hex)
    return a_zone(client, made["HostedZone"]["Id"].rpartition("/")[2], zone, rest=a_blink)


def a_listener(client: Elbv2, listener: str = LISTENER, **more: Any) -> AlbRouter:
    return AlbRouter(
        client=lambda: client,
        listener=listener,
        hosts={SERVICE: f"{SERVICE}.{ZONE}", "unwatched": f"unwatched.{ZONE}"},
        priorities={SERVICE: 10, "unwatched": 20},
        settles=timedelta(seconds=10),
        **more,
    )


def a_fake_listener(**more: Any) -> tuple[FakeElbv2, AlbRouter]:
    balancer = FakeElbv2(page=1)
    for digest in (V1, V2):
        balancer.make_group(group_name(SERVICE, digest), {DIGEST_TAG: digest})
    return balancer, a_listener(balancer, **more)


@contextmanager
def an_emulated_listener(endpoint: str) -> Iterator[AlbRouter]:
    """A load balancer of the test's own, with a target group for each version that runs."""
    client, network = (emulators.client(service, endpoint) for service in ("elbv2", "ec2"))
    cloud = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        network.create_subnet(VpcId=cloud, CidrBlock=block, AvailabilityZone=zone)["Subnet"]
        for block, zone in (("10.0.1.0/24", "us-east-1a"), ("10.0.2.0/24", "us-east-1b"))
    ]
    (balancer,) = client.create_load_balancer(
        Name=uuid.uuid4().hex, Subnets=[subnet["SubnetId"] for subnet in subnets]
    )["LoadBalancers"]
    (listener,) = client.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"]
    groups = [_made_group(client, digest, cloud) for digest in (V1, V2)]
    yield a_listener(client, listener["ListenerArn"], rest=a_blink)
    # Target groups are told by their names, which the next test wants again.
    client.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    for group in groups:
        client.delete_target_group(TargetGroupArn=group)
    client.close()
    network.close()


def _made_group(client: Any, digest: str, cloud: str) -> str:
    (group,) = client.create_target_group(
        Name=group_name(SERVICE, digest),
        Protocol="HTTP",
        Port=80,
        VpcId=cloud,
        TargetType="ip",
        Tags=[{"Key": DIGEST_TAG, "Value": digest}],
    )["TargetGroups"]
    arn: str = group["TargetGroupArn"]
    client.register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.1.9", "Port": 80}])
    return arn
