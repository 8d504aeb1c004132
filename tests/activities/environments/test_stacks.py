"""Stacks as CloudFormation tells of them, on a script of its answers."""

import pytest

from activities.environments.stacks import Stacks, expect_ours, stack_name
from tests.activities.environments.scripted import (
    AT,
    NAME,
    STACK,
    TAGS,
    answers,
    cloudformation,
    fails,
    no_stack,
    stack,
)
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable


def a_resource(name, status="CREATE_COMPLETE", **more):
    return {
        "LogicalResourceId": name,
        "PhysicalResourceId": f"id-of-{name}",
        "ResourceType": "AWS::SQS::Queue",
        "LastUpdatedTimestamp": AT,
        "ResourceStatus": status,
        **more,
    }


def test_a_stack_is_named_after_its_environment_as_cloudformation_allows():
    assert stack_name("pr-7") == "lockgate-pr-7"
    assert stack_name("v1.2") == "lockgate-v1-2"


def test_a_stack_is_told_as_it_is():
    told = stack(
        "UPDATE_COMPLETE",
        Parameters=[{"ParameterKey": "Size", "ParameterValue": "small"}],
        Outputs=[{"OutputKey": "Url", "OutputValue": "http://x"}],
        EnableTerminationProtection=True,
        Capabilities=["CAPABILITY_IAM"],
    )
    with cloudformation(told) as clients:
        found = Stacks(clients).find(NAME)

    assert found.ours
    assert found.protected
    assert not found.moving
    assert (found.parameters, found.outputs) == ({"Size": "small"}, {"Url": "http://x"})
    assert found.capabilities == ("CAPABILITY_IAM",)


@pytest.mark.parametrize(
    ("status", "moving"),
    [
        ("CREATE_IN_PROGRESS", True),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", True),
        ("REVIEW_IN_PROGRESS", False),
        ("ROLLBACK_COMPLETE", False),
    ],
)
def test_one_under_review_is_not_being_worked_on(status, moving):
    with cloudformation(stack(status)) as clients:
        assert Stacks(clients).find(NAME).moving is moving


def test_there_is_none_and_one_that_must_be_there_is_missed():
    with cloudformation(no_stack(), no_stack()) as clients:
        assert Stacks(clients).find(NAME) is None
        with pytest.raises(TargetMissing, match=STACK):
            Stacks(clients).needed(NAME)


@pytest.mark.parametrize(
    ("code", "kind"), [("Throttling", Unavailable), ("AccessDenied", Refused)]
)
def test_no_answer_is_not_no_stack(code, kind):
    with cloudformation(fails("describe_stacks", code)) as clients, pytest.raises(kind):
        Stacks(clients).find(NAME)


@pytest.mark.parametrize("given", [{}, {"lockgate:environment": "pr-8"}])
def test_one_without_our_tag_is_not_ours(given):
    with cloudformation(stack("CREATE_COMPLETE", given)) as clients:
        found = Stacks(clients).find(NAME)

    with pytest.raises(Diverged, match="expected the tag lockgate:environment=pr-7, found"):
        expect_ours(found)


def test_resources_are_listed_over_all_pages_and_only_those_that_are_there():
    pages = [
        answers(
            "list_stack_resources",
            {"StackResourceSummaries": [a_resource("Orders")], "NextToken": "more"},
            StackName=STACK,
        ),
        answers(
            "list_stack_resources",
            {
                "StackResourceSummaries": [
                    a_resource("Kept", "DELETE_SKIPPED"),
                    a_resource("Gone", "DELETE_COMPLETE"),
                    a_resource("Never", "CREATE_FAILED", PhysicalResourceId=""),
                    a_resource("Stuck", "DELETE_FAILED"),
                ]
            },
            NextToken="more",
        ),
    ]
    with cloudformation(*pages) as clients:
        found = Stacks(clients).resources(NAME)

    assert [(each.name, each.id) for each in found] == [
        ("Orders", "id-of-Orders"),
        ("Stuck", "id-of-Stuck"),
    ]


def test_of_no_stack_there_are_no_resources():
    with cloudformation(fails("list_stack_resources", "ValidationError")) as clients:
        assert Stacks(clients).resources(NAME) == ()


def test_resources_that_could_not_be_listed_are_not_none():
    listing = fails("list_stack_resources", "Throttling")
    with cloudformation(listing) as clients, pytest.raises(Unavailable):
        Stacks(clients).resources(NAME)


def test_a_template_in_json_keeps_the_text_that_its_digest_is_of():
    text = '{"Resources":  {}}'
    with cloudformation(answers("get_template", {"TemplateBody": text})) as clients:
        assert Stacks(clients).template(NAME) == text


def test_a_stack_that_went_meanwhile_has_no_template():
    going = fails("get_template", "ValidationError")
    with cloudformation(going) as clients, pytest.raises(TargetMissing, match=STACK):
        Stacks(clients).template(NAME)


def test_what_is_made_is_told_with_its_tags_resources_and_protection():
    steps = [
        answers("list_stack_resources", {"StackResourceSummaries": [a_resource("Orders")]}),
        answers("get_template", {"TemplateBody": "Resources: {}"}),
    ]
    told = stack("CREATE_COMPLETE", EnableTerminationProtection=True)
    with cloudformation(told, *steps) as clients:
        stacks = Stacks(clients)
        made = stacks.made(stacks.needed(NAME))

    assert made.protected
    assert made.tags == TAGS
    assert [each.name for each in made.resources] == ["Orders"]
