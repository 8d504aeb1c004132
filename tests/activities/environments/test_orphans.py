"""What outlived an environment goes in order, and nothing else does."""

import pytest

from activities.environments.orphans import Orphans
from tests.activities.environments.stubs import (
    HELD,
    OURS,
    PREVIEW,
    SNAPSHOT,
    ScriptedPace,
    arn,
    queue,
    stubs,
    tags,
)
from workflows.domain.environments.census import Resource
from workflows.domain.errors import Unavailable
from workflows.ports.environments import DeleteOrphans

ORDERS = arn("sqs", "orders")


def delete(script, *resources, pace=None):
    ask = DeleteOrphans(environment="pr-7", provider=PREVIEW, resources=resources)
    return Orphans(script).delete(ask, pace or ScriptedPace())


def is_deleted(script, name):
    """SQS is told next to delete a queue."""
    script.answers("sqs", "get_queue_url", {"QueueUrl": f"https://q/{name}"}, QueueName=name)
    script.answers("sqs", "delete_queue", QueueUrl=f"https://q/{name}")


def test_an_orphan_is_looked_at_deleted_and_seen_to_be_gone():
    with stubs() as script:
        script.tagged("orders", OURS)
        is_deleted(script, "orders")
        script.tagged("orders", None)

        deleted = delete(script, queue("orders"))

    assert (deleted.gone, deleted.left) == ((ORDERS,), {})


def test_what_is_gone_already_is_gone():
    with stubs() as script:
        script.tagged("orders", None)

        assert delete(script, queue("orders")).gone == (ORDERS,)


def test_what_goes_between_look_and_deletion_is_gone():
    with stubs() as script:
        script.tagged("orders", OURS)
        script.fails("sqs", "get_queue_url", "AWS.SimpleQueueService.NonExistentQueue")

        assert delete(script, queue("orders")).gone == (ORDERS,)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({}, "expected the tag lockgate:environment=pr-7, found none"),
        ({"lockgate:environment": "pr-8"}, "found pr-8"),
        (HELD, "is held: an auditor asks; lift the hold first"),
        (SNAPSHOT, "is a final snapshot of pr-7, and is kept"),
    ],
)
def test_what_is_somebody_elses_or_kept_on_purpose_is_left(now, why):
    """Also if a census said otherwise: the tags of this moment count."""
    with stubs() as script:
        script.tagged("orders", now)

        deleted = delete(script, queue("orders"))

    assert deleted.gone == ()
    assert why in deleted.left[ORDERS]


def test_a_type_that_is_not_known_is_left_with_what_to_do():
    named = Resource(id=arn("geo", "map/1"), type="AWS::Location::Map", tags=OURS)
    with stubs() as script:
        deleted = delete(script, named)

    assert deleted.left == {
        named.id: "it is not known here how AWS::Location::Map is deleted; delete it by hand"
    }


def test_what_refuses_to_go_is_left_with_its_reason_and_the_others_go():
    bucket = Resource(id="arn:aws:s3:::uploads", type="AWS::S3::Bucket", tags=OURS)
    with stubs() as script:
        script.answers("s3", "get_bucket_tagging", {"TagSet": tags(OURS)})
        script.fails("s3", "delete_bucket", "BucketNotEmpty", status=409)
        script.tagged("orders", OURS)
        is_deleted(script, "orders")
        script.tagged("orders", None)

        deleted = delete(script, bucket, queue("orders"))

    assert deleted.gone == (ORDERS,)
    assert "BucketNotEmpty" in deleted.left[bucket.id]


def test_what_uses_others_is_gone_before_they_are_begun():
    """An instance, then its group, then their network, whatever order the census had."""

    def group(given):
        found = [{"GroupId": "sg-1", "Tags": tags(given)}] if given is not None else []
        return {"SecurityGroups": found}

    def instance(state):
        told = {"InstanceId": "i-1", "State": {"Name": state}, "Tags": tags(OURS)}
        return {"Reservations": [{"Instances": [told]}]}

    pace = ScriptedPace()
    with stubs() as script:
        script.answers("ec2", "describe_instances", instance("running"))
        script.answers("ec2", "terminate_instances", InstanceIds=["i-1"])
        script.answers("ec2", "describe_instances", instance("shutting-down"))
        script.answers("ec2", "describe_instances", instance("terminated"))
        for _ in range(2):
            script.answers("ec2", "describe_security_groups", group(OURS))
        script.answers("ec2", "delete_security_group", GroupId="sg-1")
        script.answers("ec2", "describe_security_groups", group(None))
        script.answers("ec2", "describe_vpcs", {"Vpcs": [{"Tags": tags(OURS)}]})
        script.answers("ec2", "delete_vpc", VpcId="vpc-1")
        script.fails("ec2", "describe_vpcs", "InvalidVpcID.NotFound")

        ids = ("vpc/vpc-1", "security-group/sg-1", "instance/i-1")
        resources = [Resource(id=arn("ec2", id_), type="") for id_ in ids]
        deleted = delete(script, *resources, pace=pace)

    assert deleted.gone == tuple(arn("ec2", id_) for id_ in reversed(ids))
    assert len(pace.waits) == 1


def test_what_takes_too_long_is_left_and_the_rest_is_tried():
    database = Resource(id=arn("rds", "db:orders"), type="AWS::RDS::DBInstance", tags=OURS)
    found = {"DBInstances": [{"TagList": tags(OURS)}]}
    pace = ScriptedPace()

    def wait(seconds):
        pace.at += 20 * 60

    pace.wait = wait
    with stubs() as script:
        script.answers("rds", "describe_db_instances", found)
        script.answers("rds", "delete_db_instance")
        for _ in range(2):
            script.answers("rds", "describe_db_instances", found)
        script.tagged("orders", None)

        deleted = delete(script, database, queue("orders"), pace=pace)

    assert deleted.left == {database.id: "it is still being deleted"}
    assert deleted.gone == (ORDERS,)


def test_what_is_throttled_is_asked_again_as_a_whole():
    with stubs() as script:
        script.fails("sqs", "get_queue_url", "RequestThrottled")

        with pytest.raises(Unavailable):
            delete(script, queue("orders"))
