"""What still runs, what is as good as gone, and what goes with what."""

import pytest

from tests.activities.environments.stubs import OURS, arn, delete_by, stubs, tags, tags_by

LOWER = [{"key": "lockgate:environment", "value": "pr-7"}]
SERVICE = arn("ecs", "service/web/front")
RULE = arn("events", "rule/shop/nightly")


@pytest.mark.parametrize(("status", "expected"), [("DRAINING", OURS), ("INACTIVE", None)])
def test_a_service_is_gone_once_it_is_inactive(status, expected):
    with stubs() as ecs:
        told = {"services": [{"status": status, "tags": LOWER}]}
        ecs.answers(
            "ecs",
            "describe_services",
            told,
            cluster="web",
            services=[SERVICE],
            include=["TAGS"],
        )

        assert tags_by(ecs, SERVICE) == expected


@pytest.mark.parametrize(
    ("named", "call", "answer", "expected"),
    [
        ("cluster/web", "describe_clusters", {"clusters": []}, None),
        ("cluster/web", "describe_clusters", {"clusters": [{"status": "INACTIVE"}]}, None),
        (
            "cluster/web",
            "describe_clusters",
            {"clusters": [{"status": "ACTIVE", "tags": LOWER}]},
            OURS,
        ),
        (
            "task-definition/front:7",
            "describe_task_definition",
            {"taskDefinition": {"status": "INACTIVE"}, "tags": LOWER},
            None,
        ),
        (
            "task-definition/front:7",
            "describe_task_definition",
            {"taskDefinition": {"status": "ACTIVE"}, "tags": LOWER},
            OURS,
        ),
    ],
)
def test_what_is_left_of_ecs_is_told_by_its_status(named, call, answer, expected):
    with stubs() as ecs:
        ecs.answers("ecs", call, answer)

        assert tags_by(ecs, arn("ecs", named)) == expected


def test_a_scaling_group_goes_with_its_instances():
    named = arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/web")
    with stubs() as autoscaling:
        autoscaling.answers(
            "autoscaling",
            "describe_auto_scaling_groups",
            {"AutoScalingGroups": []},
            AutoScalingGroupNames=["web"],
        )
        autoscaling.answers(
            "autoscaling",
            "delete_auto_scaling_group",
            AutoScalingGroupName="web",
            ForceDelete=True,
        )

        assert tags_by(autoscaling, named) is None
        delete_by(autoscaling, named)


def test_a_rule_of_a_bus_of_its_own_loses_its_targets_first():
    bus = {"EventBusName": "shop"}
    with stubs() as events:
        events.answers(
            "events",
            "list_targets_by_rule",
            {"Targets": [{"Id": "1", "Arn": "arn:q"}]},
            Rule="nightly",
            **bus,
        )
        events.answers("events", "remove_targets", {}, Rule="nightly", Ids=["1"], **bus)
        events.answers("events", "delete_rule", {}, Name="nightly", **bus)

        delete_by(events, RULE)


def test_a_state_machine_that_is_being_deleted_starts_nothing_any_more():
    named = arn("states", "stateMachine:pay")
    told = {
        "stateMachineArn": named,
        "name": "pay",
        "definition": "{}",
        "roleArn": "arn:aws:iam::1:role/r",
        "type": "STANDARD",
        "creationDate": 1,
    }
    with stubs() as states:
        states.answers("stepfunctions", "describe_state_machine", {**told, "status": "DELETING"})
        states.answers("stepfunctions", "describe_state_machine", {**told, "status": "ACTIVE"})
        states.answers("stepfunctions", "list_tags_for_resource", {"tags": LOWER})

        assert tags_by(states, named) is None
        assert tags_by(states, named) == OURS


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("listener/app/web/1/2", "ListenerNotFound"),
        ("loadbalancer/app/web/1", "LoadBalancerNotFound"),
        ("targetgroup/web/1", "TargetGroupNotFound"),
    ],
)
def test_what_load_balancing_does_not_find_is_gone(named, code):
    with stubs() as elb:
        elb.fails("elbv2", "describe_tags", code)

        assert tags_by(elb, arn("elasticloadbalancing", named)) is None


def test_a_balancer_s_tags_are_read():
    named = arn("elasticloadbalancing", "loadbalancer/app/web/1")
    with stubs() as elb:
        told = {"TagDescriptions": [{"ResourceArn": named, "Tags": tags(OURS)}]}
        elb.answers("elbv2", "describe_tags", told, ResourceArns=[named])

        assert tags_by(elb, named) == OURS
