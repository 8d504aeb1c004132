"""What is left of an environment, counted and removed: at ministack, and at moto where it pages.

ministack leaves out pages, and its list of all tags knows neither EC2 nor RDS; moto knows them,
and no stack's tags. Both tell tags of tables that are gone.
"""

import itertools
import json
from contextlib import ExitStack

import pytest

from activities.environments.buckets import Buckets
from activities.environments.census import CensusTaker
from activities.environments.finding import Finder
from activities.environments.orphans import Orphans
from activities.environments.snapshots import FinalSnapshots
from activities.environments.stacks import stack_name
from activities.environments.surface import SurfaceReader
from tests.contract.emulators import client
from tests.contract.provisioned import QuickPace
from tests.contract.resources import a_bucket, a_database, a_queue, a_stack, a_table
from workflows.domain.errors import Refused
from workflows.domain.values import Provider
from workflows.ports.environments import (
    DeleteOrphans,
    EmptyBuckets,
    FindTagged,
    ReadSurface,
    TakeCensus,
    TakeSnapshots,
)

PREVIEW = Provider(type="cloudformation", connection="preview")
_NUMBERS = itertools.count(1)


@pytest.fixture
def name():
    """An environment that no other test has."""
    return f"left-{next(_NUMBERS)}"


@pytest.fixture(params=["ministack", "moto"])
def clients(request):
    with ExitStack() as closing:
        opened = {}
        url = request.getfixturevalue(request.param)

        def of(service):
            if service not in opened:
                opened[service] = client(service, url)
                closing.callback(opened[service].close)
            return opened[service]

        yield of


on_ministack = pytest.mark.parametrize("clients", ["ministack"], indirect=True)
on_moto = pytest.mark.parametrize("clients", ["moto"], indirect=True)


def listed(name, **more):
    return [{"Key": "lockgate:environment", "Value": name}, *_pairs(more)]


def flat(name):
    return {"lockgate:environment": name}


def _pairs(given):
    return [{"Key": f"lockgate:{key}", "Value": value} for key, value in given.items()]


def count(clients, name, **more):
    ask = TakeCensus(environment=name, provider=PREVIEW, **more)
    return CensusTaker(clients).take(ask, QuickPace())


def delete(clients, name, census):
    ask = DeleteOrphans(environment=name, provider=PREVIEW, resources=census.resources)
    return Orphans(clients).delete(ask, QuickPace())


def keep(clients, name, *names, everything=False):
    ask = TakeSnapshots(environment=name, provider=PREVIEW, resources=names, everything=everything)
    return FinalSnapshots(clients).take(ask, QuickPace()).snapshots


def ids(census):
    return {each.id for each in census.resources}


def test_an_environment_that_never_was_is_proved_to_be_gone(clients, name):
    assert count(clients, name).empty


def test_orphans_of_every_list_are_counted_deleted_and_proved_gone(clients, name):
    """With a database and a disk, which each emulator's list of all tags may not know."""
    ec2 = clients("ec2")
    disk = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    ec2.create_tags(Resources=[disk], Tags=listed(name))
    made = {
        a_queue(clients, tags=flat(name)),
        a_bucket(clients, tags=listed(name)),
        a_table(clients, tags=listed(name)),
        a_database(clients, tags=listed(name)),
    }
    someone = a_queue(clients, tags=flat(f"{name}-other"))

    before = count(clients, name)
    deleted = delete(clients, name, before)

    assert made < ids(before)
    assert len(before.resources) == 5
    assert set(deleted.gone) == ids(before)
    assert deleted.left == {}
    assert count(clients, name).empty
    assert ids(count(clients, f"{name}-other")) == {someone}


def test_a_table_that_is_gone_does_not_count_although_its_tags_are_told(clients, name):
    table = a_table(clients, tags=listed(name))
    assert ids(count(clients, name)) == {table}

    clients("dynamodb").delete_table(TableName=table.rsplit("/", 1)[-1])

    assert count(clients, name).empty


def test_an_instance_that_is_terminated_does_not_count_although_ec2_tells_of_it(clients, name):
    ec2 = clients("ec2")
    ran = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    machine = ran["Instances"][0]["InstanceId"]
    ec2.create_tags(Resources=[machine], Tags=listed(name))
    assert len(ids(count(clients, name))) == 1

    ec2.terminate_instances(InstanceIds=[machine])

    assert count(clients, name).empty


def test_what_is_tagged_for_another_one_meanwhile_is_not_deleted(clients, name):
    queue = a_queue(clients, tags=flat(name))
    census = count(clients, name)
    sqs = clients("sqs")
    url = sqs.get_queue_url(QueueName=queue.rsplit(":", 1)[-1])["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags=flat("another"))

    deleted = delete(clients, name, census)

    assert deleted.gone == ()
    assert "found another" in deleted.left[queue]
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == flat("another")


def test_a_held_bucket_is_neither_emptied_nor_deleted(clients, name):
    bucket = a_bucket(clients, tags=listed(name, hold="an auditor asks"))
    clients("s3").put_object(Bucket=bucket.removeprefix("arn:aws:s3:::"), Key="a", Body=b"x")
    ask = EmptyBuckets(environment=name, provider=PREVIEW)

    with pytest.raises(Refused, match="is held: an auditor asks"):
        Buckets(clients).empty(ask, QuickPace())

    assert "is held" in delete(clients, name, count(clients, name)).left[bucket]


def test_a_full_bucket_goes_once_it_is_emptied(clients, name):
    bucket = a_bucket(clients, tags=listed(name))
    named = bucket.removeprefix("arn:aws:s3:::")
    for key in ("a", "b"):
        clients("s3").put_object(Bucket=named, Key=key, Body=b"x")
    left = delete(clients, name, count(clients, name)).left
    assert "BucketNotEmpty" in left[bucket]

    emptied = Buckets(clients).empty(EmptyBuckets(environment=name, provider=PREVIEW), QuickPace())

    assert emptied.buckets == {named: 2}
    assert delete(clients, name, count(clients, name)).gone == (bucket,)


def a_found(clients):
    """Every page of every list, put together; and how many pages there were."""
    environments, page, pages = {}, "", 0
    while page or not pages:
        found = Finder(clients).find(FindTagged(provider=PREVIEW, page=page))
        assert found.unreadable == ()
        environments |= found.environments
        page, pages = found.page, pages + 1
    return environments, pages


def test_every_environment_is_found_by_whatever_is_left_of_it(clients, name):
    a_queue(clients, tags=flat(f"{name}-queue"))
    a_database(clients, tags=listed(f"{name}-db", owner="ana"))
    ec2 = clients("ec2")
    disk = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    ec2.create_tags(Resources=[disk], Tags=listed(f"{name}-disk", hold="why"))
    a_stack(clients, tags=listed(f"{name}-stack"))

    environments, _ = a_found(clients)

    assert {f"{name}-{kind}" for kind in ("queue", "db", "disk", "stack")} <= set(environments)
    assert environments[f"{name}-db"]["lockgate:owner"] == "ana"
    assert environments[f"{name}-disk"]["lockgate:hold"] == "why"


@on_moto
def test_more_than_a_page_is_turned_page_by_page(clients, name):
    queues = {a_queue(clients, tags=flat(name)) for _ in range(120)}

    census = count(clients, name)
    _, pages = a_found(clients)

    assert ids(census) == queues
    assert pages > 6  # there are six lists


@on_ministack
def test_what_a_stack_has_is_counted_by_its_name_in_the_template(clients, name):
    body = json.dumps(
        {
            "Resources": {
                "Uploads": {"Type": "AWS::S3::Bucket"},
                "Orders": {"Type": "AWS::SQS::Queue"},
                "News": {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"},
                "Role": {
                    "Type": "AWS::IAM::Role",
                    "DeletionPolicy": "Retain",
                    "Properties": {"AssumeRolePolicyDocument": {"Statement": []}},
                },
            }
        }
    )
    stack = a_stack(clients, name=stack_name(name), body=body, tags=listed(name))
    _wait(clients, "stack_create_complete", stack)
    before = count(clients, name)
    clients("cloudformation").delete_stack(StackName=stack)
    _wait(clients, "stack_delete_complete", stack)

    after = count(clients, name, stack=stack)

    assert {each.name for each in before.resources} == {"", "Uploads", "Orders", "News", "Role"}
    assert {each.type for each in after.resources} == {"AWS::SNS::Topic", "AWS::IAM::Role"}
    assert {each.type for each in count(clients, name).resources} == {"AWS::SNS::Topic"}, (
        "a role is in no list of tags: only the stack's id tells of it"
    )
    assert set(delete(clients, name, after).gone) == ids(after)
    assert count(clients, name, stack=stack).empty


def _wait(clients, until, stack):
    clients("cloudformation").get_waiter(until).wait(
        StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 50}
    )


def test_a_final_snapshot_is_taken_once_and_outlives_its_database(clients, name):
    database = a_database(clients, tags=listed(name))

    (taken,) = keep(clients, name, everything=True)

    assert keep(clients, name, everything=True) == (taken,)
    tags = clients("rds").list_tags_for_resource(ResourceName=taken)["TagList"]
    assert {"Key": "lockgate:snapshot-of", "Value": name} in tags
    assert delete(clients, name, count(clients, name)).gone == (database,)
    assert count(clients, name).empty
    snapshots = clients("rds").describe_db_snapshots()["DBSnapshots"]
    assert taken in {each["DBSnapshotArn"] for each in snapshots}


def test_a_table_and_disks_are_kept_as_well(clients, name):
    a_table(clients, tags=listed(name))
    ec2 = clients("ec2")
    disk = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    ec2.create_tags(Resources=[disk], Tags=listed(name, team="shop"))

    taken = keep(clients, name, everything=True)

    assert keep(clients, name, everything=True) == taken
    (snapshot,) = [each for each in taken if each.startswith("snap-")]
    (backup,) = [each for each in taken if "/backup/" in each]
    (told,) = ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"]
    assert told["VolumeId"] == disk
    assert {"Key": "lockgate:team", "Value": "shop"} in told["Tags"]
    described = clients("dynamodb").describe_backup(BackupArn=backup)
    assert described["BackupDescription"]["BackupDetails"]["BackupStatus"] == "AVAILABLE"


@on_ministack
def test_a_snapshot_of_a_resource_of_the_stack_is_asked_for_by_its_name(clients, name):
    body = json.dumps(
        {
            "Resources": {
                "Db": {
                    "Type": "AWS::RDS::DBInstance",
                    "Properties": {
                        "Engine": "postgres",
                        "DBInstanceClass": "db.t3.micro",
                        "MasterUsername": "app",
                        "MasterUserPassword": "not-a-secret",
                        "AllocatedStorage": "20",
                    },
                },
                "Orders": {"Type": "AWS::SQS::Queue"},
            }
        }
    )
    a_stack(clients, name=stack_name(name), body=body, tags=listed(name))
    _wait(clients, "stack_create_complete", stack_name(name))

    (taken,) = keep(clients, name, "Db")

    assert ":snapshot:lockgate-left-" in taken
    with pytest.raises(Refused, match="no snapshot can be taken of Cache: the stack has Db, Ord"):
        keep(clients, name, "Cache")


def test_a_bucket_with_data_is_refused_where_nothing_may_be_lost(clients, name):
    bucket = a_bucket(clients, tags=listed(name))
    assert keep(clients, name, everything=True) == ()
    clients("s3").put_object(Bucket=bucket.removeprefix("arn:aws:s3:::"), Key="a", Body=b"x")

    with pytest.raises(Refused, match="a template without it, or one of a lower data class"):
        keep(clients, name, everything=True)


def test_what_everybody_can_reach_is_told(clients, name):
    database = a_database(clients, tags=listed(name), public=True)
    bucket = a_bucket(clients, tags=listed(name))
    _open_to_all(clients("s3"), bucket.removeprefix("arn:aws:s3:::"))
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName=name, Description="of a test", VpcId=vpc)[
        "GroupId"
    ]
    ec2.create_tags(Resources=[group], Tags=listed(name))
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
    }
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])

    found = SurfaceReader(clients).read(
        ReadSurface(environment=name, provider=PREVIEW), QuickPace()
    )

    assert found.unreadable == ()
    where = {(each.where.rsplit(":", 1)[-1].split("/")[0], each.ports) for each in found.open}
    assert where == {
        (database.rsplit(":", 1)[-1], "5432"),
        (bucket.rsplit(":", 1)[-1], "443"),
        ("security-group", "22"),
    }
    assert {each.to for each in found.open} == {
        "0.0.0.0/0",
        "::/0",
        "a public address",
        "everybody, by its grants",
    }


def _open_to_all(s3, bucket):
    """As one has to, against all that AWS has put in the way of it."""
    owner = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=owner)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")


@on_moto
def test_a_bucket_whose_policy_lets_everybody_in_is_told(clients, name):
    """ministack does not judge policies."""
    bucket = a_bucket(clients, tags=listed(name))
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": f"{bucket}/*"}]}
    clients("s3").put_bucket_policy(
        Bucket=bucket.removeprefix("arn:aws:s3:::"), Policy=json.dumps(policy)
    )

    found = SurfaceReader(clients).read(
        ReadSurface(environment=name, provider=PREVIEW), QuickPace()
    )

    assert [each.to for each in found.open] == ["everybody, by its policy"]
