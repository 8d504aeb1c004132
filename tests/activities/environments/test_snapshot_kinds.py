"""Of what a snapshot is taken, how it is found again, and what has no data to keep."""

import pytest

from activities.environments.snapshot_kinds import (
    NAME,
    SNAPSHOTS,
    Seen,
    Wanted,
    begin,
    holds_nothing,
    look,
    sources,
)
from tests.activities.environments.stubs import arn, stubs, tags
from workflows.domain.errors import Refused, Unavailable

WANTED = Wanted("orders", "lockgate-pr-7-orders-1", {"lockgate:snapshot-of": "pr-7"})
(TABLE,) = SNAPSHOTS["AWS::DynamoDB::Table"]
(VOLUME,) = SNAPSHOTS["AWS::EC2::Volume"]
(CLUSTER,) = SNAPSHOTS["AWS::RDS::DBCluster"]
INSTANCE, MEMBER = SNAPSHOTS["AWS::RDS::DBInstance"]
BACKUP = "arn:aws:dynamodb:us-east-1:1:table/orders/backup/0123456789012-01234567"


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("creating", Seen("arn:s", complete=False)),
        ("available", Seen("arn:s", complete=True)),
        ("failed", Seen("arn:s", complete=False, failed=True)),
    ],
)
def test_a_snapshot_of_a_database_is_found_by_its_name(status, seen):
    with stubs() as script:
        found = {"DBSnapshots": [{"DBSnapshotArn": "arn:s", "Status": status}]}
        script.answers("rds", "describe_db_snapshots", found, DBSnapshotIdentifier=WANTED.name)

        assert look(script, INSTANCE, WANTED) == seen


@pytest.mark.parametrize(
    ("kind", "call", "code"),
    [
        (INSTANCE, "describe_db_snapshots", "DBSnapshotNotFound"),
        (CLUSTER, "describe_db_cluster_snapshots", "DBClusterSnapshotNotFoundFault"),
    ],
)
def test_a_snapshot_that_is_not_there_is_yet_to_be_taken(kind, call, code):
    with stubs() as script:
        script.fails("rds", call, code, status=404)

        assert look(script, kind, WANTED) is None


def test_a_snapshot_of_a_database_is_tagged_as_one():
    with stubs() as script:
        script.answers(
            "rds",
            "create_db_snapshot",
            DBSnapshotIdentifier=WANTED.name,
            DBInstanceIdentifier="orders",
            Tags=tags(dict(WANTED.tags)),
        )

        begin(script, INSTANCE, WANTED)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("InvalidDBInstanceState", Unavailable), ("SnapshotQuotaExceeded", Refused)],
)
def test_a_database_that_is_busy_is_asked_again(code, kind):
    with stubs() as script:
        script.fails("rds", "create_db_snapshot", code)

        with pytest.raises(kind, match=f"take snapshot {WANTED.name} of orders: {code}"):
            begin(script, INSTANCE, WANTED)


def test_the_data_of_a_member_is_its_cluster_s():
    member = {"DBInstances": [{"DBClusterIdentifier": "shop", "DbiResourceId": "db-1"}]}
    with stubs() as script:
        for _ in range(2):
            script.answers("rds", "describe_db_instances", member)
        cluster = {"DBClusters": [{"DbClusterResourceId": "cluster-1"}]}
        script.answers("rds", "describe_db_clusters", cluster, DBClusterIdentifier="shop")

        assert sources(script, INSTANCE, "orders") == []
        assert sources(script, MEMBER, "orders") == [("shop", "cluster-1")]


def test_a_database_of_its_own_is_no_member():
    alone = {"DBInstances": [{"DbiResourceId": "db-1"}]}
    with stubs() as script:
        for _ in range(2):
            script.answers("rds", "describe_db_instances", alone)

        assert sources(script, INSTANCE, "orders") == [("orders", "db-1")]
        assert sources(script, MEMBER, "orders") == []


def test_of_what_is_gone_nothing_can_be_kept():
    with stubs() as script:
        script.fails("rds", "describe_db_instances", "DBInstanceNotFound", status=404)

        assert sources(script, INSTANCE, "orders") == []


def test_a_backup_is_found_by_its_name_on_whatever_page():
    def summary(name, status="AVAILABLE"):
        return {"BackupName": name, "BackupArn": BACKUP, "BackupStatus": status}

    with stubs() as script:
        first = {"BackupSummaries": [summary("other")], "LastEvaluatedBackupArn": BACKUP}
        asked = {"TableName": "orders", "BackupType": "USER"}
        script.answers("dynamodb", "list_backups", first, **asked)
        second = {"BackupSummaries": [summary(WANTED.name, "CREATING")]}
        script.answers("dynamodb", "list_backups", second, ExclusiveStartBackupArn=BACKUP, **asked)

        assert look(script, TABLE, WANTED) == Seen(BACKUP, complete=False)


def test_a_snapshot_of_a_disk_is_found_by_a_tag():
    named = [{"Name": f"tag:{NAME}", "Values": [WANTED.name]}]
    with stubs() as script:
        found = {"Snapshots": [{"SnapshotId": "snap-1", "State": "error"}]}
        script.answers("ec2", "describe_snapshots", found, OwnerIds=["self"], Filters=named)

        assert look(script, VOLUME, WANTED) == Seen("snap-1", complete=False, failed=True)


def test_a_snapshot_of_a_disk_is_tagged_with_what_it_is_found_by():
    with stubs() as script:
        given = {"lockgate:snapshot-name": WANTED.name, **WANTED.tags}
        script.answers(
            "ec2",
            "create_snapshot",
            VolumeId="orders",
            Description="final snapshot of pr-7",
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags(given)}],
        )

        begin(script, VOLUME, WANTED)


def test_a_machine_s_disks_are_kept():
    (machine,) = SNAPSHOTS["AWS::EC2::Instance"]
    disks = [{"Ebs": {"VolumeId": "vol-1"}}, {"DeviceName": "/dev/sdb"}]
    told = {"Reservations": [{"Instances": [{"BlockDeviceMappings": disks}]}]}
    with stubs() as script:
        script.answers("ec2", "describe_instances", told, InstanceIds=["i-1"])

        assert sources(script, machine, "i-1") == [("vol-1", "vol-1")]


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("AWS::SQS::Queue", True),
        ("AWS::EC2::VPC", True),
        ("AWS::EC2::Volume", False),
        ("AWS::RDS::DBSubnetGroup", True),
        ("AWS::RDS::DBInstance", False),
        ("AWS::S3::Bucket", False),
        ("AWS::S3::BucketPolicy", True),
        ("AWS::EFS::FileSystem", False),
        ("AWS::Cognito::UserPool", False),
        ("Vendor::New::Thing", False),
        ("", False),
    ],
)
def test_what_nobody_knows_may_hold_data(type_, expected):
    assert holds_nothing(type_) is expected


def test_a_cluster_is_asked_for_by_its_own_names():
    name = arn("rds", "cluster-snapshot:s")
    with stubs() as script:
        found = {"DBClusterSnapshots": [{"DBClusterSnapshotArn": name, "Status": "available"}]}
        script.answers(
            "rds",
            "describe_db_cluster_snapshots",
            found,
            DBClusterSnapshotIdentifier=WANTED.name,
        )
        script.answers(
            "rds",
            "create_db_cluster_snapshot",
            DBClusterSnapshotIdentifier=WANTED.name,
            DBClusterIdentifier="orders",
            Tags=tags(dict(WANTED.tags)),
        )

        assert look(script, CLUSTER, WANTED) == Seen(name, complete=True)
        begin(script, CLUSTER, WANTED)
