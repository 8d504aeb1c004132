"""What is written down of ECS is known to boto3 and to the fake."""

from activities.deploy.ecs_client import Ecs
from tests.activities.aws_calls import calls_of, changes_of, unlike_boto3
from tests.fakes.ecs import FakeEcs


def test_its_calls_are_those_of_boto3():
    assert unlike_boto3("ecs", Ecs) == []


def test_the_fake_answers_every_call():
    assert [name for name in calls_of(Ecs) if not hasattr(FakeEcs, name)] == []


def test_no_cluster_and_nothing_but_its_services_is_within_reach():
    """Tasks are started and stopped by ECS alone; networks and roles are somebody else's."""
    assert changes_of(Ecs) == {
        "register_task_definition",
        "deregister_task_definition",
        "create_service",
        "update_service",
        "delete_service",
    }
