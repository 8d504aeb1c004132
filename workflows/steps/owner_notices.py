"""What an environment's owner is told, one after the other, beside the environment's story."""

from temporalio import workflow

from workflows.domain.environments.order import EnvironmentOrder
from workflows.domain.environments.told import OwnerNotice
from workflows.steps.environment_tale import EnvironmentTale
from workflows.steps.notifying import tell_owner

_MOST = 20
"""So many wait at most while nobody delivers them; the newest ones tell enough."""


class OwnerNotices:
    """Nothing waits for a notice, and none is lost when the story goes on as a new run."""

    def __init__(self, order: EnvironmentOrder, tale: EnvironmentTale) -> None:
        resumed = order.resumed
        self._order = order
        self._tale = tale
        self._pending = list(resumed.notices) if resumed is not None else []
        self._newest = resumed.newest_notice if resumed is not None else ""

    @property
    def pending(self) -> tuple[OwnerNotice, ...]:
        """What was not told yet."""
        return tuple(self._pending)

    @property
    def newest(self) -> str:
        """The key of what was told last, or is about to be."""
        return self._newest

    def tell(self, notice: OwnerNotice) -> None:
        """Have it told soon; what is told last already is not told again."""
        if notice.key != self._newest:
            self._newest = notice.key
            self._pending = [*self._pending, notice][-_MOST:]

    async def keep_up(self) -> None:
        """Tell whatever is to be told; never ends by itself."""
        while True:
            await workflow.wait_condition(lambda: bool(self._pending))
            await self.finish()

    async def finish(self) -> None:
        """Tell what was not told yet, or learn that it cannot be."""
        while self._pending:
            notice = self._pending[0]
            how = await tell_owner(self._order, notice, trail=self._tale.trail)
            self._pending = [each for each in self._pending if each.key != notice.key]
            if how.startswith("not told"):
                workflow.logger.warning("owner_not_told", extra={"problem": how})
