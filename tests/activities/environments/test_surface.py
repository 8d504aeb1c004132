"""What everybody can reach is told, and what cannot be read is told as well."""

import json

import pytest

from activities.environments.surface import SurfaceReader
from tests.activities.environments.lists import a_stack, listed
from tests.activities.environments.stubs import PREVIEW, ScriptedPace, arn, stubs
from workflows.domain.errors import Unavailable
from workflows.ports.environments import OpenPort, ReadSurface

GROUP = listed("Group", "AWS::EC2::SecurityGroup", "sg-1")
DATABASE = listed("Db", "AWS::RDS::DBInstance", "orders")
BUCKET = listed("Uploads", "AWS::S3::Bucket", "uploads")
QUEUE = listed("Queue", "AWS::SQS::Queue", "https://sqs/1/orders")
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
IN_BUCKET = {"where": "arn:aws:s3:::uploads", "protocol": "tcp", "ports": "443"}


@pytest.fixture
def script():
    with stubs() as script:
        yield script


def read(script, *resources):
    """Of an environment whose stack has these, and nothing else."""
    a_stack(script, *resources)
    script.answers("resourcegroupstaggingapi", "get_resources", {"ResourceTagMappingList": []})
    script.answers("ec2", "describe_tags", {"Tags": []})
    script.answers("rds", "describe_db_instances", {"DBInstances": []})
    script.answers("rds", "describe_db_clusters", {"DBClusters": []})
    script.answers("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroups": []})
    return lambda: SurfaceReader(script).read(
        ReadSurface(environment="pr-7", provider=PREVIEW), ScriptedPace()
    )


def rule(protocol="tcp", ports=(22, 22), v4=(), v6=()):
    told = {
        "IpProtocol": protocol,
        "IpRanges": [{"CidrIp": each} for each in v4],
        "Ipv6Ranges": [{"CidrIpv6": each} for each in v6],
    }
    return told if ports is None else {**told, "FromPort": ports[0], "ToPort": ports[1]}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (rule(v4=["0.0.0.0/0"]), [("tcp", "22", "0.0.0.0/0")]),
        (rule(ports=(8000, 8080), v6=["::/0"]), [("tcp", "8000-8080", "::/0")]),
        (rule("-1", None, v4=["10.0.0.0/8", "0.0.0.0/0"]), [("all", "all", "0.0.0.0/0")]),
        (rule("icmp", (-1, -1), v4=["0.0.0.0/0"]), [("icmp", "all", "0.0.0.0/0")]),
        (rule(v4=["10.0.0.0/8"], v6=["fd00::/8"]), []),
    ],
)
def test_a_group_is_open_where_a_rule_names_the_whole_world(script, told, expected):
    reading = read(script, GROUP, QUEUE)
    groups = {"SecurityGroups": [{"IpPermissions": [told]}]}
    script.answers("ec2", "describe_security_groups", groups, GroupIds=["sg-1"])

    found = reading()

    assert [(each.protocol, each.ports, each.to) for each in found.open] == expected
    assert {each.where for each in found.open} <= {arn("ec2", "security-group/sg-1")}
    assert found.unreadable == ()


@pytest.mark.parametrize(("public", "count"), [(True, 1), (False, 0)])
def test_a_database_is_open_where_it_has_a_public_address(script, public, count):
    reading = read(script, DATABASE)
    told = {"PubliclyAccessible": public, "Endpoint": {"Port": 5432}}
    script.answers("rds", "describe_db_instances", {"DBInstances": [told]})

    one = OpenPort(
        where=arn("rds", "db:orders"), protocol="tcp", ports="5432", to="a public address"
    )
    assert reading().open == (one,) * count


def bucket(script, *, block=None, public=None, policy=None, grants=()):
    """What S3 tells of the bucket: *public* is its judgement of the policy, if it judges."""
    rules = dict.fromkeys(("RestrictPublicBuckets", "IgnorePublicAcls"), False) | (block or {})
    if block is None:
        code = "NoSuchPublicAccessBlockConfiguration"
        script.fails("s3", "get_public_access_block", code, status=404)
    else:
        script.answers("s3", "get_public_access_block", {"PublicAccessBlockConfiguration": rules})
    if not rules["RestrictPublicBuckets"]:
        _policy(script, public, policy)
    if not rules["IgnorePublicAcls"]:
        granted = [{"Grantee": {"Type": "Group", "URI": each}} for each in grants]
        script.answers("s3", "get_bucket_acl", {"Grants": granted})


def _policy(script, public, policy):
    if public is not None:
        script.answers("s3", "get_bucket_policy_status", {"PolicyStatus": {"IsPublic": public}})
    elif policy is not None:
        script.answers("s3", "get_bucket_policy_status", {})
        script.answers("s3", "get_bucket_policy", {"Policy": policy})
    else:
        script.fails("s3", "get_bucket_policy_status", "NoSuchBucketPolicy", status=404)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, []),
        ({"public": True}, ["everybody, by its policy"]),
        ({"public": False}, []),
        ({"grants": [ALL_USERS]}, ["everybody, by its grants"]),
        ({"grants": [ALL_USERS], "block": {"IgnorePublicAcls": True}}, []),
        ({"block": {"RestrictPublicBuckets": True}}, []),
    ],
)
def test_a_bucket_is_open_by_policy_or_grants_unless_that_is_blocked(script, told, expected):
    reading = read(script, BUCKET)
    bucket(script, **told)

    assert reading().open == tuple(OpenPort(**IN_BUCKET, to=to) for to in expected)


def test_a_policy_that_nobody_judges_is_not_taken_for_closed(script):
    reading = read(script, BUCKET)
    bucket(script, policy=json.dumps({"Statement": []}), block={"IgnorePublicAcls": True})

    assert reading().unreadable == (
        "bucket uploads has a policy, and it cannot be told whom it lets in",
    )


def test_storage_that_judges_no_policies_and_has_none_is_closed(script):
    reading = read(script, BUCKET)
    script.answers("s3", "get_public_access_block", {"PublicAccessBlockConfiguration": {}})
    script.answers("s3", "get_bucket_policy_status", {})
    script.fails("s3", "get_bucket_policy", "NoSuchBucketPolicy", status=404)
    script.answers("s3", "get_bucket_acl", {"Grants": []})

    found = reading()

    assert (found.open, found.unreadable) == ((), ())


def test_what_may_not_be_read_is_told_and_the_rest_is_read(script):
    reading = read(script, GROUP, DATABASE)
    script.fails("ec2", "describe_security_groups", "UnauthorizedOperation", status=403)
    told = {"PubliclyAccessible": True, "Endpoint": {"Port": 5432}}
    script.answers("rds", "describe_db_instances", {"DBInstances": [told]})

    found = reading()

    assert len(found.open) == 1
    assert "UnauthorizedOperation" in found.unreadable[0]


def test_what_is_gone_meanwhile_is_open_to_nobody(script):
    reading = read(script, GROUP)
    script.fails("ec2", "describe_security_groups", "InvalidGroup.NotFound")

    found = reading()

    assert (found.open, found.unreadable) == ((), ())


def test_what_is_throttled_is_asked_again(script):
    reading = read(script, GROUP)
    script.fails("ec2", "describe_security_groups", "RequestLimitExceeded")

    with pytest.raises(Unavailable):
        reading()
