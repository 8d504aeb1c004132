"""Databases of RDS and DynamoDB, and what belongs to them; their snapshots are kept."""

import re
from collections.abc import Callable
from typing import Any

from activities.environments.kinds.kind import Kind, Rank, Tags, Thing, deleted_by, keep, tags_of
from activities.environments.stacks import stack_name
from workflows.domain.environments.census import Tag


def _instance(rds: Any, thing: Thing) -> Tags | None:
    found = rds.describe_db_instances(DBInstanceIdentifier=thing.id)["DBInstances"]
    return tags_of(found[0].get("TagList", ())) if found else None


def _delete_instance(rds: Any, thing: Thing) -> None:
    """Its final snapshot is taken before, where one is due."""
    rds.delete_db_instance(
        DBInstanceIdentifier=thing.id, SkipFinalSnapshot=True, DeleteAutomatedBackups=True
    )


def _cluster(rds: Any, thing: Thing) -> Tags | None:
    found = rds.describe_db_clusters(DBClusterIdentifier=thing.id)["DBClusters"]
    return tags_of(found[0].get("TagList", ())) if found else None


def _delete_cluster(rds: Any, thing: Thing) -> None:
    """Its final snapshot is taken before, where one is due."""
    rds.delete_db_cluster(DBClusterIdentifier=thing.id, SkipFinalSnapshot=True)


def _listed(call: str, name: str) -> Callable[[Any, Thing], Tags | None]:
    """Reads what *call* finds by *name*, or says is not there, and its tags after that."""

    def read(rds: Any, thing: Thing) -> Tags | None:
        getattr(rds, call)(**{name: thing.id})
        return tags_of(rds.list_tags_for_resource(ResourceName=thing.arn)["TagList"])

    return read


def _snapshot(call: str, name: str, found: str) -> Callable[[Any, Thing], Tags | None]:
    """Reads a snapshot that *call* finds by *name*; CloudFormation's own reads as a final one.

    `DeletionPolicy: Snapshot` keeps it on purpose. RDS copies all tags onto it where the database
    says `CopyTagsToSnapshot`, and so the tag of its environment, but nobody tags it as final.
    """

    def read(rds: Any, thing: Thing) -> Tags | None:
        listed = getattr(rds, call)(**{name: thing.id})[found]
        if not listed:
            return None
        tags = tags_of(rds.list_tags_for_resource(ResourceName=thing.arn)["TagList"])
        environment = tags.get(Tag.ENVIRONMENT)
        manual = listed[0].get("SnapshotType") == "manual"
        if environment is None or not manual or not _is_by_stack(thing.id, environment):
            return tags
        return {Tag.SNAPSHOT.value: environment, **tags}

    return read


def _is_by_stack(snapshot: str, environment: str) -> bool:
    """Whether CloudFormation has called it so: stack, logical id, and what nobody else has."""
    stack = re.escape(stack_name(environment))
    return re.fullmatch(rf"{stack}-snapshot-[a-z0-9]+-[a-z0-9]{{8,}}", snapshot) is not None


def _table(dynamodb: Any, thing: Thing) -> Tags | None:
    dynamodb.describe_table(TableName=thing.id)
    tags: dict[str, str] = {}
    asked = {"ResourceArn": thing.arn}
    while True:
        page = dynamodb.list_tags_of_resource(**asked)
        tags |= tags_of(page["Tags"])
        if not page.get("NextToken"):
            return tags
        asked["NextToken"] = page["NextToken"]


def _delete_table(dynamodb: Any, thing: Thing) -> None:
    dynamodb.delete_table(TableName=thing.id)


def _rds(
    type_: str,
    segment: str,
    rank: Rank,
    *,
    read: Callable[[Any, Thing], Tags | None],
    delete: Callable[[Any, Thing], None],
    ids: str = r"[^:/]+",
) -> Kind:
    return Kind(
        type=f"AWS::RDS::{type_}",
        service="rds",
        arn=f"rds:{{region}}:{{account}}:{segment}:{{id}}",
        ids=ids,
        rank=rank,
        read=read,
        delete=delete,
    )


DATABASES = (
    _rds("DBInstance", "db", Rank.COMPUTE, read=_instance, delete=_delete_instance),
    _rds("DBCluster", "cluster", Rank.GROUPS, read=_cluster, delete=_delete_cluster),
    _rds(
        "DBSubnetGroup",
        "subgrp",
        Rank.ATTACHMENTS,
        read=_listed("describe_db_subnet_groups", "DBSubnetGroupName"),
        delete=deleted_by("delete_db_subnet_group", "DBSubnetGroupName"),
    ),
    _rds(
        "DBParameterGroup",
        "pg",
        Rank.ATTACHMENTS,
        read=_listed("describe_db_parameter_groups", "DBParameterGroupName"),
        delete=deleted_by("delete_db_parameter_group", "DBParameterGroupName"),
    ),
    _rds(
        "DBClusterParameterGroup",
        "cluster-pg",
        Rank.ATTACHMENTS,
        read=_listed("describe_db_cluster_parameter_groups", "DBClusterParameterGroupName"),
        delete=deleted_by("delete_db_cluster_parameter_group", "DBClusterParameterGroupName"),
    ),
    # These two are no types of CloudFormation. An automatic one begins with `rds:`.
    _rds(
        "DBSnapshot",
        "snapshot",
        Rank.STORES,
        read=_snapshot("describe_db_snapshots", "DBSnapshotIdentifier", "DBSnapshots"),
        delete=keep,
        ids=r".+",
    ),
    _rds(
        "DBClusterSnapshot",
        "cluster-snapshot",
        Rank.STORES,
        read=_snapshot(
            "describe_db_cluster_snapshots", "DBClusterSnapshotIdentifier", "DBClusterSnapshots"
        ),
        delete=keep,
        ids=r".+",
    ),
    Kind(
        type="AWS::DynamoDB::Table",
        service="dynamodb",
        arn="dynamodb:{region}:{account}:table/{id}",
        rank=Rank.STORES,
        read=_table,
        delete=_delete_table,
    ),
)
