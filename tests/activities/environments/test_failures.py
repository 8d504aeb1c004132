"""What failed and why, out of the events that CloudFormation keeps."""

import pytest

from activities.environments.failures import Failures
from activities.environments.stacks import Stacks
from tests.activities.environments.scripted import (
    ARN,
    answers,
    cloudformation,
    event,
    events,
    fails,
)
from workflows.domain.environments.census import STACK
from workflows.domain.errors import Unavailable


def failures(*steps, **asked):
    with cloudformation(*steps) as clients:
        return Failures(Stacks(clients)).of(ARN, **{"ended": "CREATE_FAILED", **asked})


def test_the_first_that_failed_is_told_and_not_what_was_cancelled_for_it():
    told = failures(
        events(
            event("lockgate-pr-7", "CREATE_IN_PROGRESS", PhysicalResourceId=ARN),
            event("Orders", "CREATE_COMPLETE"),
            event("Late", "CREATE_FAILED", "no such thing"),
            event("News", "CREATE_FAILED", "Resource creation cancelled"),
            event("Other", "CREATE_FAILED", "limit reached"),
            event("lockgate-pr-7", "ROLLBACK_IN_PROGRESS", PhysicalResourceId=ARN),
        )
    )

    assert told == (
        "Late (AWS::SQS::Queue): no such thing; Other (AWS::SQS::Queue): limit reached"
    )


def test_what_failed_inside_a_nested_stack_is_told_by_its_path():
    nested = {"ResourceType": STACK, "PhysicalResourceId": "arn:nested"}
    told = failures(
        events(event("Db", "CREATE_FAILED", "Embedded stack was not created", **nested)),
        events(event("Disk", "CREATE_FAILED", "too large")),
    )

    assert told == "Db: Disk (AWS::SQS::Queue): too large"


def test_what_is_found_before_any_resource_is_begun_is_told():
    """Since the end of 2025 CloudFormation finds a name that is taken before it makes anything."""
    found = {
        "EventId": "1",
        "StackId": ARN,
        "Timestamp": 0,
        "LogicalResourceId": "Uploads",
        "ResourceType": "AWS::S3::Bucket",
        "ValidationStatusReason": "'taken' already exists",
    }
    told = failures(
        events(event("lockgate-pr-7", "CREATE_FAILED", "Validation", PhysicalResourceId=ARN)),
        answers("describe_events", {"OperationEvents": [found]}, Filters={"FailedEvents": True}),
    )

    assert told == "Uploads (AWS::S3::Bucket): 'taken' already exists"


def test_only_what_was_asked_for_by_this_attempt_is_told():
    told = failures(
        events(
            event("Net", "DELETE_FAILED", "busy yesterday", ClientRequestToken="old"),
            event("Net", "DELETE_FAILED", "busy", ClientRequestToken="new"),
        ),
        ended="DELETE_FAILED",
        token="new",
    )

    assert told == "Net (AWS::SQS::Queue): busy"


def test_a_reason_that_nobody_tells_is_not_made_up():
    told = failures(
        fails("describe_stack_events", "ValidationError"),
        answers("describe_events", {"OperationEvents": []}),
    )

    assert told == "CloudFormation does not tell why"


def test_events_that_cannot_be_read_now_are_asked_for_again():
    with pytest.raises(Unavailable):
        failures(fails("describe_stack_events", "Throttling"))
