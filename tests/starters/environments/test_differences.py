"""Two plans beside each other."""

import pytest

from starters.environments.differences import by_type, plan_differences, text_difference
from tests.environments import STACK, an_environment_plan
from workflows.domain.environments.census import Resource
from workflows.domain.values import digest_of, short


def test_the_same_plan_has_no_difference():
    assert plan_differences(an_environment_plan(), an_environment_plan()) == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"owner": "team-pay"}, ["owner: team-shop | team-pay"]),
        (
            {"provider": {"type": "cloudformation", "connection": "other"}},
            ["provider: cloudformation/preview | cloudformation/other"],
        ),
        (
            {"lease": {"ttl": "4d", "longest": "14d", "warnBefore": ["1h"]}},
            ["lease.ttl: 3d | 4d", "lease.warnBefore: 1d, 1h | 1h"],
        ),
        (
            {"extension": {"times": 3, "by": "2d"}},
            ["extension.times: 2 | 3", "extension.money: 50 | -"],
        ),
        (
            {"prices": {"currency": "EUR", "resources": []}},
            [
                "prices.AWS::S3::Bucket: 0.01 an hour | -",
                "prices.AWS::SQS::Queue: 0.02 an hour | -",
            ],
        ),
        (
            {"teardown": {"emptyBuckets": False, "terminationProtection": "refuse"}},
            [
                "teardown.emptyBuckets: true | false",
                "teardown.terminationProtection: lift | refuse",
            ],
        ),
        ({"dataClass": "restricted"}, ["teardown.snapshots: - | everything"]),
        ({"protected": True}, ["protected: false | true"]),
    ],
)
def test_each_rule_that_changed_is_told_by_its_field(changes, told):
    found = plan_differences(an_environment_plan(), an_environment_plan(**changes))

    assert [str(each) for each in found] == told


def test_parameters_are_compared_by_name_with_what_depends_on_them():
    found = plan_differences(an_environment_plan(), an_environment_plan(chosen={"Size": "large"}))

    assert [str(each) for each in found] == [
        "parameters.Size: small | large",
        "prices.AWS::SQS::Queue: 0.02 an hour | 0.2 an hour",
    ]


def test_another_text_is_told_by_its_digest_and_its_lines():
    text = STACK.replace("Orders", "Events")

    (found,) = plan_differences(an_environment_plan(), an_environment_plan(text))
    lines = text_difference(STACK, text, names=("then", "now"))

    assert found.what == "template"
    assert found.other == f"preview ({short(digest_of(text))})"
    assert lines[:2] == ("--- then", "+++ now")
    assert '-  Orders: {Type: "AWS::SQS::Queue"}' in lines
    assert '+  Events: {Type: "AWS::SQS::Queue"}' in lines


def test_resources_are_counted_by_type():
    made = [Resource(id=str(n), type=kind) for n, kind in enumerate(("B", "A", "B"))]

    assert by_type(made) == {"resources.A": "1", "resources.B": "2"}
