"""What the settings say of a connection reaches every call that needs it."""

import pytest

from activities.environments.cloudformation import CloudFormation
from tests.activities.environments.scripted import (
    ASK,
    NAME,
    ROLE,
    TAGS,
    answers,
    change_set,
    cloudformation,
    no_change_set,
    no_stack,
    stack,
)
from tests.contract.provisioned import PLAIN, PREVIEW, QuickPace
from workflows.domain.errors import Refused
from workflows.ports.environments import (
    CheckBlueprint,
    DeleteStack,
    ReadEnvironment,
    TagEnvironment,
)

NAMED = {"environment": NAME, "provider": PREVIEW}
MADE = [
    answers("list_stack_resources", {"StackResourceSummaries": []}),
    answers("get_template", {"TemplateBody": PLAIN}),
]


def provisioner(clients, **more):
    return CloudFormation(clients, connection="preview", role=ROLE, **more)


def test_a_stack_is_made_with_the_role_and_what_templates_may_make():
    proposed = answers("create_change_set", RoleARN=ROLE, Capabilities=["CAPABILITY_IAM"])
    with cloudformation(no_stack(), proposed, stack("CREATE_COMPLETE"), *MADE) as clients:
        provisioner(clients, capabilities=("CAPABILITY_IAM",)).create_environment(ASK, QuickPace())


def test_a_stack_is_tagged_with_the_role():
    found, proposed = stack("CREATE_COMPLETE"), answers("create_change_set", RoleARN=ROLE)
    tags = {"lockgate:environment": NAME}
    executed = answers("execute_change_set")
    steps = [found, no_change_set(), proposed, found, change_set(Changes=[]), executed]
    with cloudformation(*steps, stack("UPDATE_COMPLETE", tags)) as clients:
        ask = TagEnvironment(**NAMED, tags=tags)
        provisioner(clients).tag_environment(ask, QuickPace())


def test_a_stack_is_deleted_with_the_role():
    deleted = answers("delete_stack", RoleARN=ROLE)
    with cloudformation(stack("CREATE_COMPLETE"), deleted, no_stack()) as clients:
        provisioner(clients).delete_stack(DeleteStack(**NAMED, lift=False), QuickPace())


def test_what_a_template_needs_is_held_against_what_the_connection_gives():
    summary = answers("get_template_summary", {"Capabilities": ["CAPABILITY_IAM"]})
    ask = CheckBlueprint(provider=PREVIEW, blueprint=ASK.blueprint)
    valid = answers("validate_template")

    with cloudformation(valid, summary) as clients, pytest.raises(Refused, match="CAPABILITY_IAM"):
        provisioner(clients).check_blueprint(ask)


def test_what_is_made_is_read():
    with cloudformation(stack("CREATE_COMPLETE"), *MADE) as clients:
        assert provisioner(clients).read_made(ReadEnvironment(**NAMED)).tags == TAGS
