"""Giving a stack, and everything in it, other tags, and changing nothing else."""

from typing import Any

from activities.environments import tagging
from activities.environments.change_sets import ChangeSet, ChangeSets
from activities.environments.failures import Failures
from activities.environments.polling import Polling
from activities.environments.stacks import Stack, Stacks
from activities.pace import Pace
from workflows.domain.errors import Diverged, Refused
from workflows.domain.values import digest_of
from workflows.ports.environments import TagEnvironment

_UPDATABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
}


class Retagging:
    """Updates a stack with the template that it has: a change set first tells what would change.

    An update looks up again whatever a parameter refers to, such as the newest image, and would
    replace a machine for it; a tag is never worth that.
    """

    def __init__(self, stacks: Stacks, *, role: str | None = None) -> None:
        self._stacks = stacks
        self._changes = ChangeSets(stacks)
        self._failures = Failures(stacks)
        self._role = role

    def tag(self, ask: TagEnvironment, pace: Pace) -> None:
        """See `EnvironmentsPort.tag_environment`.

        Raises:
            Diverged: the stack is not ours, or more than its tags would change.
            Refused: it cannot be updated, or the update failed and was rolled back.
        """
        polling, executed = Polling(pace), False
        while True:
            stack = self._stacks.needed(ask.environment)
            wanted = {**tagging.beside_ours(stack.tags), **tagging.taggable(ask.tags)}
            if not stack.moving:
                if stack.tags == wanted:
                    return
                if executed:
                    raise self._rolled_back(stack)
                executed = self._advance(stack, wanted)
            polling.wait()

    def _advance(self, stack: Stack, wanted: dict[str, str]) -> bool:
        """Whether the update is under way now."""
        if stack.status not in _UPDATABLE:
            raise Refused(f"{stack} is {stack.status}, and takes no tags")
        name = _change_set_name(stack, wanted)
        proposed = self._changes.find(stack.environment, name)
        if proposed is None:
            self._changes.propose(stack.environment, name, self._proposal(stack, wanted))
        elif proposed.failed:
            self._changes.drop(stack.environment, name)
            raise Refused(f"{stack} takes no tags: {proposed.reason}")
        elif proposed.executable:
            self._expect_tags_alone(stack, name, proposed)
            self._changes.execute(stack.environment, name)
            return True
        return False

    def _proposal(self, stack: Stack, wanted: dict[str, str]) -> dict[str, Any]:
        proposal: dict[str, Any] = {
            "ChangeSetType": "UPDATE",
            "UsePreviousTemplate": True,
            "Parameters": [
                {"ParameterKey": key, "UsePreviousValue": True} for key in stack.parameters
            ],
            "Tags": tagging.written(wanted),
            "Capabilities": list(stack.capabilities),
        }
        if self._role is not None:
            proposal["RoleARN"] = self._role
        return proposal

    def _expect_tags_alone(self, stack: Stack, name: str, proposed: ChangeSet) -> None:
        changes = [each["ResourceChange"] for each in proposed.changes if "ResourceChange" in each]
        if more := sorted(
            f"{each['LogicalResourceId']} ({each['Action']})"
            for each in changes
            if not _of_tags(each)
        ):
            self._changes.drop(stack.environment, name)
            raise Diverged(
                f"new tags for {stack} would change more than tags: {', '.join(more)}; somebody "
                "has changed what its template or parameters refer to"
            )

    def _rolled_back(self, stack: Stack) -> Refused:
        why = self._failures.of(stack.id, ended="UPDATE_FAILED")
        return Refused(f"{stack} is {stack.status} and did not take its tags: {why}")


def _of_tags(change: dict[str, Any]) -> bool:
    """Whether nothing but tags changes, as far as CloudFormation can tell.

    What refers to something with new tags is listed, too, where its value might change by it.
    """
    if change["Action"] != "Modify" or change.get("Replacement") == "True":
        return False
    if set(change.get("Scope", ())) <= {"Tags"}:
        return True
    details = change.get("Details", ())
    return all(
        detail["Target"]["Attribute"] == "Tags" or detail.get("Evaluation") == "Dynamic"
        for detail in details
    )


def _change_set_name(stack: Stack, wanted: dict[str, str]) -> str:
    """Another one after each update, so that tags can come back."""
    asked = digest_of(f"{stack.id} {stack.changed_at} {sorted(wanted.items())}")
    return f"lockgate-tags-{asked.removeprefix('sha256:')[:24]}"
