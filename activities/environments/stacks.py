"""Stacks of CloudFormation: one for each environment, found by its name and proved by its tag."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from botocore.handlers import json_decode_template_body

from activities.aws import error_code, in_release_words
from activities.environments import tagging
from activities.environments.cloudformation_client import NO_STACK, CloudFormationCalls
from activities.environments.provisioner import AwsClients
from workflows.domain.environments.census import Resource, Tag
from workflows.domain.errors import Diverged, TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.environments import Made

REVIEW = "REVIEW_IN_PROGRESS"
"""It has change sets and nothing else: none of them was executed."""


@dataclass(frozen=True)
class Stack:
    """A stack as CloudFormation tells of it now."""

    environment: str
    id: str
    status: str
    reason: str
    tags: dict[str, str]
    parameters: dict[str, str]
    outputs: dict[str, str]
    capabilities: tuple[str, ...]
    protected: bool
    changed_at: str
    """When it was last made or updated."""

    @property
    def moving(self) -> bool:
        """Whether CloudFormation is at work on it."""
        return self.status.endswith("_IN_PROGRESS") and self.status != REVIEW

    @property
    def ours(self) -> bool:
        """Whether it carries the tag of the environment that its name says."""
        return self.tags.get(Tag.ENVIRONMENT) == self.environment

    def __str__(self) -> str:
        return f"stack {stack_name(self.environment)}"


def stack_name(environment: str) -> str:
    """What the stack of an environment is called, in which CloudFormation allows no dots."""
    return f"lockgate-{environment.replace('.', '-')}"


class Stacks:
    """Reads stacks of one account and region; nothing here changes any."""

    def __init__(self, clients: AwsClients) -> None:
        self._clients = clients

    @property
    def calls(self) -> CloudFormationCalls:
        calls: CloudFormationCalls = self._clients("cloudformation")
        return calls

    def find(self, environment: str) -> Stack | None:
        """The stack of that name, whoever made it.

        Raises:
            Unavailable: CloudFormation does not answer, or throttles.
        """
        name = stack_name(environment)
        with in_release_words(f"cloudformation: describe stack {name}"):
            try:
                (told,) = self.calls.describe_stacks(StackName=name)["Stacks"]
            except ClientError as error:
                if error_code(error) == NO_STACK:
                    return None
                raise
        return _stack(environment, told)

    def needed(self, environment: str) -> Stack:
        """The stack, which must be there and be ours.

        Raises:
            TargetMissing: there is none.
            Diverged: it is not ours.
        """
        if (found := self.find(environment)) is None:
            raise TargetMissing(f"there is no stack {stack_name(environment)}")
        expect_ours(found)
        return found

    def resources(self, environment: str) -> tuple[Resource, ...]:
        """What the stack has, by physical id; nothing where there is no stack."""
        try:
            listed = list(self.listed(environment))
        except TargetMissing:
            return ()
        return tuple(
            Resource(
                id=each["PhysicalResourceId"],
                type=each["ResourceType"],
                name=each["LogicalResourceId"],
            )
            for each in listed
            if each.get("PhysicalResourceId") and each["ResourceStatus"] not in _NOT_THERE
        )

    def listed(self, environment: str) -> Iterator[dict[str, Any]]:
        """Each resource of the stack as CloudFormation lists it.

        Raises:
            TargetMissing: there is no such stack.
        """
        name = stack_name(environment)
        with _asking("list the resources of", name):
            yield from pages(
                lambda **more: self.calls.list_stack_resources(StackName=name, **more),
                "StackResourceSummaries",
            )

    def template(self, environment: str) -> str:
        """The text of the template that the stack has now.

        Raises:
            TargetMissing: there is no such stack.
        """
        name, calls = stack_name(environment), self.calls
        # boto3 would parse one that is JSON, and so lose the text that its digest is of.
        calls.meta.events.unregister(
            "after-call.cloudformation.GetTemplate", json_decode_template_body
        )
        with _asking("get the template of", name):
            answer = calls.get_template(StackName=name, TemplateStage="Original")
        return str(answer["TemplateBody"])

    def made(self, stack: Stack) -> Made:
        """What the stack is made of, and what it offers."""
        return Made(
            stack=stack.id,
            status=stack.status,
            resources=self.resources(stack.environment),
            outputs=stack.outputs,
            tags=stack.tags,
            parameters=stack.parameters,
            template=digest_of(self.template(stack.environment)),
            protected=stack.protected,
        )


# Listed still without being part of it.
_NOT_THERE = {"DELETE_COMPLETE", "DELETE_SKIPPED"}


def expect_ours(stack: Stack) -> None:
    """Let nobody touch what Lockgate did not make.

    Raises:
        Diverged: the stack does not carry the tag of its environment.
    """
    if not stack.ours:
        found = stack.tags.get(Tag.ENVIRONMENT)
        raise Diverged(
            f"{stack} is not ours: expected the tag {Tag.ENVIRONMENT}={stack.environment}, found "
            f"{found or 'none'}; delete or rename it by hand, or ask for another name"
        )


@contextmanager
def _asking(what: str, name: str) -> Iterator[None]:
    """Translate what is raised about the stack *name*, which may be gone meanwhile."""
    with in_release_words(f"cloudformation: {what} {name}"):
        try:
            yield
        except ClientError as error:
            if error_code(error) == NO_STACK:
                raise TargetMissing(f"there is no stack {name}") from error
            raise


def pages(ask: Callable[..., Any], key: str) -> Iterator[dict[str, Any]]:
    """Each item that *ask* lists under *key*, page by page."""
    more: dict[str, str] = {}
    while True:
        answer = ask(**more)
        yield from answer.get(key, ())
        if not (token := answer.get("NextToken")):
            return
        more = {"NextToken": token}


def _stack(environment: str, told: dict[str, Any]) -> Stack:
    changed_at = told.get("LastUpdatedTime") or told["CreationTime"]
    return Stack(
        environment=environment,
        id=told["StackId"],
        status=told["StackStatus"],
        reason=told.get("StackStatusReason", ""),
        tags=tagging.read(told.get("Tags", ())),
        parameters={
            each["ParameterKey"]: each.get("ParameterValue", "")
            for each in told.get("Parameters", ())
        },
        outputs={each["OutputKey"]: each["OutputValue"] for each in told.get("Outputs", ())},
        capabilities=tuple(told.get("Capabilities", ())),
        protected=told.get("EnableTerminationProtection", False),
        changed_at=f"{changed_at}",
    )
