"""Every type is told by its ARN alone, and an ARN is made of what a stack calls a resource."""

import pytest

from activities.environments.kinds import KINDS, kind_of, tags_of
from activities.environments.kinds.kind import keep
from tests.activities.environments.stubs import STACK, arn
from workflows.domain.errors import Refused

ARNS = {
    "AWS::AutoScaling::AutoScalingGroup": (
        arn("autoscaling", "autoScalingGroup:1-2:autoScalingGroupName/web"),
        "web",
    ),
    "AWS::CloudFormation::Stack": (STACK, "lockgate-pr-7/1"),
    "AWS::CloudWatch::Alarm": (arn("cloudwatch", "alarm:errors: many"), "errors: many"),
    "AWS::DynamoDB::Table": (arn("dynamodb", "table/orders"), "orders"),
    "AWS::EC2::EIP": (arn("ec2", "elastic-ip/eipalloc-1"), "eipalloc-1"),
    "AWS::EC2::Instance": (arn("ec2", "instance/i-1"), "i-1"),
    "AWS::EC2::InternetGateway": (arn("ec2", "internet-gateway/igw-1"), "igw-1"),
    "AWS::EC2::LaunchTemplate": (arn("ec2", "launch-template/lt-1"), "lt-1"),
    "AWS::EC2::NatGateway": (arn("ec2", "natgateway/nat-1"), "nat-1"),
    "AWS::EC2::NetworkAcl": (arn("ec2", "network-acl/acl-1"), "acl-1"),
    "AWS::EC2::NetworkInterface": (arn("ec2", "network-interface/eni-1"), "eni-1"),
    "AWS::EC2::RouteTable": (arn("ec2", "route-table/rtb-1"), "rtb-1"),
    "AWS::EC2::SecurityGroup": (arn("ec2", "security-group/sg-1"), "sg-1"),
    "AWS::EC2::Snapshot": ("arn:aws:ec2:us-east-1::snapshot/snap-1", "snap-1"),
    "AWS::EC2::Subnet": (arn("ec2", "subnet/subnet-1"), "subnet-1"),
    "AWS::EC2::VPC": (arn("ec2", "vpc/vpc-1"), "vpc-1"),
    "AWS::EC2::VPCEndpoint": (arn("ec2", "vpc-endpoint/vpce-1"), "vpce-1"),
    "AWS::EC2::Volume": (arn("ec2", "volume/vol-1"), "vol-1"),
    "AWS::ECR::Repository": (arn("ecr", "repository/shop/web"), "shop/web"),
    "AWS::ECS::Cluster": (arn("ecs", "cluster/web"), "web"),
    "AWS::ECS::Service": (arn("ecs", "service/web/front"), "web/front"),
    "AWS::ECS::TaskDefinition": (arn("ecs", "task-definition/front:7"), "front:7"),
    "AWS::EFS::FileSystem": (arn("elasticfilesystem", "file-system/fs-1"), "fs-1"),
    "AWS::ElasticLoadBalancingV2::Listener": (
        arn("elasticloadbalancing", "listener/app/web/1/2"),
        "app/web/1/2",
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        arn("elasticloadbalancing", "loadbalancer/app/web/1"),
        "app/web/1",
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        arn("elasticloadbalancing", "targetgroup/web/1"),
        "web/1",
    ),
    "AWS::Events::Rule": (arn("events", "rule/shop/nightly"), "shop/nightly"),
    "AWS::IAM::Role": ("arn:aws:iam::1:role/lockgate/web", "lockgate/web"),
    "AWS::KMS::Key": (arn("kms", "key/1-2"), "1-2"),
    "AWS::Kinesis::Stream": (arn("kinesis", "stream/clicks"), "clicks"),
    "AWS::Lambda::Function": (arn("lambda", "function:web"), "web"),
    "AWS::Logs::LogGroup": (arn("logs", "log-group:/aws/web:*"), "/aws/web"),
    "AWS::RDS::DBCluster": (arn("rds", "cluster:orders"), "orders"),
    "AWS::RDS::DBClusterParameterGroup": (arn("rds", "cluster-pg:orders"), "orders"),
    "AWS::RDS::DBClusterSnapshot": (arn("rds", "cluster-snapshot:rds:orders-1"), "rds:orders-1"),
    "AWS::RDS::DBInstance": (arn("rds", "db:orders"), "orders"),
    "AWS::RDS::DBParameterGroup": (arn("rds", "pg:orders"), "orders"),
    "AWS::RDS::DBSnapshot": (arn("rds", "snapshot:orders-1"), "orders-1"),
    "AWS::RDS::DBSubnetGroup": (arn("rds", "subgrp:orders"), "orders"),
    "AWS::S3::Bucket": ("arn:aws:s3:::uploads", "uploads"),
    "AWS::SNS::Topic": (arn("sns", "news.fifo"), "news.fifo"),
    "AWS::SQS::Queue": (arn("sqs", "orders"), "orders"),
    "AWS::SSM::Parameter": (arn("ssm", "parameter/shop/size"), "shop/size"),
    "AWS::SecretsManager::Secret": (arn("secretsmanager", "secret:db-AbCdEf"), "db-AbCdEf"),
    "AWS::StepFunctions::StateMachine": (arn("states", "stateMachine:pay"), "pay"),
}


def test_every_type_has_an_example_here():
    assert ARNS.keys() == KINDS.keys()


@pytest.mark.parametrize("type_", ARNS)
def test_an_arn_is_of_one_type_and_names_one_thing(type_):
    named, id_ = ARNS[type_]

    assert [kind.type for kind in KINDS.values() if kind.thing(named)] == [type_]
    kind, thing = kind_of(named)
    assert (kind.type, thing.arn, thing.id) == (type_, named, id_)


@pytest.mark.parametrize(
    "other",
    [
        arn("sns", "news:subscription-1"),
        arn("dynamodb", "table/orders/backup/1"),
        arn("dynamodb", "table/orders/index/by-day"),
        arn("lambda", "function:web:7"),
        arn("kinesis", "stream/clicks/consumer/web:1"),
        arn("ecs", "task/web/1"),
        arn("elasticache", "cluster:sessions"),
        "arn:aws:s3:::uploads/readme.txt",
        "sg-1",
        "",
    ],
)
def test_what_is_part_of_something_or_of_another_type_is_none_of_these(other):
    assert kind_of(other) is None


@pytest.mark.parametrize(
    ("type_", "physical", "expected"),
    [
        ("AWS::SQS::Queue", "http://localhost:4566/1/orders", arn("sqs", "orders")),
        ("AWS::S3::Bucket", "uploads", "arn:aws:s3:::uploads"),
        ("AWS::EC2::VPC", "vpc-1", arn("ec2", "vpc/vpc-1")),
        ("AWS::SNS::Topic", arn("sns", "news"), arn("sns", "news")),
        ("AWS::SSM::Parameter", "/shop/size", arn("ssm", "parameter/shop/size")),
        ("AWS::Logs::LogGroup", "/aws/web", arn("logs", "log-group:/aws/web")),
        ("AWS::IAM::Role", "web", "arn:aws:iam::111122223333:role/web"),
        ("AWS::AutoScaling::AutoScalingGroup", "web", "web"),
    ],
)
def test_what_a_stack_calls_a_resource_becomes_its_arn(type_, physical, expected):
    assert KINDS[type_].arn_of(physical, beside=STACK) == expected


def test_an_arn_is_made_for_the_partition_of_the_stack():
    china = STACK.replace("arn:aws:", "arn:aws-cn:").replace("us-east-1", "cn-north-1")

    assert KINDS["AWS::SQS::Queue"].arn_of("orders", beside=china) == (
        "arn:aws-cn:sqs:cn-north-1:111122223333:orders"
    )


def test_tags_are_read_however_a_service_spells_them():
    assert tags_of([{"Key": "a", "Value": "1"}, {"Key": "b"}]) == {"a": "1", "b": ""}
    assert tags_of([{"TagKey": "a", "TagValue": "1"}], "TagKey", "TagValue") == {"a": "1"}


def test_a_snapshot_is_deleted_by_hand_alone():
    kind, thing = kind_of(ARNS["AWS::RDS::DBSnapshot"][0])

    assert kind.delete is keep
    with pytest.raises(Refused, match="is a snapshot, which is never deleted here"):
        kind.delete(None, thing)
