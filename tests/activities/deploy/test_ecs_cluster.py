import pytest

from activities.deploy.ecs_cluster import EcsCluster, EcsService, EcsTask
from tests.fakes.ecs import FakeEcs
from workflows.domain.errors import TargetMissing


def told(**changes):
    primary = {"status": "PRIMARY", "rolloutState": "COMPLETED", **changes.pop("rollout", {})}
    return {
        "serviceName": "checkout-1",
        "status": "ACTIVE",
        "taskDefinition": "f:1",
        "desiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "deployments": [{"status": "ACTIVE", "rolloutState": "FAILED"}, primary],
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"runningCount": 3}, None),
        ({"runningCount": 1}, "1 of 2 tasks run"),
        ({"runningCount": 0, "desiredCount": 0}, "0 of 0 tasks run"),
        ({"status": "DRAINING"}, "the service is DRAINING"),
        (
            {"rollout": {"rolloutState": "FAILED", "rolloutStateReason": "why", "failedTasks": 3}},
            "its rollout is FAILED: why (2 of 2 tasks run, 3 failed)",
        ),
        (
            {"rollout": {"rolloutState": "IN_PROGRESS"}},
            "its rollout is IN_PROGRESS (2 of 2 tasks run)",
        ),
        ({"rollout": {"rolloutState": ""}}, "its rollout is not told of (2 of 2 tasks run)"),
        ({"deployments": []}, "its rollout is not told of (2 of 2 tasks run)"),
    ],
)
def test_only_a_completed_rollout_with_all_its_tasks_is_steady(changes, problem):
    assert EcsService.read(told(**changes)).problem == problem


def test_a_stopped_task_tells_why_container_by_container():
    task = EcsTask.read(
        {
            "taskArn": "t",
            "lastStatus": "STOPPED",
            "stoppedReason": "Essential container in task exited",
            "containers": [
                {"name": "app", "exitCode": 137, "reason": "OutOfMemoryError"},
                {"name": "cron", "exitCode": 1},
                {"name": "proxy", "exitCode": 0},
                {"name": "pull", "reason": "CannotPullContainerError"},
            ],
        }
    )

    assert task.last_words == (
        "Essential container in task exited; app: OutOfMemoryError, exit code 137; "
        "cron: exited, exit code 1; pull: CannotPullContainerError, exit code unknown"
    )
    assert task.digests["app"] is None


def test_what_is_gone_already_is_gone():
    ecs = FakeEcs()
    cluster = EcsCluster(lambda: ecs, "shop")

    cluster.scale_to_zero("nosuch")
    cluster.delete("nosuch")

    assert cluster.service("nosuch") is None


def test_a_listing_of_something_else_is_missing_and_says_what_was_asked():
    ecs = FakeEcs()

    with pytest.raises(TargetMissing, match="ecs shop: list tasks: ServiceNotFoundException"):
        EcsCluster(lambda: ecs, "shop").tasks("nosuch")


def test_a_family_is_not_one_whose_name_begins_alike():
    """AWS compares the whole name; an emulator may take it for a prefix."""

    class Careless(FakeEcs):
        def list_task_definitions(self, **asked):
            del asked
            return {"taskDefinitionArns": list(self.definitions)}

    ecs = Careless()
    for family in ("checkout", "checkout-worker"):
        ecs.register_task_definition(
            family=family, containerDefinitions=[{"name": "app", "image": "i"}]
        )

    (found,) = EcsCluster(lambda: ecs, "shop").revisions("checkout")

    assert found[0].endswith("/checkout:1")
