"""The calls that are written down for AppConfig are calls that boto3 and AWS know."""

import inspect

import boto3
import pytest

from activities.flags.appconfig_client import Control, Retrieval
from tests.fakes.appconfig import FakeAppConfig

CALLS = {
    (service, name): call
    for service, kind in (("appconfig", Control), ("appconfigdata", Retrieval))
    for name, call in vars(kind).items()
    if inspect.isfunction(call) and not name.startswith("__")
}


@pytest.mark.parametrize(("service", "call"), CALLS)
def test_a_call_takes_what_aws_takes_under_the_same_names(service, call):
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    operation = client.meta.method_to_api_mapping[call]
    shape = client.meta.service_model.operation_model(operation).input_shape
    client.close()

    parameters = inspect.signature(CALLS[service, call]).parameters
    named = parameters.keys() - {"self"}

    assert named <= shape.members.keys()
    assert set(shape.required_members) <= named
    assert {parameters[name].kind for name in named} == {inspect.Parameter.KEYWORD_ONLY}


def test_nothing_that_deletes_or_reconfigures_is_within_reach():
    """A flag is changed by a version more; no version is lost, no strategy made laxer."""
    changing = {name for _, name in CALLS if not name.startswith(("get_", "list_"))}

    assert changing == {
        "create_hosted_configuration_version",
        "start_configuration_session",
        "start_deployment",
    }


def test_the_fake_answers_every_call():
    assert [name for _, name in CALLS if not hasattr(FakeAppConfig, name)] == []
