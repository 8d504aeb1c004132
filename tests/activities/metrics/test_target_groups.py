import boto3
import pytest
from botocore.stub import Stubber

from activities.metrics.target_groups import dimensions_of, group_name
from workflows.domain.errors import TargetMissing, Unavailable

ARM = "checkout-aaaaaaaaaaaa"
GROUP = f"arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/{ARM}/12"
BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/34"


@pytest.fixture
def balancers():
    client = boto3.client(
        "elbv2", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    with Stubber(client) as stub:
        yield stub
    client.close()


def told(stub, **group):
    answer = {"TargetGroups": [{"TargetGroupArn": GROUP, **group}]}
    stub.add_response("describe_target_groups", answer, {"Names": [ARM]})
    return dimensions_of(lambda: stub.client, ARM)


def test_a_version_is_its_target_group_behind_its_load_balancer(balancers):
    assert told(balancers, LoadBalancerArns=[BALANCER]) == (
        ("TargetGroup", f"targetgroup/{ARM}/12"),
        ("LoadBalancer", "app/shop/34"),
    )


def test_a_target_group_that_nobody_sends_to_is_missing(balancers):
    with pytest.raises(TargetMissing, match="no load balancer sends to it"):
        told(balancers, LoadBalancerArns=[])


@pytest.mark.parametrize(
    ("code", "kind"), [("TargetGroupNotFound", TargetMissing), ("Throttling", Unavailable)]
)
def test_errors_are_told_by_what_to_do(balancers, code, kind):
    balancers.add_client_error("describe_target_groups", code)

    with pytest.raises(kind, match=ARM):
        dimensions_of(lambda: balancers.client, ARM)


def test_an_arm_that_aws_takes_for_no_name_is_called_by_its_digest():
    assert group_name(ARM) == ARM
    for arm in ("internal-aaaaaaaaaaaa", "check.out-aaaaaaaaaaaa", "c" * 40):
        assert group_name(arm).startswith("lockgate-")
        assert len(group_name(arm)) <= 32
