"""Change sets: proposals to CloudFormation that are looked at before they are executed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.environments import tagging
from activities.environments.stacks import Stacks, pages, stack_name

# Another attempt of the same activity was here before.
_ALREADY = {"AlreadyExistsException", "InvalidChangeSetStatus", "ChangeSetNotFound"}


@dataclass(frozen=True)
class ChangeSet:
    """One proposal as CloudFormation tells of it now."""

    id: str
    status: str
    execution: str
    reason: str
    tags: dict[str, str]
    changes: tuple[dict[str, Any], ...]

    @property
    def executable(self) -> bool:
        return self.status == "CREATE_COMPLETE" and self.execution == "AVAILABLE"

    @property
    def failed(self) -> bool:
        """Whether nothing will come of it; `reason` tells why."""
        return self.status == "FAILED" or self.execution in {"EXECUTE_FAILED", "OBSOLETE"}


class ChangeSets:
    """Proposes and executes; each call may have been made by a killed predecessor already."""

    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks

    def propose(self, environment: str, name: str, proposal: Mapping[str, Any]) -> None:
        """Make the change set *name*, unless it is there.

        Raises:
            Refused: CloudFormation does not take it.
        """
        with in_release_words(f"cloudformation: propose {stack_name(environment)}"):
            self._unless_already(
                self._stacks.calls.create_change_set,
                StackName=stack_name(environment),
                ChangeSetName=name,
                **proposal,
            )

    def find(self, environment: str, name: str) -> ChangeSet | None:
        """The change set *name* with all its changes."""
        stack = stack_name(environment)
        told: list[dict[str, Any]] = []

        def ask(**more: str) -> Any:
            answer = self._stacks.calls.describe_change_set(
                StackName=stack, ChangeSetName=name, **more
            )
            told.append(answer)
            return answer

        with in_release_words(f"cloudformation: describe change set {name} of {stack}"):
            try:
                changes = tuple(pages(ask, "Changes"))
            except ClientError as error:
                if error_code(error) == "ChangeSetNotFound":
                    return None
                raise
        first = told[0]
        return ChangeSet(
            id=first["ChangeSetId"],
            status=first["Status"],
            execution=first.get("ExecutionStatus", ""),
            reason=first.get("StatusReason", ""),
            tags=tagging.read(first.get("Tags", ())),
            changes=changes,
        )

    def names(self, environment: str) -> list[str]:
        """What the change sets of the stack are called."""
        stack = stack_name(environment)
        with in_release_words(f"cloudformation: list the change sets of {stack}"):
            return [
                each["ChangeSetName"]
                for each in pages(
                    lambda **more: self._stacks.calls.list_change_sets(StackName=stack, **more),
                    "Summaries",
                )
            ]

    def execute(self, environment: str, name: str) -> None:
        """Have it done, unless it is under way.

        What a creation has made goes when it is rolled back, whatever its policy of deletion.
        """
        stack = stack_name(environment)
        with in_release_words(f"cloudformation: execute change set {name} of {stack}"):
            self._unless_already(
                self._stacks.calls.execute_change_set,
                StackName=stack,
                ChangeSetName=name,
                RetainExceptOnCreate=True,
            )

    def drop(self, environment: str, name: str) -> None:
        """Withdraw the proposal."""
        stack = stack_name(environment)
        with in_release_words(f"cloudformation: delete change set {name} of {stack}"):
            self._unless_already(
                self._stacks.calls.delete_change_set, StackName=stack, ChangeSetName=name
            )

    def _unless_already(self, call: Any, **asked: Any) -> None:
        try:
            call(**asked)
        except ClientError as error:
            if error_code(error) not in _ALREADY:
                raise
