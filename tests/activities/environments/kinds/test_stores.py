"""Buckets, secrets, keys and roles: what is gone, and what has to go before."""

from datetime import UTC, datetime

import pytest

from tests.activities.environments.stubs import OURS, STACK, arn, delete_by, stubs, tags, tags_by
from workflows.domain.errors import Refused

AT = datetime(2026, 11, 26, tzinfo=UTC)
SECRET = arn("secretsmanager", "secret:db-AbCdEf")
KEY = arn("kms", "key/1-2")


def test_a_bucket_without_tags_is_there():
    with stubs() as s3:
        s3.fails("s3", "get_bucket_tagging", "NoSuchTagSet", status=404)
        s3.fails("s3", "get_bucket_tagging", "NoSuchBucket", status=404)

        assert tags_by(s3, "arn:aws:s3:::uploads") == {}
        assert tags_by(s3, "arn:aws:s3:::uploads") is None


def test_a_secret_that_waits_for_its_end_is_as_good_as_gone():
    with stubs() as secrets:
        secrets.answers("secretsmanager", "describe_secret", {"Tags": tags(OURS)})
        gone = {"Tags": tags(OURS), "DeletedDate": AT}
        secrets.answers("secretsmanager", "describe_secret", gone, SecretId=SECRET)

        assert tags_by(secrets, SECRET) == OURS
        assert tags_by(secrets, SECRET) is None


def test_a_secret_is_deleted_at_once_so_that_its_name_is_free():
    with stubs() as secrets:
        secrets.answers(
            "secretsmanager",
            "delete_secret",
            SecretId=SECRET,
            ForceDeleteWithoutRecovery=True,
        )

        delete_by(secrets, SECRET)


def test_a_key_that_waits_for_its_end_is_as_good_as_gone():
    def told(state):
        return {"KeyMetadata": {"KeyId": "1-2", "KeyState": state}}

    with stubs() as kms:
        kms.answers("kms", "describe_key", told("Enabled"), KeyId=KEY)
        spelled = [{"TagKey": "lockgate:environment", "TagValue": "pr-7"}]
        kms.answers("kms", "list_resource_tags", {"Tags": spelled}, KeyId=KEY)
        kms.answers("kms", "describe_key", told("PendingDeletion"), KeyId=KEY)

        assert tags_by(kms, KEY) == OURS
        assert tags_by(kms, KEY) is None


def test_a_parameter_with_a_path_has_a_slash_that_its_arn_lacks():
    named = arn("ssm", "parameter/shop/size")
    with stubs() as ssm:
        ssm.answers("ssm", "describe_parameters", {"Parameters": [{"Name": "/shop/size"}]})
        ssm.answers(
            "ssm",
            "list_tags_for_resource",
            {"TagList": tags(OURS)},
            ResourceType="Parameter",
            ResourceId="/shop/size",
        )
        ssm.answers("ssm", "describe_parameters", {"Parameters": []})
        ssm.answers("ssm", "delete_parameter", Name="/shop/size")

        assert tags_by(ssm, named) == OURS
        assert tags_by(ssm, named) is None
        delete_by(ssm, named)


def test_a_role_loses_what_would_keep_it():
    role = {"RoleName": "web"}
    profile = {
        "Path": "/",
        "InstanceProfileName": "machines",
        "InstanceProfileId": "A" * 16,
        "Arn": "arn:aws:iam::111122223333:instance-profile/machines",
        "CreateDate": AT,
        "Roles": [],
    }
    policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    with stubs() as iam:
        listed = {"InstanceProfiles": [profile]}
        iam.answers("iam", "list_instance_profiles_for_role", listed, **role)
        iam.answers(
            "iam", "remove_role_from_instance_profile", InstanceProfileName="machines", **role
        )
        attached = {"AttachedPolicies": [{"PolicyName": "read", "PolicyArn": policy}]}
        iam.answers("iam", "list_attached_role_policies", attached, **role)
        iam.answers("iam", "detach_role_policy", PolicyArn=policy, **role)
        iam.answers("iam", "list_role_policies", {"PolicyNames": ["own"]}, **role)
        iam.answers("iam", "delete_role_policy", PolicyName="own", **role)
        iam.answers("iam", "delete_role", **role)

        delete_by(iam, "arn:aws:iam::111122223333:role/lockgate/web")


@pytest.mark.parametrize(
    ("status", "there"), [("DELETE_FAILED", True), ("DELETE_COMPLETE", False)]
)
def test_a_deleted_stack_is_told_of_for_a_while(status, there):
    told = {"StackName": "s", "CreationTime": AT, "StackStatus": status, "Tags": tags(OURS)}
    with stubs() as cloudformation:
        cloudformation.answers("cloudformation", "describe_stacks", {"Stacks": [told]})

        assert tags_by(cloudformation, STACK) == (OURS if there else None)


def test_a_stack_that_nobody_remembers_is_gone():
    with stubs() as cloudformation:
        cloudformation.fails("cloudformation", "describe_stacks", "ValidationError")

        assert tags_by(cloudformation, STACK) is None


def test_a_stack_is_not_deleted_as_one_of_many():
    with stubs() as cloudformation:
        cloudformation("cloudformation")

        with pytest.raises(Refused, match="is a stack, which is deleted whole"):
            delete_by(cloudformation, STACK)


def test_the_mount_targets_of_a_file_system_go_first():
    target = {
        "MountTargetId": "fsmt-12345678",
        "FileSystemId": "fs-1",
        "SubnetId": "subnet-12345678",
        "LifeCycleState": "available",
    }
    with stubs() as efs:
        efs.answers("efs", "describe_mount_targets", {"MountTargets": [target]})
        efs.answers("efs", "delete_mount_target", MountTargetId="fsmt-12345678")
        efs.answers("efs", "delete_file_system", FileSystemId="fs-1")

        delete_by(efs, arn("elasticfilesystem", "file-system/fs-1"))


def test_images_are_not_deleted_with_their_repository():
    with stubs() as ecr:
        ecr.answers("ecr", "delete_repository", repositoryName="shop/web", force=False)

        delete_by(ecr, arn("ecr", "repository/shop/web"))
