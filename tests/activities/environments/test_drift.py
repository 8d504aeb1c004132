"""What CloudFormation compared is told, and what it did not is unknown; on a script."""

import pytest

from activities.environments.drift import Comparing, DriftDetection
from activities.environments.stacks import Stacks
from tests.activities.environments.scripted import (
    ARN,
    AT,
    NAME,
    answers,
    cloudformation,
    fails,
    no_stack,
    stack,
)
from tests.contract.provisioned import PLAIN, PREVIEW, QuickPace
from workflows.domain.errors import TargetMissing, Unavailable
from workflows.domain.values import digest_of
from workflows.ports.environments import ReadDrift

TEMPLATE = answers("get_template", {"TemplateBody": PLAIN})
BEGUN = answers("detect_stack_drift", {"StackDriftDetectionId": "d-1"})


def status(word, id_="d-1"):
    told = {"StackId": ARN, "StackDriftDetectionId": id_, "DetectionStatus": word, "Timestamp": AT}
    return answers("describe_stack_drift_detection_status", told, StackDriftDetectionId=id_)


def compared(*drifts):
    return answers("describe_stack_resource_drifts", {"StackResourceDrifts": list(drifts)})


def listed(*names):
    told = [
        {
            "LogicalResourceId": name,
            "ResourceType": "AWS::SQS::Queue",
            "LastUpdatedTimestamp": AT,
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for name in names
    ]
    return answers("list_stack_resources", {"StackResourceSummaries": told})


def of(name, word, kind="AWS::SQS::Queue", **differences):
    return {
        "StackId": ARN,
        "Timestamp": AT,
        "LogicalResourceId": name,
        "ResourceType": kind,
        "StackResourceDriftStatus": word,
        "PropertyDifferences": [
            {
                "PropertyPath": path.replace("__", "/"),
                "ExpectedValue": "was",
                "ActualValue": "is",
                "DifferenceType": "NOT_EQUAL",
            }
            for path in differences
        ],
    }


def read(*steps, pace=None, text=PLAIN):
    ask = ReadDrift(environment=NAME, provider=PREVIEW, digest=digest_of(text))
    with cloudformation(*steps) as clients:
        return DriftDetection(Stacks(clients)).read(ask, pace or QuickPace())


def test_what_is_changed_or_gone_is_told_and_what_was_not_compared_is_unknown():
    found = read(
        stack("CREATE_COMPLETE"),
        TEMPLATE,
        BEGUN,
        status("DETECTION_IN_PROGRESS"),
        status("DETECTION_FAILED"),
        compared(
            of("Orders", "MODIFIED", __Delay=1), of("News", "DELETED"), of("Odd", "UNSUPPORTED")
        ),
        listed("Orders", "News", "Odd", "Never", "Fine"),
    )

    assert [(each.resource.name, each.status) for each in found.resources] == [
        ("News", "DELETED"),
        ("Orders", "MODIFIED"),
    ]
    assert found.resources[1].differences == {"/Delay": ("was", "is")}
    assert found.unknown == tuple(f"{n} (AWS::SQS::Queue)" for n in ("Fine", "Never", "Odd"))


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("AWS::RDS::DBInstance", "__MasterUserPassword"),
        ("AWS::Lambda::Function", "__Environment__Variables__URL"),
        ("AWS::ECS::TaskDefinition", "__ContainerDefinitions__0__Environment__0__Value"),
        ("AWS::SSM::Parameter", "__Value"),
    ],
)
def test_what_may_be_a_secret_is_told_to_differ_and_not_how(kind, path):
    found = read(
        stack("CREATE_COMPLETE"),
        TEMPLATE,
        BEGUN,
        status("DETECTION_COMPLETE"),
        compared(of("It", "MODIFIED", kind, **{path: 1})),
        listed("It"),
    )

    assert list(found.resources[0].differences.values()) == [("(hidden)", "(hidden)")]


def test_a_comparison_that_a_killed_predecessor_began_is_waited_for():
    pace = QuickPace()
    pace.beat(Comparing(stack=ARN, id="d-9"))

    found = read(
        stack("CREATE_COMPLETE"),
        TEMPLATE,
        status("DETECTION_COMPLETE", "d-9"),
        compared(of("Orders", "IN_SYNC")),
        listed("Orders"),
        pace=pace,
    )

    assert (found.found, found.unknown) == (False, ())


def test_a_comparison_of_an_earlier_stack_says_nothing_of_this_one():
    pace = QuickPace()
    pace.beat(Comparing(stack="arn:earlier", id="d-9"))

    read(
        stack("CREATE_COMPLETE"),
        TEMPLATE,
        BEGUN,
        status("DETECTION_COMPLETE"),
        compared(),
        listed(),
        pace=pace,
    )

    assert pace.state == Comparing(stack=ARN, id="d-1")


def test_one_that_somebody_has_compared_just_now_is_asked_again_later():
    with pytest.raises(Unavailable, match="being compared already"):
        read(stack("CREATE_COMPLETE"), TEMPLATE, fails("detect_stack_drift", "ValidationError"))


def test_a_stack_that_cannot_be_compared_is_unknown():
    found = read(stack("DELETE_FAILED"), TEMPLATE)

    assert found.unknown == ("the stack, which is DELETE_FAILED",)


def test_another_template_than_it_was_made_from_is_told():
    found = read(stack("UPDATE_IN_PROGRESS"), TEMPLATE, text="Resources: {}")

    assert found.template_changed


def test_there_is_no_drift_of_nothing():
    with pytest.raises(TargetMissing):
        read(no_stack())
