"""Buckets, queues, topics, logs, secrets, parameters, roles and keys."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code
from activities.environments.cloudformation_client import NO_STACK
from activities.environments.kinds.kind import Kind, Rank, Tags, Thing, tags_of
from workflows.domain.environments.census import STACK
from workflows.domain.errors import Refused

_KEY_DAYS = 7
"""The least that KMS waits before a key is gone; until then it can be had back."""


def _bucket(s3: Any, thing: Thing) -> Tags | None:
    try:
        return tags_of(s3.get_bucket_tagging(Bucket=thing.id)["TagSet"])
    except ClientError as error:
        if error_code(error) != "NoSuchTagSet":
            raise
        return {}


def _delete_bucket(s3: Any, thing: Thing) -> None:
    """One that is not empty stays; EmptyBuckets empties it."""
    s3.delete_bucket(Bucket=thing.id)


def _queue(sqs: Any, thing: Thing) -> Tags | None:
    url = sqs.get_queue_url(QueueName=thing.id)["QueueUrl"]
    tags: Tags = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    return tags


def _delete_queue(sqs: Any, thing: Thing) -> None:
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=thing.id)["QueueUrl"])


def _topic(sns: Any, thing: Thing) -> Tags | None:
    return tags_of(sns.list_tags_for_resource(ResourceArn=thing.arn)["Tags"])


def _delete_topic(sns: Any, thing: Thing) -> None:
    sns.delete_topic(TopicArn=thing.arn)


def _log_group(logs: Any, thing: Thing) -> Tags | None:
    arn = thing.arn.removesuffix(":*")
    tags: Tags = logs.list_tags_for_resource(resourceArn=arn).get("tags", {})
    return tags


def _delete_log_group(logs: Any, thing: Thing) -> None:
    logs.delete_log_group(logGroupName=thing.id)


def _alarm(cloudwatch: Any, thing: Thing) -> Tags | None:
    return tags_of(cloudwatch.list_tags_for_resource(ResourceARN=thing.arn)["Tags"])


def _delete_alarm(cloudwatch: Any, thing: Thing) -> None:
    cloudwatch.delete_alarms(AlarmNames=[thing.id])


def _stream(kinesis: Any, thing: Thing) -> Tags | None:
    return tags_of(kinesis.list_tags_for_stream(StreamName=thing.id, Limit=50)["Tags"])


def _delete_stream(kinesis: Any, thing: Thing) -> None:
    kinesis.delete_stream(StreamName=thing.id, EnforceConsumerDeletion=True)


def _repository(ecr: Any, thing: Thing) -> Tags | None:
    return tags_of(ecr.list_tags_for_resource(resourceArn=thing.arn)["tags"])


def _delete_repository(ecr: Any, thing: Thing) -> None:
    """One with images stays: a person decides about them."""
    ecr.delete_repository(repositoryName=thing.id, force=False)


def _file_system(efs: Any, thing: Thing) -> Tags | None:
    found = efs.describe_file_systems(FileSystemId=thing.id)["FileSystems"]
    return tags_of(found[0].get("Tags", ())) if found else None


def _delete_file_system(efs: Any, thing: Thing) -> None:
    for target in efs.describe_mount_targets(FileSystemId=thing.id)["MountTargets"]:
        efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    efs.delete_file_system(FileSystemId=thing.id)


def _parameter(ssm: Any, thing: Thing) -> Tags | None:
    named = _parameter_name(thing)
    by_name = {"Key": "Name", "Option": "Equals", "Values": [named]}
    if not ssm.describe_parameters(ParameterFilters=[by_name])["Parameters"]:
        return None
    found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=named)
    return tags_of(found["TagList"])


def _delete_parameter(ssm: Any, thing: Thing) -> None:
    ssm.delete_parameter(Name=_parameter_name(thing))


def _parameter_name(thing: Thing) -> str:
    """An ARN has no slash before the name; a name with a path has."""
    return f"/{thing.id}" if "/" in thing.id else thing.id


def _secret(secrets: Any, thing: Thing) -> Tags | None:
    found = secrets.describe_secret(SecretId=thing.arn)
    return None if found.get("DeletedDate") else tags_of(found.get("Tags", ()))


def _delete_secret(secrets: Any, thing: Thing) -> None:
    """At once: the next environment of the name needs the secret's name."""
    secrets.delete_secret(SecretId=thing.arn, ForceDeleteWithoutRecovery=True)


def _key(kms: Any, thing: Thing) -> Tags | None:
    found = kms.describe_key(KeyId=thing.arn)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        return None
    return tags_of(kms.list_resource_tags(KeyId=thing.arn)["Tags"], "TagKey", "TagValue")


def _delete_key(kms: Any, thing: Thing) -> None:
    kms.schedule_key_deletion(KeyId=thing.arn, PendingWindowInDays=_KEY_DAYS)


def _role(iam: Any, thing: Thing) -> Tags | None:
    return tags_of(iam.list_role_tags(RoleName=_role_name(thing))["Tags"])


def _delete_role(iam: Any, thing: Thing) -> None:
    """Without its policies first, which would keep it."""
    name = {"RoleName": _role_name(thing)}
    for profile in iam.list_instance_profiles_for_role(**name)["InstanceProfiles"]:
        profiled = profile["InstanceProfileName"]
        iam.remove_role_from_instance_profile(InstanceProfileName=profiled, **name)
    for policy in iam.list_attached_role_policies(**name)["AttachedPolicies"]:
        iam.detach_role_policy(PolicyArn=policy["PolicyArn"], **name)
    for inline in iam.list_role_policies(**name)["PolicyNames"]:
        iam.delete_role_policy(PolicyName=inline, **name)
    iam.delete_role(**name)


def _role_name(thing: Thing) -> str:
    return thing.id.rsplit("/", 1)[-1]


def _stack(cloudformation: Any, thing: Thing) -> Tags | None:
    """A deleted one is told of by its ARN for ninety days."""
    try:
        found = cloudformation.describe_stacks(StackName=thing.arn)["Stacks"][0]
    except ClientError as error:
        if error_code(error) == NO_STACK:
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else tags_of(found["Tags"])


def _leave_stack(_client: Any, thing: Thing) -> None:
    raise Refused(f"{thing.arn} is a stack, which is deleted whole, by DeleteStack")


def _kind(
    type_: str,
    arn: str,
    calls: tuple[Callable[[Any, Thing], Tags | None], Callable[[Any, Thing], None]],
    *,
    rank: Rank = Rank.STORES,
    ids: str = r"[^:/]+",
    service: str = "",
) -> Kind:
    """*calls* are how it is read and deleted; boto3 mostly names its client as the ARN does."""
    read, delete = calls
    return Kind(
        type=type_,
        service=service or arn.split(":", maxsplit=1)[0],
        arn=arn,
        ids=ids,
        rank=rank,
        read=read,
        delete=delete,
    )


_HERE = "{region}:{account}"
_PATH = r"[^:]+"

STORES = (
    _kind("AWS::S3::Bucket", "s3:::{id}", (_bucket, _delete_bucket)),
    _kind("AWS::SQS::Queue", f"sqs:{_HERE}:{{id}}", (_queue, _delete_queue)),
    _kind("AWS::SNS::Topic", f"sns:{_HERE}:{{id}}", (_topic, _delete_topic)),
    _kind(
        "AWS::Logs::LogGroup",
        f"logs:{_HERE}:log-group:{{id}}",
        (_log_group, _delete_log_group),
        ids=_PATH,
    ),
    _kind(
        "AWS::CloudWatch::Alarm",
        f"cloudwatch:{_HERE}:alarm:{{id}}",
        (_alarm, _delete_alarm),
        ids=r".+",
    ),
    _kind("AWS::Kinesis::Stream", f"kinesis:{_HERE}:stream/{{id}}", (_stream, _delete_stream)),
    _kind(
        "AWS::ECR::Repository",
        f"ecr:{_HERE}:repository/{{id}}",
        (_repository, _delete_repository),
        ids=_PATH,
    ),
    _kind(
        "AWS::EFS::FileSystem",
        f"elasticfilesystem:{_HERE}:file-system/{{id}}",
        (_file_system, _delete_file_system),
        service="efs",
    ),
    _kind(
        "AWS::SSM::Parameter",
        f"ssm:{_HERE}:parameter/{{id}}",
        (_parameter, _delete_parameter),
        ids=_PATH,
    ),
    _kind(
        "AWS::SecretsManager::Secret",
        f"secretsmanager:{_HERE}:secret:{{id}}",
        (_secret, _delete_secret),
        ids=_PATH,
    ),
    _kind(
        "AWS::IAM::Role",
        "iam::{account}:role/{id}",
        (_role, _delete_role),
        rank=Rank.IDENTITIES,
        ids=_PATH,
    ),
    _kind("AWS::KMS::Key", f"kms:{_HERE}:key/{{id}}", (_key, _delete_key), rank=Rank.IDENTITIES),
    _kind(
        STACK,
        f"cloudformation:{_HERE}:stack/{{id}}",
        (_stack, _leave_stack),
        ids=_PATH,
    ),
)
