"""The calls that are written down for load balancers are calls that boto3 and AWS know."""

import inspect

import boto3
import pytest

from activities.traffic.elbv2_client import Elbv2

CALLS = {name: call for name, call in vars(Elbv2).items() if inspect.isfunction(call)}
CALLS.pop("__init__", None)
CALLS.pop("__subclasshook__", None)


@pytest.fixture(scope="module")
def client():
    return boto3.client(
        "elbv2", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


def input_of(client, call):
    operation = client.meta.method_to_api_mapping[call]
    return client.meta.service_model.operation_model(operation).input_shape


@pytest.mark.parametrize("call", CALLS)
def test_a_call_takes_what_aws_takes_under_the_same_names(client, call):
    parameters = inspect.signature(CALLS[call]).parameters.keys() - {"self"}
    shape = input_of(client, call)

    assert parameters <= shape.members.keys()
    assert set(shape.required_members) <= parameters


@pytest.mark.parametrize("call", CALLS)
def test_a_call_takes_keywords_only_as_boto3_does(call):
    kinds = {p.kind for n, p in inspect.signature(CALLS[call]).parameters.items() if n != "self"}

    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


def test_load_balancers_listeners_and_targets_are_out_of_reach():
    """A release moves rules; what they stand on, the platform and its owners make."""
    changing = {name for name in CALLS if not name.startswith("describe_")}

    assert changing == {"add_tags", "create_rule", "modify_rule", "delete_rule"}
