"""CloudFormation as a script: what is asked, in order, and what it answers; nothing else is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.stub import ANY, Stubber

from tests.contract.provisioned import creation

NAME = "pr-7"
STACK = "lockgate-pr-7"
ARN = "arn:aws:cloudformation:us-east-1:1:stack/lockgate-pr-7/1"
ASK = creation(NAME)
TAGS = {
    "lockgate:environment": NAME,
    "lockgate:template": "preview",
    "lockgate:template-digest": ASK.blueprint.digest,
    "lockgate:purpose": "try it- -all- of it-",
    "lockgate:expiry": "2026-11-29T10:00:00Z",
}
ROLE = "arn:aws:iam::123456789012:role/lockgate"
AT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)

Step = tuple[str, Any, dict[str, Any]]


def answers(call: str, answer: dict[str, Any] | None = None, **asked: Any) -> Step:
    """*call* is made next with at least what is *asked*, and answered so."""
    return call, answer or {}, asked


def fails(call: str, code: str, message: str = "no", **asked: Any) -> Step:
    """*call* is made next, and refused with AWS's *code*."""
    return call, (code, message), asked


def tags(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


def stack(status: str, given: dict[str, str] | None = None, **more: Any) -> Step:
    """The next look finds the stack so."""
    told = {
        "StackName": STACK,
        "StackId": ARN,
        "StackStatus": status,
        "CreationTime": AT,
        "Tags": tags(TAGS if given is None else given),
        **more,
    }
    return answers("describe_stacks", {"Stacks": [told]}, StackName=STACK)


def no_stack() -> Step:
    """The next look finds none."""
    return fails("describe_stacks", "ValidationError", StackName=STACK)


def change_set(status: str = "CREATE_COMPLETE", execution: str = "AVAILABLE", **more: Any) -> Step:
    """The next look at a change set finds it so."""
    told = {"ChangeSetId": "cs-1", "Status": status, "ExecutionStatus": execution, **more}
    return answers("describe_change_set", told)


def no_change_set() -> Step:
    return fails("describe_change_set", "ChangeSetNotFound")


def event(name: str, status: str, reason: str = "", **more: Any) -> dict[str, Any]:
    """An event of a resource as CloudFormation lists it."""
    return {
        "StackId": ARN,
        "EventId": "1",
        "StackName": STACK,
        "Timestamp": AT,
        "LogicalResourceId": name,
        "PhysicalResourceId": f"id-of-{name}",
        "ResourceType": "AWS::SQS::Queue",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        **more,
    }


def events(*listed: dict[str, Any]) -> Step:
    """The events of the stack, oldest first; CloudFormation tells them newest first."""
    return answers("describe_stack_events", {"StackEvents": list(reversed(listed))})


@contextmanager
def cloudformation(*steps: Step) -> Iterator[Any]:
    """Clients whose CloudFormation goes by the script; it must be played to its end."""
    client = boto3.client(
        "cloudformation",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    # Filled up while it is played, and told again by other tests.
    steps = tuple((call, answer, dict(asked)) for call, answer, asked in steps)
    # What is asked beside what a step says is another test's.
    client.meta.events.register_first("before-parameter-build.*.*", _complete(steps))
    with Stubber(client) as stub:
        for call, answer, asked in steps:
            if isinstance(answer, tuple):
                code, message = answer
                stub.add_client_error(call, code, message, expected_params=asked or None)
            else:
                stub.add_response(call, answer, asked or None)
        yield lambda _service: client
        stub.assert_no_pending_responses()
    client.close()


def _complete(steps: tuple[Step, ...]) -> Any:
    """Fill up what each step expects by what is really asked for."""
    left = iter(steps)

    def fill(params: dict[str, Any], **_: Any) -> None:
        _call, _answer, asked = next(left, ("", None, {}))
        if asked:
            asked.update({key: ANY for key in params if key not in asked})

    return fill
