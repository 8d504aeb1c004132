"""Proposals: made once, whoever asked first, and read whole."""

import pytest

from activities.environments.change_sets import ChangeSets
from activities.environments.stacks import Stacks
from tests.activities.environments.scripted import (
    NAME,
    STACK,
    answers,
    change_set,
    cloudformation,
    fails,
    no_change_set,
    tags,
)
from workflows.domain.errors import Refused, Unavailable


def change(name):
    return {"Type": "Resource", "ResourceChange": {"Action": "Add", "LogicalResourceId": name}}


@pytest.mark.parametrize(
    ("method", "call", "code"),
    [
        ("propose", "create_change_set", "AlreadyExistsException"),
        ("execute", "execute_change_set", "InvalidChangeSetStatus"),
        ("execute", "execute_change_set", "ChangeSetNotFound"),
        ("drop", "delete_change_set", "ChangeSetNotFound"),
    ],
)
def test_what_a_predecessor_has_done_is_not_done_again_and_no_error(method, call, code):
    more = ({},) if method == "propose" else ()
    with cloudformation(fails(call, code, StackName=STACK, ChangeSetName="c")) as clients:
        getattr(ChangeSets(Stacks(clients)), method)(NAME, "c", *more)


@pytest.mark.parametrize(
    ("code", "kind"), [("ValidationError", Refused), ("Throttling", Unavailable)]
)
def test_what_is_not_taken_is_told(code, kind):
    with cloudformation(fails("create_change_set", code)) as clients, pytest.raises(kind):
        ChangeSets(Stacks(clients)).propose(NAME, "c", {})


def test_a_proposal_is_read_over_all_its_pages():
    first = change_set(Changes=[change("A")], NextToken="more", Tags=tags({"k": "v"}))
    with cloudformation(first, change_set(Changes=[change("B")])) as clients:
        found = ChangeSets(Stacks(clients)).find(NAME, "c")

    assert [each["ResourceChange"]["LogicalResourceId"] for each in found.changes] == ["A", "B"]
    assert found.tags == {"k": "v"}
    assert found.executable
    assert not found.failed


@pytest.mark.parametrize(
    ("status", "execution", "executable", "failed"),
    [
        ("CREATE_IN_PROGRESS", "UNAVAILABLE", False, False),
        ("CREATE_COMPLETE", "EXECUTE_IN_PROGRESS", False, False),
        ("FAILED", "UNAVAILABLE", False, True),
        ("CREATE_COMPLETE", "OBSOLETE", False, True),
        ("CREATE_COMPLETE", "EXECUTE_FAILED", False, True),
    ],
)
def test_what_can_be_executed_is_told_from_what_never_will(status, execution, executable, failed):
    with cloudformation(change_set(status, execution)) as clients:
        found = ChangeSets(Stacks(clients)).find(NAME, "c")

    assert (found.executable, found.failed) == (executable, failed)


def test_there_may_be_none():
    listed = answers("list_change_sets", {"Summaries": [{"ChangeSetName": "c"}]}, StackName=STACK)
    with cloudformation(no_change_set(), listed) as clients:
        changes = ChangeSets(Stacks(clients))
        assert changes.find(NAME, "c") is None
        assert changes.names(NAME) == ["c"]


def test_what_a_failed_creation_made_goes_whatever_its_policy_says():
    executed = answers("execute_change_set", ChangeSetName="c", RetainExceptOnCreate=True)
    with cloudformation(executed) as clients:
        ChangeSets(Stacks(clients)).execute(NAME, "c")
