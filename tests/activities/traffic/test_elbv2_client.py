"""What is written down of load balancers is known to boto3, and no more than rules need."""

from activities.traffic.elbv2_client import Elbv2
from tests.activities.aws_calls import changes_of, unlike_boto3


def test_its_calls_are_those_of_boto3():
    assert unlike_boto3("elbv2", Elbv2) == []


def test_load_balancers_listeners_and_targets_are_out_of_reach():
    """A release moves rules; what they stand on, the platform and its owners make."""
    assert changes_of(Elbv2) == {"add_tags", "create_rule", "modify_rule", "delete_rule"}
