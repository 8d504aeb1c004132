"""Deleting a stack: only ours, protected or not as was said, and until it is gone."""

import uuid

from activities.aws import in_release_words
from activities.environments.change_sets import ChangeSets
from activities.environments.failures import Failures
from activities.environments.polling import Polling
from activities.environments.stacks import REVIEW, Stack, Stacks, expect_ours, stack_name
from activities.pace import Pace
from workflows.domain.environments.census import Tag
from workflows.domain.errors import Diverged, Refused

# The one work of CloudFormation that a deletion may break into.
_BEGUN = "CREATE_IN_PROGRESS"


class Deletion:
    """Deletes stacks; CloudFormation itself takes the resources in the order of dependencies."""

    def __init__(self, stacks: Stacks, *, role: str | None = None) -> None:
        self._stacks = stacks
        self._changes = ChangeSets(stacks)
        self._failures = Failures(stacks)
        self._role = role

    def delete(self, environment: str, pace: Pace, *, lift: bool) -> None:
        """Delete it, and wait until it is gone; asked once in each attempt, so that it goes on.

        Raises:
            Diverged: it is protected and *lift* is not said, or it is not ours.
            Refused: resources could not be deleted; each is named, with the reason.
        """
        polling = Polling(pace)
        # Tells this attempt's failure from the one that the last attempt has left.
        token = f"lockgate-{uuid.uuid4().hex}"
        asked = False
        while (stack := self._stacks.find(environment)) is not None:
            if asked and stack.status == "DELETE_FAILED":
                raise self._left(stack, token)
            if not asked and (not stack.moving or stack.status == _BEGUN):
                self.expect_ours(stack)
                self._unprotect(stack, lift=lift)
                self._ask(stack, token)
                asked = True
            polling.wait()

    def expect_ours(self, stack: Stack) -> None:
        """Raise Diverged unless it is ours: a stack under review tells it in its change sets."""
        if stack.status != REVIEW or stack.ours:
            expect_ours(stack)
            return
        for name in self._changes.names(stack.environment):
            found = self._changes.find(stack.environment, name)
            if found is not None and found.tags.get(Tag.ENVIRONMENT) != stack.environment:
                raise Diverged(
                    f"{stack} is not ours: somebody proposes {name} for it; delete it by hand, or "
                    "ask for another name"
                )

    def _unprotect(self, stack: Stack, *, lift: bool) -> None:
        if not stack.protected:
            return
        name = stack_name(stack.environment)
        if not lift:
            raise Diverged(
                f"{stack} is protected against deletion, and its template says to refuse; take "
                "the protection off by hand, then `lockgate env teardown` goes on"
            )
        with in_release_words(f"cloudformation: lift the protection of {name}"):
            self._stacks.calls.update_termination_protection(
                StackName=name, EnableTerminationProtection=False
            )

    def _ask(self, stack: Stack, token: str) -> None:
        name = stack_name(stack.environment)
        role = {} if self._role is None else {"RoleARN": self._role}
        with in_release_words(f"cloudformation: delete {name}"):
            self._stacks.calls.delete_stack(StackName=name, ClientRequestToken=token, **role)

    def _left(self, stack: Stack, token: str) -> Refused:
        left = self._failures.of(stack.id, ended="DELETE_FAILED", token=token)
        return Refused(f"{stack} could not be deleted: {left}")
