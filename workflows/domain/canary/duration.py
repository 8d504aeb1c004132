"""How long a stage has to be, from its traffic: computed before the start, not configured.

Of each metric, with p0 and p1 the share before and after the worsening that the stage's
criticality looks for, r_c and r_b the eligible units of each version a second, rho0 and rho1 what
the worsening that is tolerated and the one looked for make of the ratio, and a the part of alpha
that the group-sequential looks have for the metric:

    T = burn-in + blip + kappa phi (z(1-a) + z(power))^2 V / (ln rho1 - ln rho0)^2
    V = (1 - p1) / (r_c p1) + (1 - p0) / (r_b p0)

the sample size of a test of a log ratio (Rothman, Greenland & Lash, Modern Epidemiology, 2008,
chapter 14), times kappa for looking often.
"""

from math import log
from statistics import NormalDist

from workflows.domain.canary.confidence import SEQUENTIAL
from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.reading import FOR_BETTING
from workflows.domain.canary.tiers import TIERS, looked_for
from workflows.domain.canary.wording import duration as _spoken
from workflows.domain.values import Value

_NORMAL = NormalDist()
_HARDLY_NONE, _HARDLY_ALL = 1e-9, 1 - 1e-9
_LARGEST = 100.0


class BaseRate(Value):
    """What is known of a metric before the start, from the baseline."""

    base: float = 0.0
    """The share of units that has it: of errors, of conversions. Of a histogram it is not needed;
    of a count, the events per request; of a gauge, nothing."""
    units: float = 1.0
    """Eligible units per request: 0.1 if one request of ten starts a session."""
    spread: float = 0.7
    """Of a histogram, the standard deviation of log(time) near its quantile; of a gauge, that of
    the log of canary over baseline in one window."""
    phi: float = 1.0
    """How many times more it varies than chance alone would let it."""


class PlannedMetric(Value):
    """What one metric needs."""

    name: str
    worsening: float
    """The relative worsening that is looked for."""
    seconds: float | None = None
    """None if nothing is known of it before the start."""
    canary_samples: int = 0
    conclusive: bool = False
    """Whether it can be concluded within the cap."""
    smallest: float | None = None
    """The smallest relative worsening that shows within the cap; None if none does."""
    reason: str = ""


class PlannedDuration(Value):
    """How long a stage lasts, and what it can conclude until then."""

    seconds: float
    """Between floor and cap."""
    floor: float
    cap: float
    conclusive: bool
    """Whether every metric can be concluded within the cap."""
    metrics: tuple[PlannedMetric, ...]
    reason: str


def planned(
    config: JudgeConfig,
    rates: dict[str, BaseRate],
    *,
    rps: float,
    split: float,
    cap: float | None = None,
) -> PlannedDuration:
    """How long a stage needs at *rps* requests a second, *split* of which go to the canary.

    *rates* has what is known of each metric, by name; one that is missing cannot be planned and is
    said to be unknown. *cap* is the longest that the stage may last, if not its tier's.
    """
    tier = TIERS[config.criticality]
    cap = tier.cap * config.time_scale if cap is None else cap
    floor = min(tier.floor * config.time_scale, cap)
    traffic = _Traffic(config, rps * split, rps * (1 - split))
    metrics = tuple(
        _planned(traffic, metric, rates.get(metric.name), cap) for metric in config.metrics
    )
    longest = max((m.seconds for m in metrics if m.seconds is not None), default=floor)
    blind = [m for m in metrics if not m.conclusive]
    return PlannedDuration(
        seconds=min(cap, max(floor, longest)),
        floor=floor,
        cap=cap,
        conclusive=not blind,
        metrics=metrics,
        reason=_reason(rps, cap, max(floor, longest), blind),
    )


def _reason(rps: float, cap: float, needed: float, blind: list[PlannedMetric]) -> str:
    if not blind:
        return f"{_spoken(needed)} at {rps:g} rps"
    said = "; ".join(metric.reason for metric in blind)
    return f"cannot conclude within {_spoken(cap)} at {rps:g} rps: {said}"


class _Traffic:
    """A stage's requests a second, and what it takes to tell harm from chance."""

    def __init__(self, config: JudgeConfig, canary: float, baseline: float) -> None:
        self.config = config
        self.canary = canary
        self.baseline = baseline

    def seconds(self, metric: MetricConfig, rate: BaseRate, worsening: float) -> float | None:
        """How long *worsening* needs to show; None if it never does."""
        if metric.type == "gauge":
            variance, distance = self._of_gauge(metric, rate, worsening)
        elif min(self.canary, self.baseline) * rate.units <= 0:
            return None
        else:
            variance, distance = self._of_ratio(metric, rate, worsening)
        if distance <= 0:
            return None
        config = self.config
        needed = SEQUENTIAL * rate.phi * self._z(metric) ** 2 * variance / distance**2
        return config.burn_in + config.blip + needed

    def _z(self, metric: MetricConfig) -> float:
        total = sum(m.weight for m in self.config.metrics) or 1.0
        share = self.config.alpha * (1 - FOR_BETTING) * metric.weight / total
        alpha = min(0.5, max(_HARDLY_NONE, share))
        power = TIERS[self.config.criticality].power
        return _NORMAL.inv_cdf(1 - alpha) + _NORMAL.inv_cdf(power)

    def _of_gauge(
        self, metric: MetricConfig, rate: BaseRate, worsening: float
    ) -> tuple[float, float]:
        distance = log((1 + worsening) / (1 + metric.tolerance))
        return rate.spread**2 * self.config.interval, distance

    def _of_ratio(
        self, metric: MetricConfig, rate: BaseRate, worsening: float
    ) -> tuple[float, float]:
        before, tolerated, after = (
            _share(metric, rate, w) for w in (0, metric.tolerance, worsening)
        )
        if before <= 0 or after <= 0 or tolerated <= 0:
            return 0.0, 0.0
        ours, theirs = self.canary * rate.units, self.baseline * rate.units
        if metric.type == "count":
            return 1 / (ours * after) + 1 / (theirs * before), abs(log(after / tolerated))
        variance = (1 - after) / (ours * after) + (1 - before) / (theirs * before)
        further = (after - tolerated) * (tolerated - before) >= 0
        return variance, abs(log(after / tolerated)) if further else 0.0


def _share(metric: MetricConfig, rate: BaseRate, worsening: float) -> float:
    """The share that has it once the metric is worse by so much."""
    sign = -1 if metric.direction == "decrease" else 1
    if metric.type == "histogram":
        at = _NORMAL.inv_cdf(min(_HARDLY_ALL, max(_HARDLY_NONE, metric.quantile)))
        times = max(_HARDLY_NONE, 1 + sign * worsening)
        return 1 - _NORMAL.cdf(at - log(times) / rate.spread)
    share = rate.base * max(0.0, 1 + sign * worsening)
    return share if metric.type == "count" else min(_HARDLY_ALL, share)


def _planned(
    traffic: _Traffic, metric: MetricConfig, rate: BaseRate | None, cap: float
) -> PlannedMetric:
    looked = looked_for(traffic.config.criticality, metric)
    if rate is None:
        return PlannedMetric(
            name=metric.name, worsening=looked, reason=f"{metric.name}: no base rate is known"
        )
    seconds = traffic.seconds(metric, rate, looked)
    conclusive = seconds is not None and seconds <= cap
    judged = 0.0 if seconds is None else seconds - traffic.config.burn_in
    smallest = _smallest(traffic, metric, rate, cap)
    return PlannedMetric(
        name=metric.name,
        worsening=looked,
        seconds=seconds,
        canary_samples=int(judged * traffic.canary * rate.units),
        conclusive=conclusive,
        smallest=smallest,
        reason=_needs(metric, looked, seconds, smallest, conclusive=conclusive),
    )


def _needs(
    metric: MetricConfig,
    looked: float,
    seconds: float | None,
    smallest: float | None,
    *,
    conclusive: bool,
) -> str:
    takes = "cannot show" if seconds is None else f"takes {_spoken(seconds)} to show"
    said = f"{metric.name} worse by {100 * looked:g} % {takes}"
    if conclusive:
        return said
    if smallest is None:
        return f"{said}, and no worsening shows"
    return f"{said}, the smallest that shows is {100 * smallest:.0f} %"


def _smallest(traffic: _Traffic, metric: MetricConfig, rate: BaseRate, cap: float) -> float | None:
    low = max(0.0, metric.tolerance)
    high = 0.999 if metric.direction == "decrease" else _LARGEST
    if not _shows(traffic, metric, rate, high, cap):
        return None
    for _ in range(50):
        middle = (low + high) / 2
        if _shows(traffic, metric, rate, middle, cap):
            high = middle
        else:
            low = middle
    return high


def _shows(
    traffic: _Traffic, metric: MetricConfig, rate: BaseRate, worsening: float, cap: float
) -> bool:
    seconds = traffic.seconds(metric, rate, worsening)
    return seconds is not None and seconds <= cap
