"""Each list is read a page at a time, and tells whose each thing is."""

import pytest

from activities.environments.sources import (
    ALL,
    ONE,
    Databases,
    Ec2Tags,
    EveryTag,
    Marked,
    Page,
    ScalingGroups,
    StackTags,
)
from tests.activities.environments.stubs import ACCOUNT, OURS, STACK, arn, stubs, tags

THEIRS = {"lockgate:environment": "pr-8"}
RDS = Databases("rds", "describe_db_instances", "DBInstances", "DBInstanceArn")


def page(source, script, environment="pr-7", token=""):
    return source.page(script, environment, token)


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ("pr-7", {"Key": "lockgate:environment", "Values": ["pr-7"]}),
        (None, {"Key": "lockgate:environment"}),
    ],
)
def test_the_list_of_all_tags_is_asked_by_the_tag(environment, asked):
    queue = arn("sqs", "orders")
    told = {"ResourceTagMappingList": [{"ResourceARN": queue, "Tags": tags(OURS)}]}
    with stubs() as script:
        script.answers(
            "resourcegroupstaggingapi",
            "get_resources",
            {**told, "PaginationToken": "2"},
            TagFilters=[asked],
            ResourcesPerPage=100,
            PaginationToken="1",
        )

        assert page(EveryTag(), script, environment, "1") == Page((Marked(queue, OURS),), "2")


def ec2_tags(*given):
    return {
        "Tags": [
            {"ResourceId": id_, "ResourceType": type_, "Key": key, "Value": value}
            for id_, type_, key, value in given
        ]
    }


ENVIRONMENT = ("lockgate:environment", "pr-7")


def test_ec2_is_asked_by_the_tag_and_then_for_all_tags_of_what_has_it():
    """Asked by one tag it tells that one alone, and a hold is another one."""
    by_tag = [
        {"Name": "key", "Values": ["lockgate:environment"]},
        {"Name": "value", "Values": ["pr-7"]},
    ]
    with stubs() as script:
        one = ec2_tags(("i-1", "instance", *ENVIRONMENT), ("sg-1", "security-group", *ENVIRONMENT))
        script.answers(
            "ec2", "describe_tags", {**one, "NextToken": "2"}, Filters=by_tag, MaxResults=200
        )
        ids = [{"Name": "resource-id", "Values": ["i-1", "sg-1"]}]
        held = ("i-1", "instance", "lockgate:hold", "why")
        first = {**ec2_tags(held, ("i-1", "instance", *ENVIRONMENT)), "NextToken": "b"}
        script.answers("ec2", "describe_tags", first, Filters=ids)
        rest = ec2_tags(("sg-1", "security-group", *ENVIRONMENT))
        script.answers("ec2", "describe_tags", rest, Filters=ids, NextToken="b")
        script.answers("sts", "get_caller_identity", {"Account": ACCOUNT})

        found = page(Ec2Tags(), script)

    assert found == Page(
        (
            Marked(arn("ec2", "instance/i-1"), {**OURS, "lockgate:hold": "why"}),
            Marked(arn("ec2", "security-group/sg-1"), OURS),
        ),
        "2",
    )


def test_ec2_without_any_is_asked_once():
    with stubs() as script:
        script.answers("ec2", "describe_tags", {"Tags": []})

        assert page(Ec2Tags(), script, None) == Page(())


def database(name, given):
    return {"DBInstanceArn": arn("rds", f"db:{name}"), "TagList": tags(given)}


@pytest.mark.parametrize(("environment", "found"), [("pr-7", ["a"]), (None, ["a", "b"])])
def test_databases_are_told_apart_here(environment, found):
    told = {"DBInstances": [database("a", OURS), database("b", THEIRS), database("c", {})]}
    with stubs() as script:
        script.answers(
            "rds", "describe_db_instances", {**told, "Marker": "2"}, MaxRecords=100, Marker="1"
        )

        answer = page(RDS, script, environment, "1")

    assert [each.arn for each in answer.marked] == [arn("rds", f"db:{name}") for name in found]
    assert answer.next == "2"


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ("pr-7", {"Name": "tag:lockgate:environment", "Values": ["pr-7"]}),
        (None, {"Name": "tag-key", "Values": ["lockgate:environment"]}),
    ],
)
def test_scaling_groups_are_asked_by_the_tag(environment, asked):
    group = {
        "AutoScalingGroupName": "web",
        "AutoScalingGroupARN": arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/web"),
        "MinSize": 0,
        "MaxSize": 0,
        "DesiredCapacity": 0,
        "DefaultCooldown": 1,
        "AvailabilityZones": ["us-east-1a"],
        "HealthCheckType": "EC2",
        "CreatedTime": 1,
        "Tags": tags(OURS),
    }
    with stubs() as script:
        script.answers(
            "autoscaling",
            "describe_auto_scaling_groups",
            {"AutoScalingGroups": [group]},
            Filters=[asked],
            MaxRecords=100,
        )

        (found,) = page(ScalingGroups(), script, environment).marked

    assert found == Marked(group["AutoScalingGroupARN"], OURS)


def test_stacks_are_told_apart_here():
    def stack(id_, given):
        told = {"StackName": "s", "StackStatus": "REVIEW_IN_PROGRESS", "CreationTime": 1}
        return {**told, "StackId": id_, "Tags": tags(given)}

    told = {"Stacks": [stack(STACK, OURS), stack("other", {})], "NextToken": "2"}
    with stubs() as script:
        script.answers("cloudformation", "describe_stacks", told)

        assert page(StackTags(), script, None) == Page((Marked(STACK, OURS),), "2")


def test_lists_have_names_of_their_own():
    names = [source.name for source in ALL]

    assert len(set(names)) == len(names)
    assert not any("/" in name for name in names)
    assert set(ONE) < set(ALL)
