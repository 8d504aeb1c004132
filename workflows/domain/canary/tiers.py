"""What each criticality looks for, how surely, and for how long at least and at most."""

from typing import NamedTuple

from workflows.domain.canary.config import Criticality, MetricConfig


class Tier(NamedTuple):
    """The worsenings that must show, with which power, and the limits of a stage in seconds."""

    errors: float
    latency: float
    kpi: float
    power: float
    floor: float
    cap: float


_MINUTE, _HOUR = 60.0, 3600.0
TIERS = {
    Criticality.LOW: Tier(2.0, 0.5, 0.20, 0.8, 15 * _MINUTE, _HOUR),
    Criticality.NORMAL: Tier(1.0, 0.25, 0.10, 0.8, 20 * _MINUTE, 2 * _HOUR),
    Criticality.HIGH: Tier(0.5, 0.15, 0.05, 0.9, 40 * _MINUTE, 6 * _HOUR),
    Criticality.CRITICAL: Tier(0.3, 0.10, 0.03, 0.95, _HOUR, 24 * _HOUR),
}


def looked_for(criticality: Criticality, metric: MetricConfig) -> float:
    """The relative worsening of *metric* that a stage of this criticality must find."""
    tier = TIERS[criticality]
    if metric.type in ("histogram", "gauge"):
        return tier.latency
    return tier.kpi if metric.direction == "decrease" else tier.errors
