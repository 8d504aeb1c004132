"""Take down what has our tags and no living story, wherever it lies."""

from collections.abc import Mapping

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflows.domain.environments.census import Census
from workflows.domain.environments.order import ReclaimOrder
from workflows.domain.environments.sweeping import (
    OrphanReport,
    OrphanSweepOrder,
    keeper_by_tags,
    reclaim_order,
)
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import ReleaseError, Unavailable
from workflows.domain.names import environment_id
from workflows.domain.values import Provider, is_name
from workflows.ports.environments import EnvironmentsPort, FindTagged, TakeCensus
from workflows.reclaim import ReclaimWorkflow
from workflows.steps.call import call
from workflows.steps.fanout import every
from workflows.steps.living import living
from workflows.steps.sweep_tale import SweepTale, batches, long_enough

_ASKED_AT_ONCE = 100
_COUNTED_AT_ONCE = 4


@workflow.defn
class OrphanSweepWorkflow:
    """Looks at all that carries our tags, and has that reclaimed which belongs to nobody.

    What is not known to be an orphan is none: a story that cannot be asked may live, and tags
    that were listed a moment ago may be of what is gone. So the story is asked after the tags
    were read, and a census counts before anything is begun. A hold or a protection, on any part,
    keeps all of it.
    """

    @workflow.init
    def __init__(self, order: OrphanSweepOrder) -> None:
        self._order = order
        self._tale = SweepTale(order.so_far or OrphanReport())

    @workflow.run
    async def run(self, order: OrphanSweepOrder) -> OrphanReport:
        """Look at every provider, page by page; what is begun lives on by itself.

        Raises:
            Unavailable: a provider was not looked at to its end; what was is done all the same.
        """
        providers, page, looked = order.providers, order.page, 0
        while providers:
            page = await self._look_through(providers[0], page)
            providers = providers if page else providers[1:]
            looked += 1
            if providers and long_enough(looked, order.pages):
                await self._tale.close()
                onwards = {"providers": providers, "page": page, "so_far": self._tale.report}
                workflow.continue_as_new(order.model_copy(update=onwards))
        await self._tale.close()
        if self._tale.report.unreached.count:
            raise Unavailable(f"not looked at to the end: {self._tale.report.unreached}")
        return self._tale.report

    async def _look_through(self, provider: Provider, page: str) -> str:
        """One page; where to go on, empty where that was the last, or cannot be had."""
        try:
            found = await call(
                EnvironmentsPort.find_tagged, FindTagged(provider=provider, page=page)
            )
            for some in batches(found.environments, _ASKED_AT_ONCE):
                await self._look_at(provider, {name: found.environments[name] for name in some})
            for why in found.unreadable:
                self._tale.tell(unreached=self._tale.report.unreached.plus(str(provider), why))
        except ReleaseError as error:
            self._tale.tell(unreached=self._tale.report.unreached.plus(str(provider), str(error)))
            return ""
        return found.page

    async def _look_at(self, provider: Provider, tagged: Mapping[str, Mapping[str, str]]) -> None:
        """Raises ReleaseError where nobody can say which of them live."""
        self._tale.tell(looked_at=self._tale.report.looked_at + len(tagged))
        for name in tagged:
            if not is_name(name):
                self._tale.tell(unnameable=self._tale.report.unnameable.plus(name))
        asked = tuple(name for name in tagged if is_name(name))
        known = await living(asked)
        for name in (name for name in asked if name in known):
            self._see(name, known[name], provider)
        for some in batches((name for name in asked if name not in known), _COUNTED_AT_ONCE):
            await every(self._consider(provider, name, tagged[name]) for name in some)

    def _see(self, name: str, view: EnvironmentView | None, provider: Provider) -> None:
        """Its story lives; it answers for what there is, if it knows of it."""
        if view is None:
            self._tale.tell(unasked=self._tale.report.unasked.plus(name))
        elif view.provider not in {None, provider}:
            why = f"at {provider}, and it lives at {view.provider}"
            self._tale.tell(elsewhere=self._tale.report.elsewhere.plus(name, why))

    async def _consider(self, provider: Provider, name: str, tags: Mapping[str, str]) -> None:
        """Count what has no story, and have it taken down unless something keeps it."""
        if (why := keeper_by_tags([tags])) is not None:
            self._tale.tell(kept=self._tale.report.kept.plus(name, why))
            return
        try:
            census = await call(
                EnvironmentsPort.take_census, TakeCensus(environment=name, provider=provider)
            )
        except ReleaseError as error:
            self._tale.tell(uncounted=self._tale.report.uncounted.plus(name, str(error)))
            return
        if census.empty:
            return  # tags are listed for a while after what carried them is gone
        await self._rule_on(provider, name, census, tags)

    async def _rule_on(
        self, provider: Provider, name: str, census: Census, tags: Mapping[str, str]
    ) -> None:
        if not census.resources:
            self._tale.tell(uncounted=self._tale.report.uncounted.plus(name, str(census)))
        elif (why := keeper_by_tags(each.tags for each in census.resources)) is not None:
            self._tale.tell(kept=self._tale.report.kept.plus(name, why))
        else:
            order = reclaim_order(census, provider, tags, otherwise=self._order.teardown)
            if await self._reclaim(order):
                self._tale.tell(reclaimed=self._tale.report.reclaimed.plus(name, str(census)))
                said = f"{name} is reclaimed at {provider}"
                self._tale.note("reclaim", said, outcome="begun", detail=str(census))

    async def _reclaim(self, order: ReclaimOrder) -> bool:
        """Begin to take it down; False when another sweep or a request was faster."""
        try:
            await workflow.start_child_workflow(
                ReclaimWorkflow.run,
                order,
                id=environment_id(order.name),
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                static_summary=f"reclaim {order.name}",
            )
        except WorkflowAlreadyStartedError:
            return False
        return True
