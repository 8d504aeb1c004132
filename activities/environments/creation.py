"""Making a stack by a change set, from wherever a killed predecessor has left it."""

from typing import Any

from activities.environments import tagging
from activities.environments.change_sets import ChangeSets
from activities.environments.deletion import Deletion
from activities.environments.failures import Failures
from activities.environments.polling import Polling
from activities.environments.stacks import REVIEW, Stack, Stacks, expect_ours
from activities.pace import Pace
from workflows.domain.environments.census import Tag
from workflows.domain.errors import Diverged, Refused
from workflows.domain.values import Value, digest_of
from workflows.ports.environments import CreateEnvironment, Made

_MADE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
}
_FAILED = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
_MASKED = "****"


class Failed(Value):
    """Why the creation failed, kept for a successor while what is left of it is deleted."""

    reason: str


class Creation:
    """One creation; it looks where things stand, and does what comes next.

    Nothing is remembered that CloudFormation does not tell: a change set is named by the digest of
    all that is asked for, and a stack with the very tags of this request is this request's.
    """

    def __init__(
        self,
        ask: CreateEnvironment,
        pace: Pace,
        *,
        stacks: Stacks,
        role: str | None,
        capabilities: tuple[str, ...],
    ) -> None:
        self._ask = ask
        self._pace = pace
        self._stacks = stacks
        self._changes = ChangeSets(stacks)
        self._failures = Failures(stacks)
        self._deletion = Deletion(stacks, role=role)
        self._role = role
        self._capabilities = capabilities
        self._tags = tagging.taggable(ask.tags)
        self._name = _change_set_name(ask)

    def run(self) -> Made:
        """See `EnvironmentsPort.create_environment`."""
        if (failed := self._pace.kept(Failed)) is not None:
            raise self._cleared(failed.reason)
        polling = Polling(self._pace)
        while (made := self._advance()) is None:
            polling.wait()
        return self._stacks.made(made)

    def _advance(self) -> Stack | None:
        """The stack, once it is made; None where something was begun or is under way."""
        stack = self._stacks.find(self._ask.environment)
        if stack is None:
            self._propose()
        elif stack.status == REVIEW:
            self._review(stack)
        elif stack.status in _MADE:
            return self._expect_asked_for(stack)
        elif stack.status in _FAILED:
            self._fail(stack)
        elif not stack.moving:
            expect_ours(stack)
            raise Diverged(
                f"{stack} is {stack.status}: an earlier environment of this name is not gone; "
                "`lockgate env census` tells what is left of it"
            )
        return None

    def _propose(self) -> None:
        blueprint = self._ask.blueprint
        proposal: dict[str, Any] = {
            "ChangeSetType": "CREATE",
            "TemplateBody": blueprint.text,
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in blueprint.parameters.items()
            ],
            "Tags": tagging.written(self._tags),
            "Capabilities": list(self._capabilities),
            "OnStackFailure": "ROLLBACK",
        }
        if self._role is not None:
            proposal["RoleARN"] = self._role
        self._changes.propose(self._ask.environment, self._name, proposal)

    def _review(self, stack: Stack) -> None:
        """Execute what was proposed; another request's proposal goes first."""
        environment = self._ask.environment
        proposed = self._changes.find(environment, self._name)
        if proposed is None:
            self._deletion.expect_ours(stack)
            if self._changes.names(environment):
                self._deletion.delete(environment, self._pace, lift=False)
            else:
                self._propose()
        elif proposed.failed:
            found = "; ".join(self._failures.found_before(stack.id, proposed.id))
            raise self._cleared(found or proposed.reason)
        elif proposed.executable:
            self._changes.execute(environment, self._name)

    def _expect_asked_for(self, stack: Stack) -> Stack:
        """Raise Diverged unless it was made from the template and parameters of this request."""
        expect_ours(stack)
        blueprint = self._ask.blueprint
        if (found := stack.tags.get(Tag.DIGEST)) != blueprint.digest:
            raise Diverged(
                f"{stack} was made from another template: expected {blueprint.digest}, found "
                f"{found}; tear it down first"
            )
        other = sorted(
            key
            for key, value in blueprint.parameters.items()
            if stack.parameters.get(key) not in {value, _MASKED}
        )
        if other:
            raise Diverged(
                f"{stack} was made with another value of {', '.join(other)}; tear it down first"
            )
        return stack

    def _fail(self, stack: Stack) -> None:
        """Tell why it failed; what an earlier request has left is deleted, and tells nothing."""
        expect_ours(stack)
        if not self._tags.items() <= stack.tags.items():
            self._deletion.delete(self._ask.environment, self._pace, lift=False)
            return
        raise self._cleared(self._failures.of(stack.id, ended="CREATE_FAILED"))

    def _cleared(self, reason: str) -> Refused:
        """The failure to raise, once nothing is left of the attempt or it is known what is."""
        # Read before anything is deleted, and kept: nobody could tell it afterwards.
        self._pace.beat(Failed(reason=reason))
        told = f"{self._ask.environment} could not be made: {reason}"
        try:
            self._deletion.delete(self._ask.environment, self._pace, lift=False)
        except Refused as left:
            return Refused(f"{told}; and what was begun is not gone: {left}")
        return Refused(told)


def _change_set_name(ask: CreateEnvironment) -> str:
    """The same for the same request, and for no other: its tags tell when it was made."""
    asked = digest_of(ask.model_dump_json()).removeprefix("sha256:")
    return f"lockgate-{asked[:24]}"
