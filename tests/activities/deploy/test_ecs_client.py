"""The calls that are written down for ECS are calls that boto3 and AWS know."""

import inspect

import boto3
import pytest

from activities.deploy.ecs_client import Ecs
from tests.fakes.ecs import FakeEcs

CALLS = {name: call for name, call in vars(Ecs).items() if inspect.isfunction(call)}
CALLS.pop("__init__", None)
CALLS.pop("__subclasshook__", None)


@pytest.fixture(scope="module")
def client():
    return boto3.client(
        "ecs", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


@pytest.mark.parametrize("call", CALLS)
def test_a_call_takes_what_aws_takes_under_the_same_names(client, call):
    operation = client.meta.method_to_api_mapping[call]
    shape = client.meta.service_model.operation_model(operation).input_shape
    parameters = inspect.signature(CALLS[call]).parameters
    named = {n for n, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}
    open_ended = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())

    assert named <= shape.members.keys()
    assert set(shape.required_members) <= named or open_ended


@pytest.mark.parametrize("call", CALLS)
def test_the_fake_has_every_call(call):
    assert callable(getattr(FakeEcs(), call))


def test_no_cluster_and_nothing_but_its_services_is_within_reach():
    """Tasks are started and stopped by ECS alone; networks and roles are somebody else's."""
    changing = {name for name in CALLS if not name.startswith(("describe_", "list_"))}

    assert changing == {
        "register_task_definition",
        "deregister_task_definition",
        "create_service",
        "update_service",
        "delete_service",
    }
