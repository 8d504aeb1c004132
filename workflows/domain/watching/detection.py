"""How harm was found: by what, how long after users met it, and how many of them did."""

from datetime import datetime

from pydantic import computed_field

from workflows.domain.canary.watch import Cause
from workflows.domain.values import Target, View


class Detection(View):
    """What turned a release back, and what that cost; times are UTC.

    `reason` carries the statistic that decided. Without a `cause` it was not the watch over the
    canary that decided, but an alert, a health check, a journey or a person. `requests` and
    `failed` are those of the new version that were counted while it was watched.
    """

    target: Target
    cause: Cause | None = None
    metric: str = ""
    reason: str
    requests: int = 0
    failed: int = 0
    exposed_at: datetime
    decided_at: datetime
    back_at: datetime | None = None
    """When all traffic was back on the old version; absent until it is."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def seconds_to_detect(self) -> float:
        """From the first share of the traffic to the decision."""
        return (self.decided_at - self.exposed_at).total_seconds()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def seconds_to_go_back(self) -> float | None:
        """From the decision until all traffic was back."""
        if self.back_at is None:
            return None
        return (self.back_at - self.decided_at).total_seconds()

    def __str__(self) -> str:
        found = f"{self.reason}; found {self.seconds_to_detect:.1f} s after the first users met it"
        back = self.seconds_to_go_back
        returned = "" if back is None else f", back at 0 % {back:.1f} s later"
        return (
            f"{found}{returned}; {self.requests} requests on the new version, {self.failed} failed"
        )
