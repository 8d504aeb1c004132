"""Taking down what has our tags and no living story, because a person says so."""

from collections.abc import Iterable
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from starters.environments.counting import census
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from workflows.domain.environments.census import Census
from workflows.domain.environments.order import TeardownRule
from workflows.domain.environments.sweeping import keeper_by_tags, reclaim_order
from workflows.domain.names import Queue, environment_id
from workflows.domain.values import Provider
from workflows.reclaim import ReclaimWorkflow


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who has it taken down, why, and whether they know that its template protects it."""

    by: str
    reason: str
    protected: bool


async def reclaim(
    client: Client,
    name: str,
    providers: Iterable[Provider],
    said: Asked,
    *,
    queue: str = Queue.STORIES,
) -> bool:
    """Begin to take down all that exists of *name*; False where nothing does.

    Raises:
        CommandFailed: a hold or its protection keeps it (DENIED), it exists at several providers
            (USAGE), or not all of it could be counted (HOLDING).
        NobodyAnswers: a provider could not be asked.
    """
    counted = [(provider, (await census(client, name, provider))[0]) for provider in providers]
    there = [(provider, found) for provider, found in counted if found.resources]
    if len(there) > 1:
        listed = ", ".join(str(provider) for provider, _ in there)
        raise CommandFailed(f"{name} exists at {listed}: name one with --provider", ExitCode.USAGE)
    if not there:
        _expect_counted(name, (found for _, found in counted))
        return False
    ((provider, found),) = there
    _expect_free(found, said)
    tags = found.resources[0].tags
    order = reclaim_order(found, provider, tags, otherwise=TeardownRule()).model_copy(
        update={"reason": said.reason, "by": said.by}
    )
    try:
        await client.start_workflow(
            ReclaimWorkflow.run,
            order,
            id=environment_id(name),
            task_queue=queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=f"reclaim {name}: {said.reason}"[:200],
        )
    except WorkflowAlreadyStartedError:
        return True  # a sweep, or a request, was faster
    return True


def _expect_counted(name: str, counted: Iterable[Census]) -> None:
    """Raises CommandFailed where nobody can say that nothing exists."""
    if unreadable := [each for found in counted for each in found.unreadable]:
        raise CommandFailed(f"{name} was not counted: {'; '.join(unreadable)}", ExitCode.HOLDING)


def _expect_free(found: Census, said: Asked) -> None:
    """Raises CommandFailed where something keeps it that a person has to lift, or to name."""
    if found.held is not None:
        raise CommandFailed(
            f"refused: a hold is tagged on {found.environment}: {found.held}; nothing tears it "
            "down before the tag is taken off",
            ExitCode.DENIED,
        )
    kept = keeper_by_tags(each.tags for each in found.resources)
    if kept is not None and not said.protected:
        raise CommandFailed(
            f"refused: {found.environment}: {kept}; say --protected if that is what you mean",
            ExitCode.DENIED,
        )
