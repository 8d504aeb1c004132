"""Group-sequential looks: a few tests on the way to the deadline, for small and lasting effects.

Alpha is spent as t^3 of the time t (Lan & DeMets 1983, power family), so that nearly all is left
for the end. The boundaries follow by Armitage's recursion (Jennison & Turnbull, Group Sequential
Methods, 2000, chapter 19). The statistic is a t of batch means: its variance is what the batches
show, whatever made them vary, and the highest batches count no more than the next one.
"""

from functools import lru_cache
from math import ceil, copysign, erfc, exp, log1p, pi, sqrt
from statistics import NormalDist

from workflows.domain.canary.effects import Estimate, Point, pooled

_POWER = 3
_STEP = 0.125
_LOWEST = -5.0
_NEVER = 8.0
_MOST_BATCHES = 20
_LEAST_BATCHES = 6


@lru_cache(maxsize=64)
def boundaries(alpha: float, looks: int) -> tuple[float, ...]:
    """The z of each of *looks* equally spaced looks that spend *alpha* between them."""
    found: list[float] = []
    # The density of the sum of increments, of variance 1 each, that crossed no boundary yet.
    density = [(0.0, 1.0)]
    spent = 0.0
    for look in range(1, looks + 1):
        target = alpha * (look / looks) ** _POWER - spent
        bound = _solved(density, target)
        crossed = sum(mass * _beyond(bound - at) for at, mass in density)
        spent += crossed
        found.append(bound / sqrt(look))
        density = _moved(density, bound, look)
    return tuple(found)


def _solved(density: list[tuple[float, float]], target: float) -> float:
    low, high = -_NEVER, _NEVER * 8
    for _ in range(40):
        middle = (low + high) / 2
        if sum(mass * _beyond(middle - at) for at, mass in density) > target:
            low = middle
        else:
            high = middle
    return high


def _beyond(z: float) -> float:
    return erfc(z / sqrt(2)) / 2


def _moved(
    density: list[tuple[float, float]], bound: float, look: int
) -> list[tuple[float, float]]:
    width = _STEP * sqrt(look)
    count = ceil((bound - _LOWEST * sqrt(look)) / width)
    grid = [bound - (index + 0.5) * width for index in range(count)]
    scale = width / sqrt(2 * pi)
    return [
        (at, scale * sum(mass * exp(-((at - before) ** 2) / 2) for before, mass in density))
        for at in grid
    ]


def statistic(found: list[Point], *, blips: int) -> float:
    """How many standard errors the mean excess is above 0; 0 if there are too few cells."""
    size = ceil(len(found) / _MOST_BATCHES) or 1
    batches = _clipped(_batched(found, size), highest=ceil(blips / size))
    if len(batches) < _LEAST_BATCHES:
        return 0.0
    mean, information = pooled(batches)
    spread = sum((b.information * (b.excess - mean)) ** 2 for b in batches)
    shown = spread / information**2 * len(batches) / (len(batches) - 1)
    least = 1 / sum(b.chance for b in batches)
    return _as_normal(mean / sqrt(max(shown, least)), len(batches) - 1)


def _batched(found: list[Point], size: int) -> list[Point]:
    batches = [found[first : first + size] for first in range(0, len(found), size)]
    return [_joined(batch) for batch in batches]


def _joined(batch: list[Point]) -> Point:
    mean: Estimate = pooled(batch)
    chance = sum(point.chance for point in batch)
    return Point(batch[-1].at, mean.excess, mean.information, chance)


def _clipped(batches: list[Point], *, highest: int) -> list[Point]:
    if not 0 < highest < len(batches):
        return batches
    most = sorted(batch.excess for batch in batches)[-highest - 1]
    return [batch._replace(excess=min(batch.excess, most)) for batch in batches]


def _as_normal(t: float, freedom: int) -> float:
    """The z that is as likely as *t* (Wallace 1959)."""
    factor = (8 * freedom + 1) / (8 * freedom + 3)
    return copysign(factor * sqrt(freedom * log1p(t * t / freedom)), t)


def quantile(alpha: float) -> float:
    """The z that chance exceeds with probability *alpha*."""
    return NormalDist().inv_cdf(1 - alpha)


def due(elapsed: float, horizon: float, looks: int) -> int:
    """How many looks are due after *elapsed* of *horizon*."""
    return max(0, min(looks, int(looks * elapsed / horizon + 1e-9)))
