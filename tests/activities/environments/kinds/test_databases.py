"""Databases: no final snapshot is taken here, and what tags outlive counts for nothing."""

import pytest

from tests.activities.environments.stubs import (
    OURS,
    SNAPSHOT,
    arn,
    delete_by,
    stubs,
    tags,
    tags_by,
)

TABLE = arn("dynamodb", "table/orders")
DATABASE = arn("rds", "db:orders")


def test_a_database_goes_without_another_snapshot_and_with_its_backups():
    with stubs() as rds:
        rds.answers(
            "rds",
            "delete_db_instance",
            DBInstanceIdentifier="orders",
            SkipFinalSnapshot=True,
            DeleteAutomatedBackups=True,
        )

        delete_by(rds, DATABASE)


@pytest.mark.parametrize(
    ("named", "call", "code"),
    [
        ("db:orders", "describe_db_instances", "DBInstanceNotFound"),
        ("cluster:orders", "describe_db_clusters", "DBClusterNotFoundFault"),
        ("subgrp:orders", "describe_db_subnet_groups", "DBSubnetGroupNotFoundFault"),
        ("pg:orders", "describe_db_parameter_groups", "DBParameterGroupNotFound"),
        ("snapshot:orders", "describe_db_snapshots", "DBSnapshotNotFound"),
    ],
)
def test_what_rds_does_not_find_is_gone(named, call, code):
    with stubs() as rds:
        rds.fails("rds", call, code, status=404)

        assert tags_by(rds, arn("rds", named)) is None


def test_a_database_tells_its_own_tags():
    with stubs() as rds:
        told = {"DBInstances": [{"TagList": tags(OURS)}]}
        rds.answers("rds", "describe_db_instances", told, DBInstanceIdentifier="orders")

        assert tags_by(rds, DATABASE) == OURS


def a_snapshot(script, kind, id_, type_, given=OURS):
    """RDS is asked next for a snapshot, and for its tags."""
    call, found = {
        "snapshot": ("describe_db_snapshots", "DBSnapshots"),
        "cluster-snapshot": ("describe_db_cluster_snapshots", "DBClusterSnapshots"),
    }[kind]
    script.answers("rds", call, {found: [{"SnapshotType": type_}]})
    named = arn("rds", f"{kind}:{id_}")
    listed = {"TagList": tags(given)}
    script.answers("rds", "list_tags_for_resource", listed, ResourceName=named)
    return named


@pytest.mark.parametrize("kind", ["snapshot", "cluster-snapshot"])
def test_what_a_stack_keeps_of_its_database_as_it_is_deleted_is_final(kind):
    with stubs() as rds:
        named = a_snapshot(rds, kind, "lockgate-pr-7-snapshot-orders-1w6cuoyr1xdrc", "manual")

        assert tags_by(rds, named) == SNAPSHOT


@pytest.mark.parametrize(
    ("id_", "type_", "given"),
    [
        ("lockgate-pr-7-snapshot-orders-1w6cuoyr1xdrc", "automated", OURS),
        ("lockgate-pr-7-snapshot-orders-1w6cuoyr1xdrc", "manual", {"team": "shop"}),
        ("lockgate-pr-8-snapshot-orders-1w6cuoyr1xdrc", "manual", OURS),
        ("lockgate-pr-7-snapshot-before-the-move", "manual", OURS),
        ("rds:lockgate-pr-7-orders-2026-11-26-04-00", "automated", OURS),
        ("before-the-move", "manual", OURS),
    ],
)
def test_no_other_snapshot_is_taken_for_a_final_one(id_, type_, given):
    with stubs() as rds:
        named = a_snapshot(rds, "snapshot", id_, type_, given)

        assert tags_by(rds, named) == given


def test_a_table_that_is_gone_has_no_tags_even_if_they_are_still_told():
    with stubs() as dynamodb:
        dynamodb.fails("dynamodb", "describe_table", "ResourceNotFoundException")

        assert tags_by(dynamodb, TABLE) is None


def test_the_tags_of_a_table_may_fill_pages():
    with stubs() as dynamodb:
        dynamodb.answers("dynamodb", "describe_table", TableName="orders")
        first = {"Tags": tags({"team": "shop"}), "NextToken": "2"}
        dynamodb.answers("dynamodb", "list_tags_of_resource", first, ResourceArn=TABLE)
        dynamodb.answers(
            "dynamodb",
            "list_tags_of_resource",
            {"Tags": tags(OURS)},
            ResourceArn=TABLE,
            NextToken="2",
        )

        assert tags_by(dynamodb, TABLE) == {"team": "shop", **OURS}
