"""What is written down of ECR is known to boto3, and no more than a promotion needs."""

from activities.artifacts.ecr_client import Ecr
from tests.activities.aws_calls import changes_of, unlike_boto3


def test_its_calls_are_those_of_boto3():
    assert unlike_boto3("ecr", Ecr) == []


def test_nothing_that_deletes_or_reconfigures_is_within_reach():
    """A promotion only adds: neither image nor repository can be lost through this client."""
    assert changes_of(Ecr) == {
        "initiate_layer_upload",
        "upload_layer_part",
        "complete_layer_upload",
        "put_image",
    }
