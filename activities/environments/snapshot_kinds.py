"""How a final snapshot is taken of each type that can have one, and which types cannot."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.environments.provisioner import AwsClients
from activities.environments.tagging import written
from workflows.domain.environments.census import Tag
from workflows.domain.errors import Refused, TargetMissing, Unavailable

NAME = "lockgate:snapshot-name"
"""The tag by which a snapshot is found again whose id is the provider's choice."""

# A database that is just being changed or backed up can be asked again soon.
_NOT_NOW = {
    "BackupInUseException",
    "InvalidDBClusterStateFault",
    "InvalidDBInstanceState",
    "InvalidDBInstanceStateFault",
    "SnapshotCreationPerVolumeRateExceeded",
    "TableInUseException",
}


@dataclass(frozen=True)
class Wanted:
    """A final snapshot that is to be: of what, what it is called and tagged."""

    source: str
    """The id of the source to its own service."""
    name: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Seen:
    """A snapshot as its service has it."""

    id: str
    complete: bool
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class SnapshotKind:
    """One way to keep data. All three raise what botocore raises."""

    service: str
    sources: Callable[[Any, str], Iterator[tuple[str, str]]]
    """What is to be kept of a resource, each by its id, with what tells it from its namesakes."""
    find: Callable[[Any, Wanted], Seen | None]
    take: Callable[[Any, Wanted], None]


def look(clients: AwsClients, kind: SnapshotKind, wanted: Wanted) -> Seen | None:
    """The snapshot, if it was begun.

    Raises:
        Unavailable: the service does not answer, or throttles.
    """
    with in_release_words(f"{kind.service}: look for snapshot {wanted.name}"):
        return kind.find(clients(kind.service), wanted)


def begin(clients: AwsClients, kind: SnapshotKind, wanted: Wanted) -> None:
    """Have it taken; asked again, it says that there is one.

    Raises:
        Unavailable: the service does not answer, throttles, or cannot take one just now.
        Refused: it cannot be taken.
    """
    try:
        with in_release_words(f"{kind.service}: take snapshot {wanted.name} of {wanted.source}"):
            kind.take(clients(kind.service), wanted)
    except Refused as error:
        cause = error.__cause__
        if isinstance(cause, ClientError) and error_code(cause) in _NOT_NOW:
            raise Unavailable(str(error)) from error
        raise


def sources(clients: AwsClients, kind: SnapshotKind, id_: str) -> list[tuple[str, str]]:
    """What is to be kept of the resource *id_*; nothing where it is gone."""
    try:
        with in_release_words(f"{kind.service}: look at {id_}"):
            return list(kind.sources(clients(kind.service), id_))
    except TargetMissing:
        return []


def _instance(rds: Any, id_: str) -> Iterator[tuple[str, str]]:
    for found in rds.describe_db_instances(DBInstanceIdentifier=id_)["DBInstances"]:
        if not found.get("DBClusterIdentifier"):
            yield id_, str(found.get("DbiResourceId"))


def _find_instance(rds: Any, wanted: Wanted) -> Seen | None:
    return _found_in_rds(
        lambda: rds.describe_db_snapshots(DBSnapshotIdentifier=wanted.name)["DBSnapshots"],
        "DBSnapshotArn",
    )


def _take_instance(rds: Any, wanted: Wanted) -> None:
    rds.create_db_snapshot(
        DBSnapshotIdentifier=wanted.name,
        DBInstanceIdentifier=wanted.source,
        Tags=written(wanted.tags),
    )


def _cluster(rds: Any, id_: str) -> Iterator[tuple[str, str]]:
    for found in rds.describe_db_clusters(DBClusterIdentifier=id_)["DBClusters"]:
        yield id_, str(found.get("DbClusterResourceId"))


def _cluster_of(rds: Any, id_: str) -> Iterator[tuple[str, str]]:
    """A member's data is its cluster's."""
    for found in rds.describe_db_instances(DBInstanceIdentifier=id_)["DBInstances"]:
        if cluster := found.get("DBClusterIdentifier"):
            yield from _cluster(rds, cluster)


def _find_cluster(rds: Any, wanted: Wanted) -> Seen | None:
    return _found_in_rds(
        lambda: rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=wanted.name)[
            "DBClusterSnapshots"
        ],
        "DBClusterSnapshotArn",
    )


def _take_cluster(rds: Any, wanted: Wanted) -> None:
    rds.create_db_cluster_snapshot(
        DBClusterSnapshotIdentifier=wanted.name,
        DBClusterIdentifier=wanted.source,
        Tags=written(wanted.tags),
    )


def _found_in_rds(ask: Callable[[], list[dict[str, Any]]], arn: str) -> Seen | None:
    try:
        listed = ask()
    except ClientError as error:
        if "SnapshotNotFound" in error_code(error):
            return None
        raise
    for each in listed:
        status = each["Status"]
        return Seen(each[arn], status == "available", failed=status == "failed")
    return None


def _table(dynamodb: Any, id_: str) -> Iterator[tuple[str, str]]:
    table = dynamodb.describe_table(TableName=id_)["Table"]
    yield id_, str(table.get("TableId"))


def _find_backup(dynamodb: Any, wanted: Wanted) -> Seen | None:
    asked = {"TableName": wanted.source, "BackupType": "USER"}
    while True:
        page = dynamodb.list_backups(**asked)
        for each in page["BackupSummaries"]:
            if each["BackupName"] == wanted.name:
                return Seen(each["BackupArn"], each["BackupStatus"] == "AVAILABLE")
        if not page.get("LastEvaluatedBackupArn"):
            return None
        asked["ExclusiveStartBackupArn"] = page["LastEvaluatedBackupArn"]


def _take_backup(dynamodb: Any, wanted: Wanted) -> None:
    """DynamoDB has no tags for backups: its name says what it is."""
    dynamodb.create_backup(TableName=wanted.source, BackupName=wanted.name)


def _volume(ec2: Any, id_: str) -> Iterator[tuple[str, str]]:
    for found in ec2.describe_volumes(VolumeIds=[id_])["Volumes"]:
        yield found["VolumeId"], found["VolumeId"]


def _volumes_of(ec2: Any, id_: str) -> Iterator[tuple[str, str]]:
    for reservation in ec2.describe_instances(InstanceIds=[id_])["Reservations"]:
        for instance in reservation["Instances"]:
            for device in instance.get("BlockDeviceMappings", ()):
                if volume := device.get("Ebs", {}).get("VolumeId"):
                    yield volume, volume


def _find_volume(ec2: Any, wanted: Wanted) -> Seen | None:
    named = {"Name": f"tag:{NAME}", "Values": [wanted.name]}
    answer = ec2.describe_snapshots(OwnerIds=["self"], Filters=[named])
    for each in answer["Snapshots"]:
        state = each["State"]
        return Seen(each["SnapshotId"], state == "completed", failed=state == "error")
    return None


def _take_volume(ec2: Any, wanted: Wanted) -> None:
    tags = {**wanted.tags, NAME: wanted.name}
    ec2.create_snapshot(
        VolumeId=wanted.source,
        Description=f"final snapshot of {wanted.tags[Tag.SNAPSHOT]}",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": written(tags)}],
    )


_INSTANCE = SnapshotKind(
    service="rds", sources=_instance, find=_find_instance, take=_take_instance
)
_CLUSTER = SnapshotKind(service="rds", sources=_cluster, find=_find_cluster, take=_take_cluster)
_MEMBER = SnapshotKind(service="rds", sources=_cluster_of, find=_find_cluster, take=_take_cluster)
_TABLE = SnapshotKind(service="dynamodb", sources=_table, find=_find_backup, take=_take_backup)
_VOLUME = SnapshotKind(service="ec2", sources=_volume, find=_find_volume, take=_take_volume)
_MACHINE = SnapshotKind(service="ec2", sources=_volumes_of, find=_find_volume, take=_take_volume)

SNAPSHOTS: dict[str, tuple[SnapshotKind, ...]] = {
    "AWS::RDS::DBInstance": (_INSTANCE, _MEMBER),
    "AWS::RDS::DBCluster": (_CLUSTER,),
    "AWS::DynamoDB::Table": (_TABLE,),
    "AWS::DynamoDB::GlobalTable": (_TABLE,),
    "AWS::EC2::Volume": (_VOLUME,),
    "AWS::EC2::Instance": (_MACHINE,),
}
"""How the data of a type is kept, by the type as CloudFormation names it."""

_HOLDS_NOTHING = (
    "AWS::ApiGateway::",
    "AWS::ApiGatewayV2::",
    "AWS::AppConfig::",
    "AWS::ApplicationAutoScaling::",
    "AWS::AutoScaling::",
    "AWS::CDK::",
    "AWS::CertificateManager::",
    "AWS::CloudFormation::",
    "AWS::CloudFront::",
    "AWS::CloudWatch::",
    "AWS::CodeBuild::",
    "AWS::EC2::",
    "AWS::ECS::",
    "AWS::EKS::",
    "AWS::ElasticLoadBalancing::",
    "AWS::ElasticLoadBalancingV2::",
    "AWS::Events::",
    "AWS::IAM::",
    "AWS::KMS::Alias",
    "AWS::Lambda::",
    "AWS::Logs::",
    "AWS::Pipes::",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::RDS::OptionGroup",
    "AWS::Route53::",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::",
    "AWS::SQS::",
    "AWS::SSM::",
    "AWS::Scheduler::",
    "AWS::SecretsManager::",
    "AWS::ServiceDiscovery::",
    "AWS::StepFunctions::",
    "AWS::WAFv2::",
)
"""Beginnings of types that keep no data of their users, or for a while alone: queues, logs."""


def holds_nothing(type_: str) -> bool:
    """Whether nothing is lost with a resource of this type; False where nobody knows."""
    return type_ not in SNAPSHOTS and type_.startswith(_HOLDS_NOTHING)
