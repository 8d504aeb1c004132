"""What is kept before all else goes; nothing is begun if anything cannot be kept."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.environments.snapshots import FinalSnapshots, snapshot_name
from tests.activities.environments.lists import a_stack, listed, no_stack
from tests.activities.environments.stubs import PREVIEW, ScriptedPace, arn, stubs
from workflows.domain.errors import Refused, Unavailable
from workflows.ports.environments import TakeSnapshots

DATABASE = listed("Db", "AWS::RDS::DBInstance", "orders")
QUEUE = listed("Queue", "AWS::SQS::Queue", "https://sqs/1/orders")
BUCKET = listed("Uploads", "AWS::S3::Bucket", "uploads")
NAME = snapshot_name("pr-7", "orders", "db-1")
ARN = arn("rds", f"snapshot:{NAME}")


@pytest.fixture
def script():
    with stubs() as script:
        yield script


def world(script, *resources, stack=True, status="CREATE_COMPLETE"):
    """The census finds these in the stack, and nothing else anywhere."""
    a_stack(script, *resources, status=status) if stack else no_stack(script)
    script.answers("resourcegroupstaggingapi", "get_resources", {"ResourceTagMappingList": []})
    script.answers("ec2", "describe_tags", {"Tags": []})
    script.answers("rds", "describe_db_instances", {"DBInstances": []})
    script.answers("rds", "describe_db_clusters", {"DBClusters": []})
    script.answers("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroups": []})


def database(script):
    """Asked for what is to be kept, it says so: it is no member of a cluster."""
    for _ in range(2):
        script.answers(
            "rds", "describe_db_instances", {"DBInstances": [{"DbiResourceId": "db-1"}]}
        )


def snapshot(script, status):
    if status is None:
        script.fails("rds", "describe_db_snapshots", "DBSnapshotNotFound", status=404)
    else:
        found = {"DBSnapshots": [{"DBSnapshotArn": ARN, "Status": status}]}
        script.answers("rds", "describe_db_snapshots", found)


def take(script, *names, everything=False, pace=None):
    ask = TakeSnapshots(
        environment="pr-7", provider=PREVIEW, resources=names, everything=everything
    )
    return FinalSnapshots(script).take(ask, pace or ScriptedPace()).snapshots


@pytest.mark.parametrize("asked", [{"everything": True}, {"names": ("Db",)}])
def test_a_snapshot_is_taken_waited_for_and_told(script, asked):
    pace = ScriptedPace()
    world(script, DATABASE, QUEUE)
    database(script)
    snapshot(script, None)
    script.answers("rds", "create_db_snapshot")
    for status in ("creating", "creating", "available"):
        snapshot(script, status)

    taken = take(script, *asked.get("names", ()), everything="everything" in asked, pace=pace)

    assert taken == (ARN,)
    assert len(pace.waits) == 2


def test_one_that_is_there_is_not_taken_again(script):
    world(script, DATABASE)
    database(script)
    for _ in range(2):
        snapshot(script, "available")

    assert take(script, "Db") == (ARN,)


def test_one_that_fails_stops_the_teardown(script):
    world(script, DATABASE)
    database(script)
    for _ in range(2):
        snapshot(script, "failed")

    with pytest.raises(Refused, match=f"snapshot {ARN} of orders failed; delete it by hand"):
        take(script, "Db")


def test_a_bucket_with_anything_in_it_is_refused_with_what_to_do_before_any_is_begun(script):
    world(script, DATABASE, BUCKET)
    found = {"DeleteMarkers": [{"Key": "a", "VersionId": "1"}]}
    script.answers("s3", "list_object_versions", found, Bucket="uploads", MaxKeys=1)

    with pytest.raises(Refused) as refused:
        take(script, everything=True)

    assert str(refused.value) == (
        "no snapshot can be taken of Uploads (arn:aws:s3:::uploads), and pr-7 must not lose data: "
        "copy what must be kept and empty or delete it by hand, or use a template without it, or "
        "one of a lower data class"
    )


def test_an_empty_bucket_holds_nothing_that_could_be_lost(script):
    world(script, BUCKET)
    script.answers("s3", "list_object_versions", {})

    assert take(script, everything=True) == ()


def test_a_bucket_that_is_gone_holds_nothing(script):
    world(script, BUCKET)
    script.fails("s3", "list_object_versions", "NoSuchBucket", status=404)

    assert take(script, everything=True) == ()


@pytest.mark.parametrize("type_", ["AWS::EFS::FileSystem", "Vendor::New::Thing"])
def test_what_may_hold_data_and_can_have_no_snapshot_is_refused(script, type_):
    world(script, listed("Thing", type_, "t-1"))

    with pytest.raises(Refused, match="no snapshot can be taken of Thing"):
        take(script, everything=True)


def test_what_is_named_and_can_have_no_snapshot_is_refused_even_if_it_holds_nothing(script):
    world(script, QUEUE)

    with pytest.raises(Refused, match="no snapshot can be taken of Queue"):
        take(script, "Queue")


def test_a_name_that_the_stack_lacks_is_refused_with_those_it_has(script):
    world(script, DATABASE, QUEUE)
    a_stack_again(script, "CREATE_COMPLETE")

    with pytest.raises(Refused, match="no snapshot can be taken of Base: the stack has Db, Queue"):
        take(script, "Base")


@pytest.mark.parametrize("status", ["DELETE_FAILED", "ROLLBACK_COMPLETE"])
def test_a_stack_that_was_not_made_whole_or_is_half_gone_may_lack_it(script, status):
    world(script, QUEUE, status=status)
    a_stack_again(script, status)

    assert take(script, "Db") == ()


def test_without_a_stack_there_is_nothing_to_keep(script):
    world(script, stack=False)
    no_stack(script)

    assert take(script, "Db") == ()


def a_stack_again(script, status):
    """Asked for once more, and for its status alone."""
    told = {"StackName": "lockgate-pr-7", "StackStatus": status, "StackId": "arn:stack"}
    script.answers("cloudformation", "describe_stacks", {"Stacks": [{**told, "CreationTime": 1}]})


def test_what_cannot_be_counted_may_hold_data(script):
    no_stack(script)
    script.fails("resourcegroupstaggingapi", "get_resources", "AccessDenied", status=403)
    script.answers("ec2", "describe_tags", {"Tags": []})
    script.answers("rds", "describe_db_instances", {"DBInstances": []})
    script.answers("rds", "describe_db_clusters", {"DBClusters": []})
    script.answers("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroups": []})

    with pytest.raises(Refused, match="what holds data in pr-7 cannot be told"):
        take(script, everything=True)


def test_a_database_that_is_busy_is_asked_again(script):
    world(script, DATABASE)
    database(script)
    snapshot(script, None)
    script.fails("rds", "create_db_snapshot", "InvalidDBInstanceState")

    with pytest.raises(Unavailable):
        take(script, "Db")


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_a_name_is_one_that_every_service_takes(source, incarnation):
    name = snapshot_name("pr-7", source, incarnation)

    assert re.fullmatch(r"[a-z]([a-zA-Z0-9]|-(?!-))*[a-zA-Z0-9]", name)
    assert len(name) <= 255
    assert name == snapshot_name("pr-7", source, incarnation)


def test_a_namesake_of_another_time_has_another_snapshot():
    assert snapshot_name("pr-7", "orders", "db-1") != snapshot_name("pr-7", "orders", "db-2")
