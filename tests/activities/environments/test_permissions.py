"""The policies of the how-to page allow every call of the code, and no deletion at large."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import boto3
import pytest

from activities.environments.cloudformation_client import CloudFormationCalls
from activities.environments.kinds import KINDS, Kind
from tests.activities.aws_calls import calls_of

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "docs" / "how-to" / "environments-on-aws"
CODE = ROOT / "activities" / "environments"
MOST_SIGNS = 6144
"""As many as IAM takes in one policy, blanks not counted."""
ACTION_OF = {
    "cloudcontrol:GetResource": ["cloudformation:GetResource"],
    "s3:DeleteObjects": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    "s3:GetPublicAccessBlock": ["s3:GetBucketPublicAccessBlock"],
    "s3:ListMultipartUploads": ["s3:ListBucketMultipartUploads"],
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
}
"""Where a permission is not called as the operation is."""
PREFIX_OF = {"cloudcontrolapi": "cloudcontrol", "monitoring": "cloudwatch", "tagging": "tag"}


@pytest.fixture(scope="module")
def statements():
    policies = [json.loads(path.read_text()) for path in sorted(POLICIES.glob("*.json"))]
    return [statement for policy in policies for statement in policy["Statement"]]


@pytest.fixture(scope="module")
def allowed(statements):
    return {action for statement in statements for action in statement["Action"]}


@cache
def model(service: str) -> tuple[str, dict[str, str]]:
    """IAM's prefix of *service*, and its operations by boto3's names for them."""
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    signed_as = client.meta.service_model.signing_name
    client.close()
    return PREFIX_OF.get(signed_as, signed_as), client.meta.method_to_api_mapping


def actions(service: str, names: set[str]) -> Iterator[str]:
    """What is needed for those of *names* that are calls of *service*."""
    prefix, operations = model(service)
    for name in names & operations.keys():
        action = f"{prefix}:{operations[name]}"
        yield from ACTION_OF.get(action, [action])


def names_in(function: Callable[..., Any]) -> set[str]:
    """Every name that *function* may call, also those that it was made with."""
    found = names_of_code(function.__code__)
    for cell in function.__closure__ or ():
        held = cell.cell_contents
        found |= {held} if isinstance(held, str) else set()
        found |= names_in(held) if isinstance(held, FunctionType) else set()
    return found


def names_of_code(code: CodeType) -> set[str]:
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*map(names_of_code, inner))


def called_by(path: Path) -> Iterator[str]:
    """What the other parts call, where the name of the client says whose call it is."""
    named = r'(?:\b(ec2|rds|s3|dynamodb)|clients\("(\w+)"\))\.(\w+)'
    for variable, service, name in re.findall(named, path.read_text()):
        yield from actions(variable or service, {name})


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.type)
def test_every_type_can_be_read_and_deleted(allowed, kind: Kind):
    needed = set(actions(kind.service, names_in(kind.read) | names_in(kind.delete)))

    assert needed
    assert needed - allowed == set()


def test_every_call_to_cloudformation_is_allowed(allowed):
    needed = set(actions("cloudformation", set(calls_of(CloudFormationCalls))))

    assert len(needed) == len(calls_of(CloudFormationCalls))
    assert needed - allowed == set()


def test_every_other_call_is_allowed(allowed):
    needed = {action for path in CODE.glob("*.py") for action in called_by(path)}

    assert {"tag:GetResources", "s3:DeleteObject", "ec2:CreateSnapshot"} <= needed
    assert needed - allowed == set()


def test_no_action_is_allowed_by_a_wildcard(allowed):
    assert [action for action in allowed if "*" in action] == []


def test_what_deletes_is_bound_to_our_names_or_our_tag(statements):
    for statement in statements:
        ends = [a for a in statement["Action"] if re.search(r":(Delete|Terminate|Schedule)", a)]
        bound = "lockgate" in json.dumps([statement["Resource"], statement.get("Condition")])
        assert not ends or bound, statement["Sid"]


def test_a_profile_which_takes_no_tags_of_its_stack_is_bound_by_its_name(statements):
    (statement,) = (s for s in statements if "iam:RemoveRoleFromInstanceProfile" in s["Action"])

    assert "Condition" not in statement
    assert statement["Resource"] == "arn:aws:iam::123456789012:instance-profile/lockgate-*"


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.json")), ids=lambda path: path.name)
def test_a_policy_is_short_enough_for_iam(path: Path):
    assert len("".join(path.read_text().split())) <= MOST_SIGNS
