"""What is written down of Route 53 is known to boto3, and no more than records need."""

from activities.traffic.route53_client import Route53
from tests.activities.aws_calls import changes_of, unlike_boto3


def test_its_calls_are_those_of_boto3():
    assert unlike_boto3("route53", Route53) == []


def test_zones_themselves_are_out_of_reach():
    """A release moves records; it makes no zone and deletes none."""
    assert changes_of(Route53) == {"change_resource_record_sets"}
