"""Tags are changed, and nothing else with them; on a script."""

import pytest

from activities.environments.retagging import Retagging
from activities.environments.stacks import Stacks
from tests.activities.environments.scripted import (
    NAME,
    ROLE,
    STACK,
    TAGS,
    answers,
    change_set,
    cloudformation,
    event,
    events,
    no_change_set,
    no_stack,
    stack,
    tags,
)
from tests.contract.provisioned import PREVIEW, QuickPace
from workflows.domain.errors import Diverged, Refused, TargetMissing
from workflows.ports.environments import TagEnvironment

NEW = {"lockgate:environment": NAME, "lockgate:hold": "audit"}
DROPPED = answers("delete_change_set", StackName=STACK)
EXECUTED = answers("execute_change_set", StackName=STACK)


def tag(*steps, role=None):
    ask = TagEnvironment(environment=NAME, provider=PREVIEW, tags=NEW)
    with cloudformation(*steps) as clients:
        Retagging(Stacks(clients), role=role).tag(ask, QuickPace())


def change(name="Orders", scope=("Tags",), **more):
    told = {"Action": "Modify", "LogicalResourceId": name, "Scope": list(scope), **more}
    return {"Type": "Resource", "ResourceChange": told}


def detail(attribute, evaluation):
    target = {"Attribute": attribute, "RequiresRecreation": "Never"}
    return {"Target": target, "Evaluation": evaluation}


def test_the_update_keeps_template_parameters_and_the_tags_of_others():
    before = {"Parameters": [{"ParameterKey": "Size", "ParameterValue": "large"}]}
    proposed = answers(
        "create_change_set",
        ChangeSetType="UPDATE",
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Size", "UsePreviousValue": True}],
        Tags=tags({"cost": "7", **NEW}),
        Capabilities=["CAPABILITY_IAM"],
        RoleARN=ROLE,
    )
    found = stack(
        "CREATE_COMPLETE", {**TAGS, "cost": "7"}, Capabilities=["CAPABILITY_IAM"], **before
    )

    tag(
        found,
        no_change_set(),
        proposed,
        found,
        change_set(Changes=[change()]),
        EXECUTED,
        stack("UPDATE_IN_PROGRESS"),
        stack("UPDATE_COMPLETE", {"cost": "7", **NEW}),
        role=ROLE,
    )


def test_tags_that_are_there_are_not_given_again():
    tag(stack("UPDATE_COMPLETE", NEW))


@pytest.mark.parametrize(
    "more",
    [
        change(scope=["Properties"]),
        change(scope=["Tags", "Properties"], Details=[detail("Properties", "Static")]),
        change(Replacement="True"),
        change(Action="Remove"),
    ],
)
def test_an_update_that_would_change_more_than_tags_is_withdrawn(more):
    """A newer image behind a parameter would replace a machine, for the sake of a tag."""
    found = stack("CREATE_COMPLETE")
    details = more["ResourceChange"].setdefault("Details", [])
    details or details.append(detail("Properties", "Static"))

    with pytest.raises(Diverged, match=r"more than tags: Orders \((Modify|Remove)\)"):
        tag(found, change_set(Changes=[change("News"), more]), DROPPED)


def test_what_may_change_because_of_a_tag_is_no_other_change():
    dynamic = change(
        scope=["Properties"], Replacement="Conditional", Details=[detail("Properties", "Dynamic")]
    )
    found = stack("CREATE_COMPLETE")

    tag(found, change_set(Changes=[dynamic]), EXECUTED, stack("UPDATE_COMPLETE", NEW))


def test_an_update_that_was_rolled_back_is_told():
    found = stack("CREATE_COMPLETE")
    rolled_back = stack("UPDATE_ROLLBACK_COMPLETE")

    with pytest.raises(Refused, match=r"did not take its tags: Orders .*: no such tag"):
        tag(
            found,
            change_set(Changes=[]),
            EXECUTED,
            rolled_back,
            events(event("Orders", "UPDATE_FAILED", "no such tag")),
        )


def test_a_proposal_that_cannot_be_made_is_told_and_withdrawn():
    found = stack("CREATE_COMPLETE")
    failed = change_set("FAILED", "UNAVAILABLE", StatusReason="too many tags")

    with pytest.raises(Refused, match="too many tags"):
        tag(found, failed, DROPPED)


def test_a_stack_that_takes_no_update_is_told():
    with pytest.raises(Refused, match="DELETE_FAILED, and takes no tags"):
        tag(stack("DELETE_FAILED"))


def test_only_what_is_there_and_ours_is_tagged():
    with pytest.raises(TargetMissing):
        tag(no_stack())
    with pytest.raises(Diverged, match="not ours"):
        tag(stack("CREATE_COMPLETE", {}))
