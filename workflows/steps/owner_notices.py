"""What an environment's owner is told, one after the other, beside the environment's story."""

from contextlib import suppress

from temporalio import workflow

from workflows.domain.environments.order import EnvironmentOrder
from workflows.domain.environments.owner_notice import OwnerNotice
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
            notice = self._pending[0]
            self._know(notice, await tell_owner(self._order, notice, trail=self._tale.trail))

    async def settled(self) -> None:
        """Wait, for a while, until all was told, beside `keep_up`; then give up the rest."""
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: not self._pending,
                timeout=self._order.told_within,
                timeout_summary="let its owner be told",
            )
        for notice in self.pending:
            self._know(notice, "not told: nobody took it before the story ended")

    def _know(self, notice: OwnerNotice, how: str) -> None:
        self._pending = [each for each in self._pending if each.key != notice.key]
        self._tale.know_told(notice, how)
