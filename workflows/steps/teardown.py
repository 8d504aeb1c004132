"""Taking an environment down, and never believing that it is gone before a census proves it."""

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import workflow

from workflows.domain.environments.census import STACK, Census
from workflows.domain.environments.commands import Ending
from workflows.domain.environments.cost import per_month
from workflows.domain.environments.lease import pause_after
from workflows.domain.environments.order import TeardownRule
from workflows.domain.environments.view import EnvironmentPhase, Removal
from workflows.domain.errors import Diverged, Refused, ReleaseError, TargetMissing
from workflows.domain.values import Provider
from workflows.ports.environments import (
    DeleteOrphans,
    DeleteStack,
    EmptyBuckets,
    EnvironmentsPort,
    ReadEnvironment,
    TakeCensus,
    TakeSnapshots,
)
from workflows.steps.call import call
from workflows.steps.environment_tale import EnvironmentTale
from workflows.steps.held import rest


class EnvironmentTeardown:
    """Removes all of one environment, and tries again for as long as anything is left.

    What could not be removed is named, with the kind of its failure, and so is what could not be
    counted. Nothing goes before the snapshots that are demanded are complete, and nothing at all
    goes that carries the tag of a hold.
    """

    def __init__(self, provider: Provider, rule: TeardownRule, tale: EnvironmentTale) -> None:
        self._provider = provider
        self._rule = rule
        self._tale = tale
        self._name = tale.view.name
        self._told_to_retry = False
        self._problems: list[ReleaseError] = []

    def retry(self) -> None:
        """Somebody has changed something, and wants it tried again now."""
        self._told_to_retry = True

    async def held(self) -> str | None:
        """Why nothing may be touched, as the tag of a hold on any of it says; None otherwise.

        Where nothing can be counted now, the first attempt finds it.
        """
        try:
            return (await self._census()).held
        except ReleaseError:
            return None

    async def until_nothing_is_left(
        self, ending: Ending, *, resting: Callable[[], Awaitable[None]]
    ) -> None:
        """Take everything down; *resting* is called before each pause, and may go on elsewhere."""
        if self._tale.view.removal is None:
            removal = Removal(reason=ending.reason, by=ending.by)
            self._tale.show(phase=EnvironmentPhase.TEARING_DOWN, removal=removal)
            self._tale.note("teardown", ending.reason, outcome="begun", actor=ending.by or None)
        while not await self._proved_gone():
            await resting()
            await self._pause()
        per_hour = self._tale.view.per_hour
        self._tell(
            again_at=None, problem="", asks_person=False, saved_per_month=per_month(per_hour)
        )

    async def _pause(self) -> None:
        span = pause_after(self._rule, self._removal.attempts)
        self._tell(again_at=workflow.now() + span)
        await rest(
            span, f"{self._name} is torn down once more", unless=lambda: self._told_to_retry
        )

    async def _proved_gone(self) -> bool:
        """One attempt; whether a census after it proves that nothing is left."""
        self._told_to_retry, self._problems = False, []
        self._tell(attempts=self._removal.attempts + 1, again_at=None)
        left: Census | None = None
        try:
            left = await self._census()
            if not left.empty:
                await self._remove(left)
                left = await self._without_orphans(await self._census())
        except ReleaseError as error:
            self._problems.append(error)
        self._tale.show(doing="")
        self._account(left)
        return left is not None and left.empty

    async def _remove(self, found: Census) -> None:
        """Everything, in the order that loses nothing.

        Raises:
            ReleaseError: nothing after it may be tried.
        """
        if (reason := found.held) is not None:
            raise Diverged(f"a hold is tagged on it, and nothing is touched: {reason}")
        await self._expect_unprotected()
        await self._keep_snapshots()
        await self._empty_buckets()
        await self._delete_stack()

    async def _expect_unprotected(self) -> None:
        """A stack that is protected against deletion keeps what is in it, not only itself."""
        if self._rule.lift_protection:
            return
        self._doing("see whether it is protected against deletion")
        ask = ReadEnvironment(environment=self._name, provider=self._provider)
        try:
            made = await call(EnvironmentsPort.read_made, ask, trail=self._tale.trail)
        except TargetMissing:
            return
        if made.protected:
            raise Diverged(
                "it is protected against deletion, which its template says to ask a person about: "
                "take the protection off, then try again"
            )

    async def _keep_snapshots(self) -> None:
        """What was never ready holds nothing of anybody's."""
        wanted = self._rule.snapshots or self._rule.snapshot_all
        if not wanted or self._removal.snapshots_taken or self._never_was:
            return
        self._doing("keep final snapshots")
        ask = TakeSnapshots(
            environment=self._name,
            provider=self._provider,
            resources=self._rule.snapshots,
            everything=self._rule.snapshot_all,
        )
        kept = await call(EnvironmentsPort.take_snapshots, ask, trail=self._tale.trail)
        self._tell(snapshots=kept.snapshots, snapshots_taken=True)

    async def _empty_buckets(self) -> None:
        """One that cannot be emptied keeps nothing else: the census names what stays."""
        if not self._rule.empty_buckets:
            return
        self._doing("empty its buckets")
        ask = EmptyBuckets(environment=self._name, provider=self._provider)
        try:
            await call(EnvironmentsPort.empty_buckets, ask, trail=self._tale.trail)
        except Refused as error:
            self._problems.append(error)

    async def _delete_stack(self) -> None:
        self._doing("delete its stack")
        ask = DeleteStack(
            environment=self._name, provider=self._provider, lift=self._rule.lift_protection
        )
        try:
            await call(EnvironmentsPort.delete_stack, ask, trail=self._tale.trail)
        except Refused as error:
            self._problems.append(error)

    async def _without_orphans(self, left: Census) -> Census:
        """What is left once that is deleted which no stack holds any more."""
        if not left.orphans:
            return left
        self._doing("delete what outlived its stack")
        ask = DeleteOrphans(
            environment=self._name, provider=self._provider, resources=left.orphans
        )
        deleted = await call(EnvironmentsPort.delete_orphans, ask, trail=self._tale.trail)
        self._problems += [Refused(f"{id_}: {why}") for id_, why in deleted.left.items()]
        return await self._census()

    async def _census(self) -> Census:
        self._doing("count what exists")
        ask = TakeCensus(environment=self._name, provider=self._provider, stack=self._stack)
        census = await call(EnvironmentsPort.take_census, ask, trail=self._tale.trail)
        self._tale.note("census", f"census of {self._name}", outcome=str(census))
        if self._tale.view.removal is not None and self._removal.before is None:
            self._tell(before=_bare(census))
        return census

    def _account(self, left: Census | None) -> None:
        """Say what is gone, what is left, and what stands against it."""
        gone = self._removal.removed
        if left is not None and (before := self._removal.before) is not None:
            stays = {each.id for each in left.resources}
            gone = tuple(str(each) for each in before.resources if each.id not in stays)
        if left is not None:
            self._tell(snapshots=self._kept_by(left))
        if left is not None and left.empty:
            self._tell(removed=gone, after=_bare(left))
            self._tale.note("teardown", f"{self._name} is gone", outcome="proved")
            return
        problem = "; ".join(f"{error.kind}: {error}" for error in self._problems)
        self._tell(
            removed=gone,
            after=_bare(left) if left is not None else self._removal.after,
            problem=(problem or str(left))[:2000],
            asks_person=any(not error.retryable for error in self._problems),
        )
        self._tale.show(phase=EnvironmentPhase.TEARDOWN_INCOMPLETE)
        self._tale.note(
            "teardown", f"{self._name} is not gone", outcome="incomplete", detail=problem
        )

    def _kept_by(self, left: Census) -> tuple[str, ...]:
        """Every final snapshot of it: those taken here, and what its stack's deletion has left."""
        before = self._removal.before
        earlier = before.kept if before is not None else ()
        new = (each for each in left.kept if each not in earlier)
        return tuple(dict.fromkeys((*self._removal.snapshots, *new)))

    @property
    def _removal(self) -> Removal:
        removal = self._tale.view.removal
        return removal if removal is not None else Removal(reason="", by="")

    @property
    def _stack(self) -> str:
        """The provider's own id of its stack, by which it is known once it is deleted."""
        before = self._removal.before
        found = before.resources if before is not None else ()
        return next((each.id for each in found if each.type == STACK and not each.name), "")

    @property
    def _never_was(self) -> bool:
        view = self._tale.view
        return view.created_at is not None and view.ready_at is None

    def _tell(self, **changes: Any) -> None:
        self._tale.show(removal=self._removal.model_copy(update=changes))

    def _doing(self, what: str) -> None:
        self._tale.show(doing=what)


def _bare(census: Census) -> Census:
    """Without tags, which every resource repeats: the view has to stay small."""
    bare = tuple(each.model_copy(update={"tags": {}}) for each in census.resources)
    return census.model_copy(update={"resources": bare})
