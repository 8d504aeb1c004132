"""What a stack lists is told by ARN; what it left on purpose may be there or not."""

from datetime import UTC, datetime

import pytest

from activities.environments.listing import Listing, Listings
from tests.activities.environments.stubs import OURS, STACK, arn, stubs, tags
from workflows.domain.environments.census import Resource
from workflows.domain.errors import Refused, Unavailable

AT = datetime(2026, 11, 26, tzinfo=UTC)
NAME = "lockgate-pr-7"
HERE = Resource(id=STACK, type="AWS::CloudFormation::Stack", tags=OURS)


def stack(given=OURS, status="CREATE_COMPLETE"):
    told = {"StackName": NAME, "StackId": STACK, "StackStatus": status, "CreationTime": AT}
    return {"Stacks": [{**told, "Tags": tags(given)}]}


def summary(name, type_, physical, status="CREATE_COMPLETE"):
    told = {"LogicalResourceId": name, "ResourceType": type_, "ResourceStatus": status}
    return {**told, "PhysicalResourceId": physical, "LastUpdatedTimestamp": AT}


def event(name, type_, physical, status):
    told = summary(name, type_, physical, status)
    del told["LastUpdatedTimestamp"]
    return {
        **told,
        "StackId": STACK,
        "EventId": f"{name}-{status}",
        "StackName": NAME,
        "Timestamp": AT,
    }


QUEUE = summary("Orders", "AWS::SQS::Queue", "https://sqs/1/orders")
OTHER = summary("Thing", "AWS::Location::Map", "map-1")
LOST = summary("Never", "AWS::SNS::Topic", "", "CREATE_FAILED")
GONE = summary("Old", "AWS::SNS::Topic", arn("sns", "old"), "DELETE_COMPLETE")
KEPT = summary("Role", "AWS::IAM::Role", "web", "DELETE_SKIPPED")
STUCK = summary("Net", "AWS::EC2::VPC", "vpc-1", "DELETE_FAILED")


def read(script, stack_id=""):
    return Listings(script).read("pr-7", stack_id)


def test_a_stack_tells_what_it_has_page_by_page():
    with stubs() as cf:
        cf.answers("cloudformation", "describe_stacks", stack(), StackName=NAME)
        first = {"StackResourceSummaries": [QUEUE, LOST], "NextToken": "2"}
        cf.answers("cloudformation", "list_stack_resources", first, StackName=STACK)
        second = {"StackResourceSummaries": [OTHER, GONE, KEPT, STUCK]}
        cf.answers(
            "cloudformation", "list_stack_resources", second, StackName=STACK, NextToken="2"
        )

        found = read(cf)

    assert found.stack == HERE
    assert found.there == (
        Resource(id=arn("sqs", "orders"), type="AWS::SQS::Queue", name="Orders"),
        Resource(id="map-1", type="AWS::Location::Map", name="Thing"),
    )
    assert [each.id for each in found.doubtful] == [
        "arn:aws:iam::111122223333:role/web",
        arn("ec2", "vpc/vpc-1"),
    ]


def test_without_a_stack_nothing_is_listed():
    with stubs() as cf:
        cf.fails("cloudformation", "describe_stacks", "ValidationError")

        assert read(cf) == Listing()


def test_a_stack_of_somebody_else_is_none_of_ours():
    with stubs() as cf:
        cf.answers("cloudformation", "describe_stacks", stack({"team": "other"}))

        assert read(cf) == Listing()


def test_a_deleted_stack_is_asked_by_its_id_what_it_left():
    with stubs() as cf:
        cf.fails("cloudformation", "describe_stacks", "ValidationError")
        left = {"StackResourceSummaries": [GONE, KEPT]}
        for _ in range(2):
            cf.answers("cloudformation", "list_stack_resources", left, StackName=STACK)

        found = read(cf, STACK)

    assert (found.stack, found.there) == (None, ())
    assert [each.name for each in found.doubtful] == ["Role"]


def test_a_deleted_stack_that_lists_nothing_tells_by_its_events_what_it_left():
    with stubs() as cf:
        cf.fails("cloudformation", "describe_stacks", "ValidationError")
        cf.answers("cloudformation", "list_stack_resources", {"StackResourceSummaries": []})
        told = [
            event("Role", "AWS::IAM::Role", "web", "DELETE_SKIPPED"),
            event("Old", "AWS::SNS::Topic", arn("sns", "old"), "DELETE_COMPLETE"),
            event("Role", "AWS::IAM::Role", "web", "CREATE_COMPLETE"),
        ]
        cf.answers("cloudformation", "describe_stack_events", {"StackEvents": told})

        found = read(cf, STACK)

    assert [(each.name, each.id) for each in found.doubtful] == [
        ("Role", "arn:aws:iam::111122223333:role/web")
    ]


def test_a_stack_that_nobody_remembers_left_nothing_that_it_could_tell():
    with stubs() as cf:
        cf.fails("cloudformation", "describe_stacks", "ValidationError")
        cf.fails("cloudformation", "list_stack_resources", "ValidationError")
        cf.fails("cloudformation", "describe_stack_events", "ValidationError")

        assert read(cf, STACK) == Listing()


@pytest.mark.parametrize(
    ("code", "kind"), [("AccessDenied", Refused), ("Throttling", Unavailable)]
)
def test_a_list_that_cannot_be_read_is_not_empty(code, kind):
    with stubs() as cf:
        cf.answers("cloudformation", "describe_stacks", stack())
        cf.fails("cloudformation", "list_stack_resources", code)

        with pytest.raises(kind, match=code):
            read(cf)
