"""Two versions behind a load balancer of moto's, and what CloudWatch is told of them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from tests.loopback import free_port

BALANCERS, OWN = "AWS/ApplicationELB", "Shop"


def client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=2,
            # Moto imports a service at its first call, which a busy machine takes its time for.
            read_timeout=60,
            proxies={},
        ),
    )


class CloudShop:
    """Target groups that exist, and points that are put as AWS and the versions would."""

    def __init__(self, endpoint: str, arms: tuple[str, ...]) -> None:
        self.cloudwatch = client("cloudwatch", endpoint)
        self.balancers = client("elbv2", endpoint)
        self._nowhere = client("cloudwatch", f"http://127.0.0.1:{free_port()}")
        self._down = False
        network = client("ec2", endpoint)
        vpc = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        zones = {"us-east-1a": "10.0.1.0/24", "us-east-1b": "10.0.2.0/24"}
        subnets = [
            network.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]
            for zone, block in zones.items()
        ]
        (balancer,) = self.balancers.create_load_balancer(
            Name="shop", Subnets=[subnet["SubnetId"] for subnet in subnets]
        )["LoadBalancers"]
        self._balancer = balancer["LoadBalancerArn"]
        self._groups = {arm: self._group(arm, vpc, port) for port, arm in enumerate(arms, 81)}

    def _group(self, arm: str, vpc: str, port: int) -> str:
        (group,) = self.balancers.create_target_group(
            Name=arm, Protocol="HTTP", Port=80, VpcId=vpc
        )["TargetGroups"]
        arn: str = group["TargetGroupArn"]
        self.balancers.create_listener(
            LoadBalancerArn=self._balancer,
            Protocol="HTTP",
            Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
        )
        return arn

    def close(self) -> None:
        """Remove what others, who share this AWS, want to name the same."""
        self.balancers.delete_load_balancer(LoadBalancerArn=self._balancer)
        for group in self._groups.values():
            self.balancers.delete_target_group(TargetGroupArn=group)

    def asked(self) -> Any:
        """The client that a source is given."""
        return self._nowhere if self._down else self.cloudwatch

    @contextmanager
    def down(self) -> Iterator[None]:
        self._down = True
        try:
            yield
        finally:
            self._down = False

    def routed(self, arm: str, metric: str, value: float, *, at: float | None = None) -> None:
        group = self._groups[arm].rpartition(":")[2]
        balancer = self._balancer.partition(":loadbalancer/")[2]
        self._put(BALANCERS, metric, {"TargetGroup": group, "LoadBalancer": balancer}, value, at)

    def own(self, arm: str, metric: str, value: float, **labels: str) -> None:
        self._put(OWN, metric, {"arm": arm, **labels}, value, None)

    def _put(
        self,
        namespace: str,
        metric: str,
        dimensions: dict[str, str],
        value: float,
        at: float | None,
    ) -> None:
        point = {
            "MetricName": metric,
            "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
            "Timestamp": datetime.fromtimestamp(time.time() if at is None else at, UTC),
            "Value": value,
        }
        self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[point])
