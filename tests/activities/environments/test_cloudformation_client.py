"""What is written down of CloudFormation is known to boto3."""

from activities.environments.cloudformation_client import CloudFormationCalls
from tests.activities.aws_calls import changes_of, unlike_boto3


def test_its_calls_are_those_of_boto3():
    assert unlike_boto3("cloudformation", CloudFormationCalls) == []


def test_nothing_is_changed_but_stacks_their_change_sets_and_their_protection():
    assert changes_of(CloudFormationCalls) - {"validate_template"} == {
        "create_change_set",
        "execute_change_set",
        "delete_change_set",
        "update_termination_protection",
        "delete_stack",
        "detect_stack_drift",
    }
