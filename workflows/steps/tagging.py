"""Keeping an environment's tags as its story has them, beside the story."""

from datetime import timedelta

from temporalio import workflow

from workflows.domain.environments.census import Tag, tag_value
from workflows.domain.environments.order import EnvironmentOrder
from workflows.domain.errors import ReleaseError, TargetMissing
from workflows.ports.environments import EnvironmentsPort, TagEnvironment
from workflows.steps.call import call
from workflows.steps.environment_tale import EnvironmentTale
from workflows.steps.held import rest

_PAUSE = timedelta(minutes=5)

Tags = dict[str, str]


class Tagging:
    """A hold and an expiry are tags as well, so that they outlive the story that set them.

    A provider that takes no tags holds nothing up but a teardown: while what exists may still be
    tagged as held, nothing is taken down.
    """

    def __init__(self, order: EnvironmentOrder, tale: EnvironmentTale) -> None:
        self._order = order
        self._tale = tale
        resumed = order.resumed
        self._put = {} if resumed is not None and resumed.tags_due else self._wanted
        self._tried = self._put
        self._hold_tagged = resumed is not None and resumed.hold_tagged

    @property
    def behind(self) -> bool:
        """Whether what exists carries other tags than it should."""
        return self._put != self._wanted

    @property
    def hold_tagged(self) -> bool:
        """Whether what exists may carry the tag of a hold."""
        return self._hold_tagged

    async def keep_up(self) -> None:
        """Put the tags whenever they should be others; never ends by itself."""
        while True:
            await workflow.wait_condition(lambda: self.behind)
            await self._tag(self._wanted)
            await rest(
                _PAUSE,
                f"{self._order.name} is tagged once more",
                unless=lambda: not self.behind or self._wanted != self._tried,
            )

    async def _tag(self, tags: Tags) -> None:
        self._tried = tags
        self._hold_tagged = self._hold_tagged or Tag.HOLD in tags
        ask = TagEnvironment(
            environment=self._order.name, provider=self._order.plan.provider, tags=tags
        )
        try:
            await call(EnvironmentsPort.tag_environment, ask, trail=self._tale.trail)
        except TargetMissing as error:
            self._tale.show(problem=f"there is nothing to tag any more: {error}")
        except ReleaseError as error:
            self._tale.show(problem=f"its tags are not up to date: {error.kind}: {error}")
            return
        else:
            self._tale.show(problem="")
        self._put, self._hold_tagged = tags, Tag.HOLD in tags

    @property
    def _wanted(self) -> Tags:
        view = self._tale.view
        tags = self._order.tags(expiry=view.expires_at) if view.expires_at is not None else {}
        if view.hold is not None:
            tags[Tag.HOLD] = tag_value(f"{view.hold.by}: {view.hold.reason}")
        return tags
