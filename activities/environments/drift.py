"""How a stack differs from its template, as CloudFormation compares them."""

import re
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.environments.polling import Polling
from activities.environments.stacks import Stack, Stacks, pages, stack_name
from activities.pace import Pace
from workflows.domain.environments.census import Resource
from workflows.domain.environments.drift import Drift, Drifted
from workflows.domain.errors import Unavailable
from workflows.domain.values import Value, digest_of
from workflows.ports.environments import ReadDrift

_COMPARABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
}
_DRIFTED = {"MODIFIED", "DELETED"}
_IN_SYNC = "IN_SYNC"
# What may hold a secret by its name, or always does; that it differs is told, and not how.
_SECRET = re.compile(
    r"pass(word|phrase)|secret|token|credential|private|api_?key|/environment/|userdata",
    re.IGNORECASE,
)
_SECRET_TYPES = {"AWS::SSM::Parameter", "AWS::SecretsManager::Secret"}
_HIDDEN = "(hidden)"


class Comparing(Value):
    """A comparison that was begun, kept for a successor; it belongs to one stack."""

    stack: str
    id: str


class DriftDetection:
    """Compares stacks with what they were made from."""

    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks

    def read(self, ask: ReadDrift, pace: Pace) -> Drift:
        """See `EnvironmentsPort.read_drift`; what was not compared is unknown, never equal."""
        stack = self._stacks.needed(ask.environment)
        changed = digest_of(self._stacks.template(ask.environment)) != ask.digest
        if stack.status not in _COMPARABLE:
            unknown = (f"the stack, which is {stack.status}",)
            return Drift(template_changed=changed, unknown=unknown)
        self._compare(stack, pace)
        told = {each["LogicalResourceId"]: each for each in self._told(stack)}
        listed = {each["LogicalResourceId"]: each for each in self._listed(ask.environment)}
        return Drift(
            resources=tuple(
                _drifted(told[name]) for name in sorted(told) if _has_drifted(told[name])
            ),
            template_changed=changed,
            unknown=tuple(
                f"{name} ({listed[name]['ResourceType']})"
                for name in sorted(listed)
                if not _is_known(told.get(name))
            ),
        )

    def _compare(self, stack: Stack, pace: Pace) -> None:
        """Return once CloudFormation has compared all that it can."""
        comparing = pace.kept(Comparing)
        if comparing is None or comparing.stack != stack.id:
            comparing = Comparing(stack=stack.id, id=self._begun(stack))
        pace.beat(comparing)
        polling = Polling(pace)
        while True:
            with in_release_words(f"cloudformation: wait for the comparison of {stack}"):
                answer = self._stacks.calls.describe_stack_drift_detection_status(
                    StackDriftDetectionId=comparing.id
                )
            if answer["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                return  # one that failed has still compared what it could
            polling.wait()

    def _begun(self, stack: Stack) -> str:
        with in_release_words(f"cloudformation: compare {stack}"):
            try:
                answer = self._stacks.calls.detect_stack_drift(
                    StackName=stack_name(stack.environment)
                )
            except ClientError as error:
                if error_code(error) == "ValidationError":
                    # The stack can be compared, so somebody else has it compared just now.
                    raise Unavailable(f"{stack} is being compared already: {error}") from error
                raise
        return str(answer["StackDriftDetectionId"])

    def _told(self, stack: Stack) -> list[dict[str, Any]]:
        name = stack_name(stack.environment)
        with in_release_words(f"cloudformation: read the drift of {name}"):
            return list(
                pages(
                    lambda **more: self._stacks.calls.describe_stack_resource_drifts(
                        StackName=name, **more
                    ),
                    "StackResourceDrifts",
                )
            )

    def _listed(self, environment: str) -> list[dict[str, Any]]:
        return list(self._stacks.listed(environment))


def _has_drifted(told: dict[str, Any]) -> bool:
    return told["StackResourceDriftStatus"] in _DRIFTED


def _is_known(told: dict[str, Any] | None) -> bool:
    return told is not None and told["StackResourceDriftStatus"] in {*_DRIFTED, _IN_SYNC}


def _drifted(told: dict[str, Any]) -> Drifted:
    return Drifted(
        resource=Resource(
            id=told.get("PhysicalResourceId", ""),
            type=told["ResourceType"],
            name=told["LogicalResourceId"],
        ),
        status=told["StackResourceDriftStatus"],
        differences={
            each["PropertyPath"]: _shown(told["ResourceType"], each)
            for each in told.get("PropertyDifferences", ())
        },
    )


def _shown(kind: str, difference: dict[str, str]) -> tuple[str, str]:
    """Both values; hidden where they may be a secret, which must not get into any history."""
    if kind in _SECRET_TYPES or _SECRET.search(difference["PropertyPath"]):
        return _HIDDEN, _HIDDEN
    return difference["ExpectedValue"], difference["ActualValue"]
