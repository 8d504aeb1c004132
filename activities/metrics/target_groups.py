"""Under which dimensions a load balancer publishes what one version did."""

import re
from collections.abc import Callable

from activities.aws import in_release_words
from activities.metrics.cloudwatch_client import TargetGroups
from workflows.domain.errors import TargetMissing
from workflows.domain.values import digest_of

Dimensions = tuple[tuple[str, str], ...]

_NAME = re.compile(r"(?!internal-)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?")


def group_name(arm: str) -> str:
    """The target group of one version: its arm, or a digest of it where AWS takes no such name."""
    if _NAME.fullmatch(arm):
        return arm
    return f"lockgate-{digest_of(arm).removeprefix('sha256:')[:20]}"


def dimensions_of(client: Callable[[], TargetGroups], arm: str) -> Dimensions:
    """The version's target group, and the load balancer that sends to it.

    Asked of the load balancer, since CloudWatch lists a new metric only after some minutes.

    Raises:
        TargetMissing: there is no such target group, or no load balancer sends to it.
        Unavailable: AWS does not answer.
        Refused: AWS will not.
    """
    name = group_name(arm)
    with in_release_words(f"target group {name}"):
        (group,) = client().describe_target_groups(Names=[name])["TargetGroups"]
    balancers = group.get("LoadBalancerArns", [])
    if not balancers:
        raise TargetMissing(f"target group {name}: no load balancer sends to it")
    return (
        ("TargetGroup", group["TargetGroupArn"].rpartition(":")[2]),
        ("LoadBalancer", balancers[0].partition(":loadbalancer/")[2]),
    )
