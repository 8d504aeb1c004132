"""How far a source has been read, in values that a heartbeat can hold."""

from workflows.domain.canary.counters import ArmTotals
from workflows.domain.canary.windows import ArmWindow
from workflows.domain.values import Value


class Mark(Value):
    """Where one span ends and the next begins; bounded, so that it can travel in a heartbeat.

    `at` is in seconds of the epoch by the source's clock. `totals` are what a source that cannot
    look back has to remember: by arm, and by the process that counts. `bounds` are the upper edges
    of each histogram's buckets, kept from the first one seen, so that all windows have the same.
    """

    at: float
    totals: dict[str, dict[str, ArmTotals]] = {}
    bounds: dict[str, tuple[float, ...]] = {}


class Span(Value):
    """What each arm did between two marks, of which `mark` is the second.

    An arm is None when there is no sample of it; a measure without a sample is left out of its
    window. `warnings` say why, in words for people.
    """

    mark: Mark
    arms: dict[str, ArmWindow | None]
    warnings: tuple[str, ...] = ()

    @property
    def bounds(self) -> dict[str, tuple[float, ...]]:
        """The upper edges of each histogram's buckets, without the last, open one."""
        return self.mark.bounds
