"""Whatever state a stack is in, it goes, or it is told why not; on a script."""

import pytest

from activities.environments.deletion import Deletion
from activities.environments.stacks import Stacks
from tests.activities.environments.scripted import (
    NAME,
    ROLE,
    STACK,
    answers,
    change_set,
    cloudformation,
    fails,
    no_stack,
    stack,
    tags,
)
from tests.contract.provisioned import QuickPace
from workflows.domain.errors import Diverged, Refused, Unavailable

DELETED = answers("delete_stack", StackName=STACK)
LISTED = answers("list_change_sets", {"Summaries": [{"ChangeSetName": "c"}]})


def delete(*steps, lift=False, role=None):
    with cloudformation(*steps) as clients:
        Deletion(Stacks(clients), role=role).delete(NAME, QuickPace(), lift=lift)


def test_none_is_as_good_as_deleted():
    delete(no_stack())


def test_it_is_asked_for_once_and_waited_for():
    delete(
        stack("CREATE_COMPLETE"),
        DELETED,
        stack("DELETE_IN_PROGRESS"),
        stack("DELETE_IN_PROGRESS"),
        no_stack(),
    )


def test_cloudformation_acts_with_the_role_of_the_connection():
    delete(
        stack("CREATE_COMPLETE"),
        answers("delete_stack", RoleARN=ROLE),
        no_stack(),
        role=ROLE,
    )


@pytest.mark.parametrize(
    "status", ["UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS"]
)
def test_what_cannot_be_broken_into_is_waited_for(status):
    delete(stack(status), stack("ROLLBACK_COMPLETE"), DELETED, no_stack())


def test_a_creation_is_broken_into():
    delete(stack("CREATE_IN_PROGRESS"), DELETED, stack("DELETE_IN_PROGRESS"), no_stack())


def test_it_is_not_asked_for_twice_where_it_still_looks_as_before():
    delete(stack("CREATE_COMPLETE"), DELETED, stack("CREATE_COMPLETE"), no_stack())


def test_what_the_last_attempt_could_not_delete_is_tried_again():
    delete(stack("DELETE_FAILED"), DELETED, stack("DELETE_IN_PROGRESS"), no_stack())


def test_what_is_left_is_named_by_what_this_attempt_saw():
    nothing = answers("describe_stack_events", {"StackEvents": []})
    found = {"LogicalResourceId": "Net", "ResourceType": "AWS::EC2::VPC"}
    told = answers(
        "describe_events", {"OperationEvents": [{**found, "ValidationStatusReason": "x"}]}
    )

    with pytest.raises(Refused, match=r"could not be deleted: Net \(AWS::EC2::VPC\): x"):
        delete(stack("DELETE_FAILED"), DELETED, stack("DELETE_FAILED"), nothing, told)


def test_protection_is_lifted_where_that_was_said_and_only_there():
    protected = stack("CREATE_COMPLETE", EnableTerminationProtection=True)
    lifted = answers("update_termination_protection", EnableTerminationProtection=False)

    delete(protected, lifted, DELETED, no_stack(), lift=True)
    with pytest.raises(Diverged, match="protected against deletion"):
        delete(protected, lift=False)


@pytest.mark.parametrize("given", [{}, {"lockgate:environment": "pr-8"}])
def test_what_is_not_ours_is_not_deleted_nor_its_protection_lifted(given):
    with pytest.raises(Diverged, match="not ours"):
        delete(stack("CREATE_COMPLETE", given, EnableTerminationProtection=True), lift=True)


def test_a_stack_under_review_is_ours_by_its_proposals():
    """Its tags come with the execution."""
    ours = change_set(Tags=tags({"lockgate:environment": NAME}))
    theirs = change_set(Tags=tags({"lockgate:environment": "pr-8"}))

    delete(stack("REVIEW_IN_PROGRESS", {}), LISTED, ours, DELETED, no_stack())
    with pytest.raises(Diverged, match="somebody proposes c"):
        delete(stack("REVIEW_IN_PROGRESS", {}), LISTED, theirs)


def test_no_answer_is_asked_again_by_the_next_attempt():
    with pytest.raises(Unavailable):
        delete(stack("CREATE_COMPLETE"), fails("delete_stack", "Throttling"))
