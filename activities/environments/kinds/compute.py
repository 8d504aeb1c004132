"""What runs, what starts it, and what shares its load."""

from typing import Any

from activities.environments.kinds.kind import Kind, Rank, Tags, Thing, tags_of


def _scaling_group(autoscaling: Any, thing: Thing) -> Tags | None:
    answer = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[thing.id])
    groups = answer["AutoScalingGroups"]
    return tags_of(groups[0]["Tags"]) if groups else None


def _delete_scaling_group(autoscaling: Any, thing: Thing) -> None:
    """With its instances, as CloudFormation does it."""
    autoscaling.delete_auto_scaling_group(AutoScalingGroupName=thing.id, ForceDelete=True)


def _rule(events: Any, thing: Thing) -> Tags | None:
    return tags_of(events.list_tags_for_resource(ResourceARN=thing.arn)["Tags"])


def _delete_rule(events: Any, thing: Thing) -> None:
    bus, _, name = thing.id.rpartition("/")
    where = {"EventBusName": bus} if bus else {}
    targets = events.list_targets_by_rule(Rule=name, **where)["Targets"]
    if targets:
        events.remove_targets(Rule=name, Ids=[target["Id"] for target in targets], **where)
    events.delete_rule(Name=name, **where)


def _ecs_service(ecs: Any, thing: Thing) -> Tags | None:
    cluster, _, _name = thing.id.rpartition("/")
    answer = ecs.describe_services(cluster=cluster, services=[thing.arn], include=["TAGS"])
    for service in answer["services"]:
        if service["status"] != "INACTIVE":
            return tags_of(service.get("tags", ()), "key", "value")
    return None


def _delete_ecs_service(ecs: Any, thing: Thing) -> None:
    cluster, _, _name = thing.id.rpartition("/")
    ecs.delete_service(cluster=cluster, service=thing.arn, force=True)


def _ecs_cluster(ecs: Any, thing: Thing) -> Tags | None:
    answer = ecs.describe_clusters(clusters=[thing.arn], include=["TAGS"])
    for cluster in answer["clusters"]:
        if cluster["status"] != "INACTIVE":
            return tags_of(cluster.get("tags", ()), "key", "value")
    return None


def _delete_ecs_cluster(ecs: Any, thing: Thing) -> None:
    ecs.delete_cluster(cluster=thing.arn)


def _task_definition(ecs: Any, thing: Thing) -> Tags | None:
    """An inactive one is as good as gone: CloudFormation leaves no more, and no task can start."""
    answer = ecs.describe_task_definition(taskDefinition=thing.arn, include=["TAGS"])
    if answer["taskDefinition"]["status"] != "ACTIVE":
        return None
    return tags_of(answer.get("tags", ()), "key", "value")


def _deregister(ecs: Any, thing: Thing) -> None:
    ecs.deregister_task_definition(taskDefinition=thing.arn)


def _function(lambda_: Any, thing: Thing) -> Tags | None:
    tags: Tags = lambda_.list_tags(Resource=thing.arn).get("Tags", {})
    return tags


def _delete_function(lambda_: Any, thing: Thing) -> None:
    lambda_.delete_function(FunctionName=thing.arn)


def _state_machine(states: Any, thing: Thing) -> Tags | None:
    found = states.describe_state_machine(stateMachineArn=thing.arn)
    if found["status"] == "DELETING":
        return None  # it starts nothing any more, and goes when its last execution ends
    return tags_of(states.list_tags_for_resource(resourceArn=thing.arn)["tags"], "key", "value")


def _delete_state_machine(states: Any, thing: Thing) -> None:
    states.delete_state_machine(stateMachineArn=thing.arn)


def _balanced(elb: Any, thing: Thing) -> Tags | None:
    described = elb.describe_tags(ResourceArns=[thing.arn])["TagDescriptions"]
    return tags_of(described[0]["Tags"]) if described else None


def _delete_listener(elb: Any, thing: Thing) -> None:
    elb.delete_listener(ListenerArn=thing.arn)


def _delete_balancer(elb: Any, thing: Thing) -> None:
    elb.delete_load_balancer(LoadBalancerArn=thing.arn)


def _delete_target_group(elb: Any, thing: Thing) -> None:
    elb.delete_target_group(TargetGroupArn=thing.arn)


_ELB = "elasticloadbalancing:{region}:{account}:"
_ECS = "ecs:{region}:{account}:"

COMPUTE = (
    Kind(
        type="AWS::AutoScaling::AutoScalingGroup",
        service="autoscaling",
        arn="autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{id}",
        ids=r".+",
        rank=Rank.DRIVERS,
        read=_scaling_group,
        delete=_delete_scaling_group,
    ),
    Kind(
        type="AWS::Events::Rule",
        service="events",
        arn="events:{region}:{account}:rule/{id}",
        ids=r"[^:]+",
        rank=Rank.DRIVERS,
        read=_rule,
        delete=_delete_rule,
    ),
    Kind(
        type="AWS::ECS::Service",
        service="ecs",
        arn=_ECS + "service/{id}",
        ids=r"[^:]+/[^:/]+",
        rank=Rank.DRIVERS,
        read=_ecs_service,
        delete=_delete_ecs_service,
    ),
    Kind(
        type="AWS::ElasticLoadBalancingV2::Listener",
        service="elbv2",
        arn=_ELB + "listener/{id}",
        ids=r"[^:]+",
        rank=Rank.DRIVERS,
        read=_balanced,
        delete=_delete_listener,
    ),
    Kind(
        type="AWS::Lambda::Function",
        service="lambda",
        arn="lambda:{region}:{account}:function:{id}",
        rank=Rank.COMPUTE,
        read=_function,
        delete=_delete_function,
    ),
    Kind(
        type="AWS::StepFunctions::StateMachine",
        service="stepfunctions",
        arn="states:{region}:{account}:stateMachine:{id}",
        rank=Rank.COMPUTE,
        read=_state_machine,
        delete=_delete_state_machine,
    ),
    Kind(
        type="AWS::ElasticLoadBalancingV2::LoadBalancer",
        service="elbv2",
        arn=_ELB + "loadbalancer/{id}",
        ids=r"[^:]+/[^:]+/[^:]+",
        rank=Rank.COMPUTE,
        read=_balanced,
        delete=_delete_balancer,
    ),
    Kind(
        type="AWS::ElasticLoadBalancingV2::TargetGroup",
        service="elbv2",
        arn=_ELB + "targetgroup/{id}",
        ids=r"[^:]+",
        rank=Rank.GROUPS,
        read=_balanced,
        delete=_delete_target_group,
    ),
    Kind(
        type="AWS::ECS::TaskDefinition",
        service="ecs",
        arn=_ECS + "task-definition/{id}",
        ids=r"[^:]+:\d+",
        rank=Rank.GROUPS,
        read=_task_definition,
        delete=_deregister,
    ),
    Kind(
        type="AWS::ECS::Cluster",
        service="ecs",
        arn=_ECS + "cluster/{id}",
        rank=Rank.GROUPS,
        read=_ecs_cluster,
        delete=_delete_ecs_cluster,
    ),
)
