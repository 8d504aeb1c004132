"""What hardly ever happens cannot be compared, but bounded: no event in so many requests.

Of a ratio whose events are too few to compare, the share of the new version alone is bounded, at
all looks at once (see share.py). Where even the bound is next to nothing, it is no reason to wait.
"""

from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.evidence import Evidence, channels
from workflows.domain.canary.share import plausible_shares
from workflows.domain.values import Value

NEGLIGIBLE = 0.01
"""A share of failing requests below this needs no baseline to be let pass by lapse of time."""


class Rarity(Value):
    """So many events in so many units of the new version, and the largest share they leave."""

    events: int
    units: int
    at_most: float

    @property
    def negligible(self) -> bool:
        return self.at_most <= NEGLIGIBLE

    def __str__(self) -> str:
        return f"{self.events} in {self.units}, at most {100 * self.at_most:.2g} %"


def rarity(config: JudgeConfig, evidence: Evidence, metric: MetricConfig) -> Rarity | None:
    """How rare *metric*'s events are in the new version; None where that says nothing.

    Only of ratios of which less is better: that conversions are rare is no comfort.
    """
    if metric.type != "ratio" or metric.direction == "decrease":
        return None
    channel = _channel(config, metric)
    after = 0.0 if metric.warmup == "shared" else config.burn_in
    cells = [cell.counts[channel] for cell in evidence.cells if cell.at > after]
    counts = [count for count in cells if count is not None]
    units = round(sum(count.n for count in counts))
    if units <= 0 or not any(count.k for count in counts):
        return None
    events = min(units, round(sum(count.x for count in counts)))
    high = plausible_shares(events, units, alpha=config.beta).high
    return Rarity(events=events, units=units, at_most=high)


def _channel(config: JudgeConfig, metric: MetricConfig) -> int:
    before = config.metrics[: config.metrics.index(metric)]
    return sum(channels(one) for one in before)
