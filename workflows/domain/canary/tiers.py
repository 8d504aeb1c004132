"""What a service's criticality means: how much worse is looked for, how surely, for how long."""

from typing import NamedTuple

from workflows.domain.canary.config import Criticality

_MINUTE, _HOUR = 60.0, 3600.0


class Tier(NamedTuple):
    """Relative worsenings that must be found, with which power, and how long a stage may take.

    Of errors, latencies and business figures apart, since a tenth more errors is noise and a
    tenth fewer orders is not. `floor` and `cap` are seconds.
    """

    errors: float
    latency: float
    figures: float
    power: float
    floor: float
    cap: float

    def allows(self, type: str) -> tuple[float, float]:
        """Tolerance and margin of a figure of *type*: what never turns back, what must not pass."""
        match type:
            case "errorRatio":
                return 0.10, self.errors
            case "latencyQuantile" | "gauge":
                return 0.05, self.latency
            case _:
                return 0.01, self.figures


TIERS = {
    Criticality.LOW: Tier(2.0, 0.50, 0.20, 0.80, 15 * _MINUTE, _HOUR),
    Criticality.NORMAL: Tier(1.0, 0.25, 0.10, 0.80, 20 * _MINUTE, 2 * _HOUR),
    Criticality.HIGH: Tier(0.5, 0.15, 0.05, 0.90, 40 * _MINUTE, 6 * _HOUR),
    Criticality.CRITICAL: Tier(0.3, 0.10, 0.03, 0.95, _HOUR, 24 * _HOUR),
}
