"""One resource of each type that can be deleted one by one, made at an emulator with our tags."""

import io
import json
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

ENVIRONMENT = "pr-7"
TAGS = [{"Key": "lockgate:environment", "Value": ENVIRONMENT}]
LOWER = [{"key": "lockgate:environment", "value": ENVIRONMENT}]
FLAT = {"lockgate:environment": ENVIRONMENT}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
    }
)

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
            }
        ],
    }
)

Clients = Callable[[str], Any]


def a_name() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


def an_ec2_arn(clients: Clients, segment: str, id_: str) -> str:
    account = clients("sts").get_caller_identity()["Account"]
    return f"arn:aws:ec2:us-east-1:{account}:{segment}/{id_}"


def a_vpc(clients: Clients, tags: Any = ()) -> str:
    vpc = clients("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return str(_tagged(clients, vpc, tags))


def a_subnet(clients: Clients, vpc: str = "", cidr: str = "10.0.1.0/24") -> str:
    ec2 = clients("ec2")
    subnet = ec2.create_subnet(VpcId=vpc or a_vpc(clients), CidrBlock=cidr)
    return str(subnet["Subnet"]["SubnetId"])


def _tagged(clients: Clients, id_: str, tags: Any = TAGS) -> str:
    if tags:
        clients("ec2").create_tags(Resources=[id_], Tags=list(tags))
    return id_


def _instance(clients: Clients) -> str:
    ran = clients("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    return _tagged(clients, ran["Instances"][0]["InstanceId"])


def _nat_gateway(clients: Clients) -> str:
    ec2 = clients("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=a_subnet(clients), AllocationId=address)
    return _tagged(clients, made["NatGateway"]["NatGatewayId"])


def _endpoint(clients: Clients) -> str:
    made = clients("ec2").create_vpc_endpoint(
        VpcId=a_vpc(clients), ServiceName="com.amazonaws.us-east-1.s3"
    )
    return _tagged(clients, made["VpcEndpoint"]["VpcEndpointId"])


def _launch_template(clients: Clients) -> str:
    made = clients("ec2").create_launch_template(
        LaunchTemplateName=a_name(), LaunchTemplateData={"InstanceType": "t3.micro"}
    )
    return _tagged(clients, made["LaunchTemplate"]["LaunchTemplateId"])


def _volume(clients: Clients) -> str:
    made = clients("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)
    return _tagged(clients, made["VolumeId"])


def _interface(clients: Clients) -> str:
    made = clients("ec2").create_network_interface(SubnetId=a_subnet(clients))
    return _tagged(clients, made["NetworkInterface"]["NetworkInterfaceId"])


def _address(clients: Clients) -> str:
    return _tagged(clients, clients("ec2").allocate_address(Domain="vpc")["AllocationId"])


def _security_group(clients: Clients) -> str:
    """One that lets itself in, as groups of a cluster do."""
    ec2 = clients("ec2")
    group = ec2.create_security_group(
        GroupName=a_name(), Description="of a test", VpcId=a_vpc(clients)
    )["GroupId"]
    rule = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    return _tagged(clients, group)


def _route_table(clients: Clients) -> str:
    made = clients("ec2").create_route_table(VpcId=a_vpc(clients))
    return _tagged(clients, made["RouteTable"]["RouteTableId"])


def _acl(clients: Clients) -> str:
    made = clients("ec2").create_network_acl(VpcId=a_vpc(clients))
    return _tagged(clients, made["NetworkAcl"]["NetworkAclId"])


def _gateway(clients: Clients) -> str:
    ec2 = clients("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=a_vpc(clients))
    return _tagged(clients, gateway)


_EC2: dict[str, tuple[str, Callable[[Clients], str]]] = {
    "Instance": ("instance", _instance),
    "NatGateway": ("natgateway", _nat_gateway),
    "VPCEndpoint": ("vpc-endpoint", _endpoint),
    "LaunchTemplate": ("launch-template", _launch_template),
    "Volume": ("volume", _volume),
    "NetworkInterface": ("network-interface", _interface),
    "EIP": ("elastic-ip", _address),
    "SecurityGroup": ("security-group", _security_group),
    "Subnet": ("subnet", lambda clients: _tagged(clients, a_subnet(clients))),
    "RouteTable": ("route-table", _route_table),
    "NetworkAcl": ("network-acl", _acl),
    "InternetGateway": ("internet-gateway", _gateway),
    "VPC": ("vpc", lambda clients: a_vpc(clients, TAGS)),
}


def _scaling_group(clients: Clients) -> str:
    autoscaling, name = clients("autoscaling"), a_name()
    autoscaling.create_launch_configuration(
        LaunchConfigurationName=name, ImageId="ami-12c6146b", InstanceType="t3.micro"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchConfigurationName=name,
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=["us-east-1a"],
        Tags=[
            {
                **tag,
                "ResourceId": name,
                "ResourceType": "auto-scaling-group",
                "PropagateAtLaunch": True,
            }
            for tag in TAGS
        ],
    )
    found = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    return str(found["AutoScalingGroups"][0]["AutoScalingGroupARN"])


def _rule(clients: Clients) -> str:
    events, name = clients("events"), a_name()
    made = events.put_rule(Name=name, ScheduleExpression="rate(1 day)", Tags=TAGS)
    target = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:somewhere"}
    events.put_targets(Rule=name, Targets=[target])
    return str(made["RuleArn"])


def _task_definition(clients: Clients) -> str:
    made = clients("ecs").register_task_definition(
        family=a_name(),
        containerDefinitions=[{"name": "app", "image": "app", "memory": 64}],
        tags=LOWER,
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def _ecs_cluster(clients: Clients) -> str:
    made = clients("ecs").create_cluster(clusterName=a_name(), tags=LOWER)
    return str(made["cluster"]["clusterArn"])


def _ecs_service(clients: Clients) -> str:
    made = clients("ecs").create_service(
        cluster=_ecs_cluster(clients),
        serviceName=a_name(),
        taskDefinition=_task_definition(clients),
        desiredCount=1,
        tags=LOWER,
    )
    return str(made["service"]["serviceArn"])


def _function(clients: Clients) -> str:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return 1")
    made = clients("lambda").create_function(
        FunctionName=a_name(),
        Runtime="python3.12",
        Role=_role(clients),
        Handler="app.handler",
        Code={"ZipFile": code.getvalue()},
        Tags=FLAT,
    )
    return str(made["FunctionArn"])


def _state_machine(clients: Clients) -> str:
    made = clients("stepfunctions").create_state_machine(
        name=a_name(),
        definition='{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
        roleArn="arn:aws:iam::000000000000:role/states",
        tags=LOWER,
    )
    return str(made["stateMachineArn"])


def a_balancer(clients: Clients) -> str:
    vpc = a_vpc(clients)
    subnets = [a_subnet(clients, vpc, f"10.0.{number}.0/24") for number in (1, 2)]
    made = clients("elbv2").create_load_balancer(Name=a_name(), Subnets=subnets, Tags=TAGS)
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def _target_group(clients: Clients) -> str:
    made = clients("elbv2").create_target_group(
        Name=a_name(), Protocol="HTTP", Port=80, VpcId=a_vpc(clients), Tags=TAGS
    )
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def _listener(clients: Clients) -> str:
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    made = clients("elbv2").create_listener(
        LoadBalancerArn=a_balancer(clients),
        Protocol="HTTP",
        Port=80,
        DefaultActions=[answer],
        Tags=TAGS,
    )
    return str(made["Listeners"][0]["ListenerArn"])


def a_database(clients: Clients, *, tags: Any = TAGS, public: bool = False) -> str:
    made = clients("rds").create_db_instance(
        DBInstanceIdentifier=a_name(),
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        MasterUsername="app",
        MasterUserPassword="not-a-secret",
        AllocatedStorage=20,
        PubliclyAccessible=public,
        Tags=tags,
    )
    return str(made["DBInstance"]["DBInstanceArn"])


def a_db_cluster(clients: Clients) -> str:
    made = clients("rds").create_db_cluster(
        DBClusterIdentifier=a_name(),
        Engine="aurora-postgresql",
        MasterUsername="app",
        MasterUserPassword="not-a-secret",
        Tags=TAGS,
    )
    return str(made["DBCluster"]["DBClusterArn"])


def _subnet_group(clients: Clients) -> str:
    vpc = a_vpc(clients)
    subnets = [a_subnet(clients, vpc, f"10.0.{number}.0/24") for number in (1, 2)]
    made = clients("rds").create_db_subnet_group(
        DBSubnetGroupName=a_name(),
        DBSubnetGroupDescription="of a test",
        SubnetIds=subnets,
        Tags=TAGS,
    )
    return str(made["DBSubnetGroup"]["DBSubnetGroupArn"])


def _parameter_group(clients: Clients) -> str:
    made = clients("rds").create_db_parameter_group(
        DBParameterGroupName=a_name(),
        DBParameterGroupFamily="postgres16",
        Description="of a test",
        Tags=TAGS,
    )
    return str(made["DBParameterGroup"]["DBParameterGroupArn"])


def _cluster_parameter_group(clients: Clients) -> str:
    made = clients("rds").create_db_cluster_parameter_group(
        DBClusterParameterGroupName=a_name(),
        DBParameterGroupFamily="aurora-postgresql16",
        Description="of a test",
        Tags=TAGS,
    )
    return str(made["DBClusterParameterGroup"]["DBClusterParameterGroupArn"])


def a_table(clients: Clients, *, tags: Any = TAGS) -> str:
    made = clients("dynamodb").create_table(
        TableName=a_name(),
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tags,
    )
    return str(made["TableDescription"]["TableArn"])


def a_bucket(clients: Clients, *, tags: Any = TAGS) -> str:
    s3, name = clients("s3"), a_name()
    s3.create_bucket(Bucket=name)
    if tags:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    return f"arn:aws:s3:::{name}"


def a_queue(clients: Clients, *, tags: Any = FLAT) -> str:
    sqs = clients("sqs")
    url = sqs.create_queue(QueueName=a_name(), tags=tags)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])


def _topic(clients: Clients) -> str:
    return str(clients("sns").create_topic(Name=a_name(), Tags=TAGS)["TopicArn"])


def _log_group(clients: Clients) -> str:
    logs, name = clients("logs"), f"/lockgate/{a_name()}"
    logs.create_log_group(logGroupName=name, tags=FLAT)
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return str(found[0]["arn"])


def _alarm(clients: Clients) -> str:
    cloudwatch, name = clients("cloudwatch"), a_name()
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="Errors",
        Namespace="Test",
        Period=60,
        Statistic="Sum",
        Threshold=1.0,
        Tags=TAGS,
    )
    return str(cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"])


def _stream(clients: Clients) -> str:
    kinesis, name = clients("kinesis"), a_name()
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.add_tags_to_stream(StreamName=name, Tags=FLAT)
    found = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return str(found["StreamARN"])


def _repository(clients: Clients) -> str:
    made = clients("ecr").create_repository(repositoryName=f"shop/{a_name()}", tags=TAGS)
    return str(made["repository"]["repositoryArn"])


def _file_system(clients: Clients) -> str:
    efs = clients("efs")
    made = efs.create_file_system(CreationToken=a_name(), Tags=TAGS)
    efs.create_mount_target(FileSystemId=made["FileSystemId"], SubnetId=a_subnet(clients))
    return str(made["FileSystemArn"])


def _parameter(clients: Clients) -> str:
    ssm, name = clients("ssm"), f"/shop/{a_name()}"
    ssm.put_parameter(Name=name, Value="1", Type="String", Tags=TAGS)
    return str(ssm.get_parameter(Name=name)["Parameter"]["ARN"])


def _secret(clients: Clients) -> str:
    made = clients("secretsmanager").create_secret(Name=a_name(), SecretString="x", Tags=TAGS)
    return str(made["ARN"])


def _role(clients: Clients) -> str:
    """With a policy of its own, an attached one and a profile, all of which keep it."""
    iam, name = clients("iam"), a_name()
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=TAGS)
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=POLICY)
    policy = iam.create_policy(PolicyName=name, PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return str(made["Role"]["Arn"])


def _key(clients: Clients) -> str:
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in TAGS]
    return str(clients("kms").create_key(Tags=tags)["KeyMetadata"]["Arn"])


def a_stack(clients: Clients, *, name: str = "", body: str = "", tags: Any = TAGS) -> str:
    empty = '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'
    made = clients("cloudformation").create_stack(
        StackName=name or a_name(), TemplateBody=body or empty, Tags=tags
    )
    return str(made["StackId"])


def _in_ec2(segment: str, make: Callable[[Clients], str]) -> Callable[[Clients], str]:
    return lambda clients: an_ec2_arn(clients, segment, make(clients))


MAKERS: dict[str, Callable[[Clients], str]] = {
    **{f"AWS::EC2::{name}": _in_ec2(*made) for name, made in _EC2.items()},
    "AWS::AutoScaling::AutoScalingGroup": _scaling_group,
    "AWS::Events::Rule": _rule,
    "AWS::ECS::Service": _ecs_service,
    "AWS::ECS::TaskDefinition": _task_definition,
    "AWS::ECS::Cluster": _ecs_cluster,
    "AWS::Lambda::Function": _function,
    "AWS::StepFunctions::StateMachine": _state_machine,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": a_balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_group,
    "AWS::RDS::DBInstance": a_database,
    "AWS::RDS::DBCluster": a_db_cluster,
    "AWS::RDS::DBSubnetGroup": _subnet_group,
    "AWS::RDS::DBParameterGroup": _parameter_group,
    "AWS::RDS::DBClusterParameterGroup": _cluster_parameter_group,
    "AWS::DynamoDB::Table": a_table,
    "AWS::S3::Bucket": a_bucket,
    "AWS::SQS::Queue": a_queue,
    "AWS::SNS::Topic": _topic,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::Kinesis::Stream": _stream,
    "AWS::ECR::Repository": _repository,
    "AWS::EFS::FileSystem": _file_system,
    "AWS::SSM::Parameter": _parameter,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::IAM::Role": _role,
    "AWS::KMS::Key": _key,
}
"""Makes one of the type, with the tag of `ENVIRONMENT`, and tells its ARN."""
