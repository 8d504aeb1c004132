"""Evidence as streams of counts, each turned so that more is worse.

A stream is x of n (canary) against y of k (baseline) in each cell. Given the total m = x + y, x is
binomial with chance n rho / (n rho + k), whatever the load was: what hits both versions alike
cancels (Lindon & Malek 2020, arXiv 2011.03567). rho is the ratio of the two rates; a stream knows
the greatest that is tolerated (`null`) and the least that must be ruled out (`unsafe`).
"""

from collections.abc import Iterator
from math import log
from typing import NamedTuple

from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.evidence import Cell, Counts, Evidence, channels
from workflows.domain.canary.latency import Shape

# What one version differs from itself between cells, before any were seen: rare events more.
_NOISE = {"histogram": 0.05, "count": 0.08, "gauge": 0.0}
_RARE, _COMMON = 0.08, 0.01
# No worsening is ruled out that is not so much worse than what is tolerated.
_LEAST_STEP = 0.02
_LEAST_DECREASE = 0.01


class Stream(NamedTuple):
    """One channel of one metric in one direction, without the cells that are not judged."""

    metric: MetricConfig
    weight: float
    """Its part of alpha; all streams together have 1."""
    null: float
    unsafe: float
    noise: float
    cells: tuple[tuple[float, Counts], ...]
    """The end of each cell, and its counts."""
    common: float
    """The share of all requests that had it: what is common varies less than a binomial."""
    shape: Shape | None = None
    swapped: bool = False
    """Whether less is worse, so that canary and baseline changed places."""

    @property
    def gauge(self) -> bool:
        return self.metric.type == "gauge"

    def since(self, at: float) -> "Stream":
        """The same stream without the cells that ended by *at*."""
        return self._replace(cells=tuple(cell for cell in self.cells if cell[0] > at))

    def effect(self, ratio: float) -> float:
        """The relative change of the metric that a ratio of rates amounts to."""
        if self.shape is not None:
            return self.shape.slowdown(1 / ratio if self.swapped else ratio) - 1
        return 1 / ratio - 1 if self.swapped else ratio - 1


def streams(config: JudgeConfig, evidence: Evidence) -> list[Stream]:
    """All streams of *evidence* that have cells to judge."""
    total = sum(metric.weight for metric in config.metrics) or 1.0
    found: list[Stream] = []
    first = 0
    for metric in config.metrics:
        mine = list(_of_metric(config, metric, first, evidence))
        parts = len(mine) or 1
        found += [s._replace(weight=metric.weight / total / parts) for s in mine]
        first += channels(metric)
    return found


def _of_metric(
    config: JudgeConfig, metric: MetricConfig, first: int, evidence: Evidence
) -> Iterator[Stream]:
    after = 0.0 if metric.warmup == "shared" else config.burn_in
    for channel in range(channels(metric)):
        cells = _cells(evidence.cells, first + channel, after)
        if not cells:
            continue
        shape = None
        if metric.type == "histogram":
            edge = evidence.edges[metric.name][channel]
            shape = Shape(metric.bounds, evidence.shapes[metric.name], edge)
        for swapped in _directions(metric):
            yield _stream(metric, cells, shape, swapped=swapped)


def _cells(
    cells: tuple[Cell, ...], channel: int, after: float
) -> tuple[tuple[float, Counts], ...]:
    return tuple(
        (cell.at, counts)
        for cell in cells
        if cell.at > after
        and (counts := cell.counts[channel]) is not None
        and counts.n > 0
        and counts.k > 0
    )


def _directions(metric: MetricConfig) -> tuple[bool, ...]:
    return {"increase": (False,), "decrease": (True,), "both": (False, True)}[metric.direction]


def _stream(
    metric: MetricConfig,
    cells: tuple[tuple[float, Counts], ...],
    shape: Shape | None,
    *,
    swapped: bool,
) -> Stream:
    if swapped:
        cells = tuple((at, Counts(c.y, c.k, c.x, c.n)) for at, c in cells)
    null, unsafe = (_ratio(shape, margin, swapped=swapped) for margin in margins(metric))
    common = 0.0
    if metric.type in ("ratio", "histogram"):
        seen = sum(c.n + c.k for _, c in cells)
        common = sum(c.x + c.y for _, c in cells) / seen
    return Stream(
        metric=metric,
        weight=0,
        null=null,
        unsafe=max(unsafe, null * (1 + _LEAST_STEP)),
        noise=_noise(metric),
        cells=cells,
        common=min(common, 0.95),
        shape=shape,
        swapped=swapped,
    )


def margins(metric: MetricConfig) -> tuple[float, float]:
    """Tolerance and margin, none below 0."""
    return max(0.0, metric.tolerance), max(0.0, metric.margin)


def _ratio(shape: Shape | None, worsening: float, *, swapped: bool) -> float:
    """The ratio of rates that a relative worsening of the metric amounts to."""
    if shape is None:
        return 1 / max(_LEAST_DECREASE, 1 - worsening) if swapped else 1 + worsening
    if not swapped:
        return shape.exceedances(1 + worsening)
    return 1 / max(_LEAST_DECREASE, shape.exceedances(max(_LEAST_DECREASE, 1 - worsening)))


def _noise(metric: MetricConfig) -> float:
    if metric.noise is not None:
        return metric.noise
    common = _COMMON if metric.direction == "decrease" else _RARE
    return _NOISE.get(metric.type, common)


def step(stream: Stream) -> float:
    """The distance from what is tolerated to what must be ruled out, in log(ratio)."""
    return log(stream.unsafe / stream.null)
