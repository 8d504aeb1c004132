"""ECS and a load balancer find each other's versions: by fakes, and by an emulator of each."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.deploy.ecs import EcsPlatform
from activities.traffic.alb import AlbRouter
from tests.contract.emulators import client
from tests.contract.on_ecs import Resolving, on_ecs, write_template
from tests.fakes.ecs import FakeEcs
from tests.fakes.elbv2 import LISTENER, FakeElbv2
from workflows.domain.errors import TargetMissing
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.route import Route
from workflows.domain.values import Artifact, digest_of

V1, V2, V3 = (
    Artifact(service="checkout", version=version, digest=digest_of(f"manifest of {version}"))
    for version in ("v1", "v2", "v3")
)
HEADER = HeaderRoute(header="x-canary", value="always")
World = tuple[EcsPlatform, AlbRouter, Any, list[str]]


def no_beat() -> None:
    """Nobody counts these heartbeats."""


def install(platform: EcsPlatform, artifact: Artifact) -> None:
    platform.install(artifact, f"manifest of {artifact.version}".encode, no_beat)


def in_front_of(platform: EcsPlatform, elb: Any, listener: str) -> AlbRouter:
    return AlbRouter(
        client=lambda: elb,
        listener=listener,
        hosts={"checkout": "checkout.example.test"},
        priorities={"checkout": 10},
        settles=timedelta(0),
        groups=platform.target_groups,
        rest=lambda _seconds: None,
    )


@pytest.fixture
def fakes(tmp_path: Path) -> World:
    elb = FakeElbv2(page=1)
    groups = [elb.make_group(name, {}) for name in ("checkout-blue", "checkout-green")]
    templates = write_template(tmp_path / "ecs", targetGroups=groups)
    platform = on_ecs(FakeEcs(), templates)
    return platform, in_front_of(platform, elb, LISTENER), elb, groups


@pytest.fixture
def emulators(ministack: str, moto: str, tmp_path: Path) -> Iterator[World]:
    """ECS is right in one emulator and load balancers in the other, as nothing else tells them."""
    with ExitStack() as stack:
        ecs = stack.enter_context(closing(client("ecs", ministack)))
        elb, network = (
            stack.enter_context(closing(client(service, moto))) for service in ("elbv2", "ec2")
        )
        cluster = f"c-{uuid.uuid4().hex}"
        ecs.create_cluster(clusterName=cluster)
        listener, groups = a_listener(elb, network)
        templates = write_template(tmp_path / "ecs", targetGroups=groups)
        platform = on_ecs(Resolving(ecs), templates, cluster=cluster)
        yield platform, in_front_of(platform, elb, listener), elb, groups


def a_listener(elb: Any, network: Any) -> tuple[str, list[str]]:
    """A listener, and two target groups that a standing rule of it names."""
    cloud = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        network.create_subnet(VpcId=cloud, CidrBlock=block, AvailabilityZone=zone)["Subnet"]
        for block, zone in (("10.0.1.0/24", "us-east-1a"), ("10.0.2.0/24", "us-east-1b"))
    ]
    (balancer,) = elb.create_load_balancer(
        Name=uuid.uuid4().hex, Subnets=[subnet["SubnetId"] for subnet in subnets]
    )["LoadBalancers"]
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    (listener,) = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=answer,
    )["Listeners"]
    groups = []
    for _ in range(2):
        (group,) = elb.create_target_group(
            Name=uuid.uuid4().hex, Protocol="HTTP", Port=8080, VpcId=cloud, TargetType="ip"
        )["TargetGroups"]
        groups.append(group["TargetGroupArn"])
        elb.register_targets(TargetGroupArn=groups[-1], Targets=[{"Id": "10.0.1.9", "Port": 80}])
    elb.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=500,
        Conditions=[
            {"Field": "host-header", "HostHeaderConfig": {"Values": ["standing.invalid"]}}
        ],
        Actions=[
            {
                "Type": "forward",
                "ForwardConfig": {
                    "TargetGroups": [{"TargetGroupArn": arn, "Weight": 1} for arn in groups]
                },
            }
        ],
    )
    return listener["ListenerArn"], groups


@pytest.fixture(params=["fakes", "emulators"])
def world(request: pytest.FixtureRequest) -> World:
    return request.getfixturevalue(request.param)


def weights(elb: Any, listener: str, priority: int = 10) -> dict[str, int]:
    rules = []
    marker: dict[str, str] = {}
    while True:
        page = elb.describe_rules(ListenerArn=listener, **marker)
        rules += page["Rules"]
        if not page.get("NextMarker"):
            break
        marker = {"Marker": page["NextMarker"]}
    (rule,) = [rule for rule in rules if rule["Priority"] == str(priority)]
    shares = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    return {share["TargetGroupArn"]: share["Weight"] for share in shares}


def test_a_release_goes_through_both_and_the_next_one_takes_the_group_that_is_free(world):
    platform, router, elb, (blue, green) = world
    before = Route(stable=V1.digest, release="release-1")
    canary = Route(stable=V1.digest, canary=V2.digest, percent=10, release="release-2")
    after = Route(stable=V2.digest, release="release-2")
    install(platform, V1)
    router.serve("checkout", before, instead_of=Route())
    install(platform, V2)

    router.serve("checkout", canary, instead_of=before)

    assert router.read("checkout") == canary
    assert weights(elb, router._listener.arn) == {blue: 90, green: 10}
    router.serve("checkout", after, instead_of=canary)
    platform.remove("checkout", V1.digest, no_beat)
    assert router.read("checkout") == after
    install(platform, V3)
    header = Route(
        stable=V2.digest, canary=V3.digest, percent=0, header=HEADER, release="release-3"
    )
    router.serve("checkout", header, instead_of=after)

    assert router.read("checkout") == header
    assert list(weights(elb, router._listener.arn, 9)) == [blue]


def test_going_back_is_a_matter_of_weights(world):
    platform, router, elb, (blue, _) = world
    before = Route(stable=V1.digest, release="release-1")
    canary = Route(stable=V1.digest, canary=V2.digest, percent=50, release="release-2")
    install(platform, V1)
    router.serve("checkout", before, instead_of=Route())
    install(platform, V2)
    router.serve("checkout", canary, instead_of=before)

    router.serve("checkout", before, instead_of=canary)

    assert weights(elb, router._listener.arn)[blue] > 0
    assert router.read("checkout") == before


def test_a_version_that_does_not_run_is_not_routed_to(world):
    platform, router, _, _ = world
    before = Route(stable=V1.digest, release="release-1")
    install(platform, V1)
    router.serve("checkout", before, instead_of=Route())
    canary = Route(stable=V1.digest, canary=V2.digest, percent=10, release="release-2")

    with pytest.raises(TargetMissing, match=f"{V2.digest} does not run with a target group"):
        router.serve("checkout", canary, instead_of=before)

    assert router.read("checkout") == before
