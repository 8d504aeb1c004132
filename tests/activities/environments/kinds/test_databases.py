"""Databases: no final snapshot is taken here, and what tags outlive counts for nothing."""

import pytest

from tests.activities.environments.stubs import OURS, arn, delete_by, stubs, tags, tags_by

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
