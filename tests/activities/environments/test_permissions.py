"""The policies that the how-to page gives are JSON, and allow every call that the worker makes."""

import json
import re
from pathlib import Path

import boto3
import pytest

from activities.environments.cloudformation_client import CloudFormationCalls
from tests.activities.aws_calls import calls_of

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "environments-on-aws.md"


@pytest.fixture(scope="module")
def statements():
    policies = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    found = [statement for policy in policies for statement in json.loads(policy)["Statement"]]
    assert len(found) > 3
    return found


def actions(statement):
    listed = statement["Action"]
    return [listed] if isinstance(listed, str) else listed


def test_every_call_to_cloudformation_is_allowed(statements):
    client = boto3.client(
        "cloudformation", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    needed = {
        f"cloudformation:{client.meta.method_to_api_mapping[call]}"
        for call in calls_of(CloudFormationCalls)
    }
    client.close()

    assert needed - {action for statement in statements for action in actions(statement)} == set()


def test_nothing_is_allowed_by_a_wildcard_of_actions(statements):
    assert [a for statement in statements for a in actions(statement) if "*" in a] == []


def test_what_deletes_is_bound_to_our_names_or_our_tag(statements):
    for statement in statements:
        deleting = [a for a in actions(statement) if re.search(r":(Delete|Terminate|Schedule)", a)]
        bound = "lockgate" in json.dumps([statement["Resource"], statement.get("Condition")])
        assert not deleting or bound, statement["Sid"]
