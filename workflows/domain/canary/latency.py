"""Latency histograms as counts: how many requests were slower than a fixed edge.

"Up to s times slower" says how many more may exceed an edge e: of the baseline, as many exceed
e / s. That is read from its histogram by interpolation of the probit of the share within an edge,
which for log-normal times is a straight line in log(edge). Where it bends, the steeper of the
neighbouring slopes is taken, so that the tolerance errs on the canary's side.
"""

from math import exp, log
from statistics import NormalDist

from workflows.domain.canary.config import MetricConfig

CHANNELS = 3
"""A histogram is judged at three edges: near its quantile, near p90 and near p50."""

_NORMAL = NormalDist()
_COMMONER = (0.1, 0.5)
# Fewer requests beyond an edge than this place it too far out, if there is a nearer one.
_ENOUGH_BEYOND = 3
_FLATTEST, _STEEPEST = 0.05, 12.0
_FASTEST, _SLOWEST = 0.05, 20.0


def beyond(buckets: tuple[int, ...], edge: int) -> int:
    """How many requests took longer than the bound with index *edge*."""
    return sum(buckets[edge + 1 :])


def choose_edges(metric: MetricConfig, buckets: tuple[int, ...]) -> tuple[int, ...]:
    """The indexes of the bounds at which *metric* is judged, from the baseline's histogram.

    At most three, without repetition; none if the bounds do not divide what was seen.
    """
    total = sum(buckets)
    seen = [(index, beyond(buckets, index)) for index in range(len(buckets) - 1)]
    dividing = [(index, count) for index, count in seen if 0 < count < total]
    usual = [(index, count) for index, count in dividing if count >= _ENOUGH_BEYOND] or dividing
    if not usual:
        return ()
    edges: list[int] = []
    for share in (1 - metric.quantile, *_COMMONER):
        wanted = max(share, 1e-6) * total
        nearest = min(usual, key=lambda edge: abs(log(edge[1] / wanted)))[0]
        if nearest not in edges:
            edges.append(nearest)
    return tuple(edges)


class Shape:
    """The form of a baseline's histogram around one edge."""

    def __init__(self, bounds: tuple[float, ...], buckets: tuple[int, ...], edge: int) -> None:
        self._at = _probit(buckets, edge)
        slopes = [
            (_probit(buckets, high) - _probit(buckets, low)) / log(bounds[high] / bounds[low])
            for low, high in ((edge - 1, edge), (edge, edge + 1))
            if low >= 0 and high < len(bounds) and bounds[high] > bounds[low] > 0
        ]
        self._slope = min(_STEEPEST, max(_FLATTEST, *slopes, 0.0))
        self._share = 1 - _NORMAL.cdf(self._at)

    def exceedances(self, times: float) -> float:
        """How many times more exceed the edge if everything takes *times* as long."""
        return (1 - _NORMAL.cdf(self._at - self._slope * log(times))) / self._share

    def slowdown(self, exceedances: float) -> float:
        """The inverse: how many times as long things take for so many times more to exceed."""
        share = min(1 - 1e-9, max(1e-12, exceedances * self._share))
        times = exp((self._at - _NORMAL.inv_cdf(1 - share)) / self._slope)
        return min(_SLOWEST, max(_FASTEST, times))


def _probit(buckets: tuple[int, ...], edge: int) -> float:
    # Half an observation on either side keeps an empty tail finite.
    total = sum(buckets)
    return _NORMAL.inv_cdf((total - beyond(buckets, edge) + 0.5) / (total + 1))
