"""From whatever a killed worker, an earlier request or somebody else has left, on a script."""

import pytest

from activities.environments.creation import Creation, Failed
from activities.environments.stacks import Stacks
from tests.activities.environments.scripted import (
    ASK,
    ROLE,
    STACK,
    TAGS,
    answers,
    change_set,
    cloudformation,
    event,
    events,
    fails,
    no_change_set,
    no_stack,
    stack,
    tags,
)
from tests.contract.provisioned import PLAIN, QuickPace
from workflows.domain.errors import Diverged, Refused, Unavailable

MADE = [
    answers("list_stack_resources", {"StackResourceSummaries": []}),
    answers("get_template", {"TemplateBody": PLAIN}),
]
PROPOSED = answers(
    "create_change_set",
    StackName=STACK,
    ChangeSetType="CREATE",
    TemplateBody=PLAIN,
    Tags=tags(dict(sorted(TAGS.items()))),
    OnStackFailure="ROLLBACK",
)
EXECUTED = answers("execute_change_set", StackName=STACK, RetainExceptOnCreate=True)
DELETED = answers("delete_stack", StackName=STACK)
EARLIER = {**TAGS, "lockgate:expiry": "2026-01-01T00:00:00Z"}
"""The tags of a request of the same name and template, that was over long ago."""


def create(*steps, ask=ASK, pace=None, role=None, capabilities=()):
    with cloudformation(*steps) as clients:
        creation = Creation(
            ask,
            pace or QuickPace(),
            stacks=Stacks(clients),
            role=role,
            capabilities=capabilities,
        )
        return creation.run()


def listed(*names):
    return answers("list_change_sets", {"Summaries": [{"ChangeSetName": n} for n in names]})


def test_it_is_proposed_then_executed_then_waited_for():
    made = create(
        no_stack(),
        PROPOSED,
        stack("REVIEW_IN_PROGRESS", {}),
        change_set("CREATE_IN_PROGRESS", "UNAVAILABLE"),
        stack("REVIEW_IN_PROGRESS", {}),
        change_set(),
        EXECUTED,
        stack("CREATE_IN_PROGRESS"),
        stack("CREATE_COMPLETE"),
        *MADE,
    )

    assert made.status == "CREATE_COMPLETE"


def test_the_role_and_the_capabilities_of_the_connection_go_with_the_proposal():
    proposed = answers("create_change_set", RoleARN=ROLE, Capabilities=["CAPABILITY_IAM"])

    create(
        no_stack(),
        proposed,
        stack("CREATE_COMPLETE"),
        *MADE,
        role=ROLE,
        capabilities=("CAPABILITY_IAM",),
    )


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]
)
def test_one_that_is_made_is_left_alone_even_where_it_was_tagged_anew(status):
    create(stack(status, EARLIER), *MADE)


def test_one_that_is_being_worked_on_is_waited_for():
    create(stack("DELETE_IN_PROGRESS"), no_stack(), PROPOSED, stack("CREATE_COMPLETE"), *MADE)


def test_other_parameters_are_another_environment():
    other = [{"ParameterKey": "Size", "ParameterValue": "large"}]
    ask = ASK.model_copy(
        update={"blueprint": ASK.blueprint.model_copy(update={"parameters": {"Size": "small"}})}
    )

    with pytest.raises(Diverged, match="another value of Size"):
        create(stack("CREATE_COMPLETE", Parameters=other), ask=ask)


def test_a_parameter_that_cloudformation_hides_is_taken_to_be_the_same():
    hidden = [{"ParameterKey": "Size", "ParameterValue": "****"}]
    ask = ASK.model_copy(
        update={"blueprint": ASK.blueprint.model_copy(update={"parameters": {"Size": "small"}})}
    )

    create(stack("CREATE_COMPLETE", Parameters=hidden), *MADE, ask=ask)


def test_what_is_left_of_an_earlier_request_that_failed_goes_first():
    create(
        stack("ROLLBACK_COMPLETE", EARLIER),
        stack("ROLLBACK_COMPLETE", EARLIER),
        DELETED,
        no_stack(),
        no_stack(),
        PROPOSED,
        stack("CREATE_COMPLETE"),
        *MADE,
    )


def test_what_an_earlier_request_only_proposed_goes_first():
    create(
        stack("REVIEW_IN_PROGRESS"),
        no_change_set(),
        listed("lockgate-of-old"),
        stack("REVIEW_IN_PROGRESS"),
        DELETED,
        no_stack(),
        no_stack(),
        PROPOSED,
        stack("CREATE_COMPLETE"),
        *MADE,
    )


def test_a_stack_under_review_without_any_proposal_is_used():
    create(
        stack("REVIEW_IN_PROGRESS", {}),
        no_change_set(),
        listed(),
        listed(),
        PROPOSED,
        stack("CREATE_COMPLETE"),
        *MADE,
    )


def test_what_somebody_else_proposes_under_that_name_is_not_touched():
    with pytest.raises(Diverged, match="somebody proposes theirs"):
        create(
            stack("REVIEW_IN_PROGRESS", {}),
            no_change_set(),
            listed("theirs"),
            change_set(Tags=tags({"owner": "bo"})),
        )


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "ROLLBACK_COMPLETE", "DELETE_FAILED"])
def test_what_somebody_else_made_under_that_name_is_not_touched(status):
    with pytest.raises(Diverged, match="not ours"):
        create(stack(status, {}))


def test_an_environment_that_is_only_half_gone_is_no_place_for_a_new_one():
    with pytest.raises(Diverged, match="DELETE_FAILED: an earlier environment"):
        create(stack("DELETE_FAILED"))


def test_a_failure_is_read_before_it_is_deleted_and_is_what_a_successor_knows():
    pace = QuickPace()
    with pytest.raises(Refused, match=r"pr-7 could not be made: Late .*: no such thing$"):
        create(
            stack("ROLLBACK_IN_PROGRESS"),
            stack("ROLLBACK_COMPLETE"),
            events(event("Late", "CREATE_FAILED", "no such thing")),
            stack("ROLLBACK_COMPLETE"),
            DELETED,
            no_stack(),
            pace=pace,
        )
    assert pace.state == Failed(reason="Late (AWS::SQS::Queue): no such thing")

    # Killed after the deletion, nobody could read it any more.
    with pytest.raises(Refused, match="no such thing"):
        create(no_stack(), pace=pace)


def test_what_a_failed_creation_leaves_is_told_with_why_it_failed():
    with pytest.raises(Refused, match=r"Late .*: no such thing; and .*Net .*: busy"):
        create(
            stack("ROLLBACK_FAILED"),
            events(event("Late", "CREATE_FAILED", "no such thing")),
            stack("ROLLBACK_FAILED"),
            DELETED,
            stack("DELETE_FAILED"),
            answers(
                "describe_stack_events",
                {"StackEvents": [event("Net", "DELETE_FAILED", "busy")]},
            ),
            answers(
                "describe_events",
                {
                    "OperationEvents": [
                        {"LogicalResourceId": "Net", "ValidationStatusReason": "busy"}
                    ]
                },
            ),
        )


def test_a_proposal_that_cloudformation_cannot_make_is_told_and_leaves_nothing():
    with pytest.raises(Refused, match="pr-7 could not be made: a transform failed"):
        create(
            stack("REVIEW_IN_PROGRESS"),
            change_set("FAILED", "UNAVAILABLE", StatusReason="a transform failed"),
            answers("describe_events", {"OperationEvents": []}, ChangeSetName="cs-1"),
            stack("REVIEW_IN_PROGRESS"),
            DELETED,
            no_stack(),
        )


def test_a_template_that_is_refused_is_told():
    with pytest.raises(Refused, match="no good"):
        create(no_stack(), fails("create_change_set", "ValidationError", "no good"))


def test_no_answer_is_asked_again_by_the_next_attempt():
    with pytest.raises(Unavailable):
        create(no_stack(), fails("create_change_set", "Throttling"))
