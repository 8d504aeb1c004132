"""An environment against its template of today, its cloud, or another one."""

import pytest

from starters.environments.comparing import compared, compared_with_catalog, still_allowed
from starters.exit_codes import ExitCode
from tests.environments import STACK, a_catalog_of_environments, an_environment_plan
from tests.starters.environments.views import a_view
from workflows.domain.environments.census import Resource
from workflows.domain.environments.drift import Drift, Drifted
from workflows.ports.environments import Made

BUCKET = Resource(id="arn:1", type="AWS::S3::Bucket", name="Uploads")
QUEUE = Resource(id="arn:2", type="AWS::SQS::Queue", name="Orders")
DRIFTED = Drift(resources=(Drifted(resource=BUCKET, status="MODIFIED"),))


def with_catalog(*, drift=None, **changes):
    now = an_environment_plan(**changes)
    return compared_with_catalog("pr-7", an_environment_plan(), now, drift=drift)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (with_catalog(), ExitCode.OK),
        (with_catalog(drift=Drift()), ExitCode.OK),
        (with_catalog(text=STACK + "# a comment\n"), ExitCode.DRIFT),
        (with_catalog(owner="team-pay"), ExitCode.DRIFT),
        (with_catalog(drift=DRIFTED), ExitCode.DRIFT),
        (with_catalog(drift="nobody answers", owner="team-pay"), ExitCode.DRIFT),
        (with_catalog(drift="nobody answers"), ExitCode.HOLDING),
        (with_catalog(drift=Drift(unknown=("AWS::X",))), ExitCode.HOLDING),
    ],
)
def test_what_is_not_known_is_neither_the_same_nor_another(found, code):
    assert found.code == code


def test_parameters_that_the_template_lets_choose_no_more_are_not_compared_as_chosen():
    plan = an_environment_plan(chosen={"Size": "large"})
    narrowed = a_catalog_of_environments(
        parameters={"Size": {"allowed": ["small"], "default": "small"}}
    )

    assert still_allowed(plan, "preview", a_catalog_of_environments()) == {"Size": "large"}
    assert still_allowed(plan, "preview", narrowed) == {}
    assert still_allowed(plan, "none", narrowed) == {}


def side(name, *resources, outputs=None, chosen=None):
    made = Made(stack=name, status="CREATE_COMPLETE", resources=resources, outputs=outputs or {})
    return an_environment_plan(chosen=chosen), a_view(name), made


def test_two_environments_differ_in_what_was_asked_and_in_what_exists():
    found = compared(
        side("pr-7", BUCKET, QUEUE, outputs={"Url": "a"}),
        side("pr-8", BUCKET, BUCKET, QUEUE, outputs={"Url": "b"}, chosen={"Size": "large"}),
    )

    assert (found.one, found.other, found.code) == ("pr-7", "pr-8", ExitCode.DRIFT)
    assert [str(each) for each in found.differences] == [
        "parameters.Size: small | large",
        "prices.AWS::SQS::Queue: 0.02 an hour | 0.2 an hour",
        "outputs.Url: a | b",
        "resources.AWS::S3::Bucket: 1 | 2",
    ]


def test_the_same_twice_has_no_difference():
    assert compared(side("pr-7", BUCKET), side("pr-8", BUCKET)).code == ExitCode.OK


def test_one_of_which_nobody_knows_what_exists_is_told_so():
    plan, view, _ = side("pr-8")

    found = compared(side("pr-7", BUCKET), (plan, view, "no such stack"))

    assert found.differences == ()
    assert found.unknown == ("pr-8: no such stack",)
    assert found.code == ExitCode.HOLDING
