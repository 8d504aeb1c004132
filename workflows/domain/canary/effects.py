"""How far the canary is from what is tolerated, cell by cell and over all, in log(ratio)."""

from math import log
from statistics import median
from typing import NamedTuple

from workflows.domain.canary.dispersion import Dispersion
from workflows.domain.canary.streams import Stream

_LEAST_SPREAD = 0.02


class Point(NamedTuple):
    """The excess of one cell over what is tolerated, and the inverse of its variance."""

    at: float
    excess: float
    information: float
    chance: float
    """The information that it would have if there were chance alone."""


class Estimate(NamedTuple):
    """A mean excess, and the inverse of its variance."""

    excess: float
    information: float


def points(stream: Stream, spread: Dispersion) -> list[Point]:
    """The excess of every cell that says anything.

    Of counts it is the score estimate at the tolerated ratio, (x - m p) / (m p (1 - p)).
    """
    if stream.gauge:
        return _of_gauge(stream)
    fraction = 1 - stream.common
    found: list[Point] = []
    for at, (x, n, y, k) in stream.cells:
        m = x + y
        if m <= 0:
            continue
        chance = n * stream.null / (n * stream.null + k)
        binomial = m * chance * (1 - chance)
        alone = binomial / fraction
        information = alone / (1 + binomial * fraction * spread.noise)
        found.append(Point(at, (x - m * chance) / binomial, information, alone))
    return found


def _of_gauge(stream: Stream) -> list[Point]:
    null = log(stream.null)
    excesses = [(at, log(c.x / c.y) - null) for at, c in stream.cells]
    middle = median(excess for _, excess in excesses)
    # 1.4826: the standard deviation of a normal in its median absolute deviations.
    scale = 1.4826 * median(abs(excess - middle) for _, excess in excesses)
    information = 1 / max(scale, _LEAST_SPREAD) ** 2
    return [Point(at, excess, information, information) for at, excess in excesses]


def pooled(found: list[Point]) -> Estimate:
    """The mean of *found*, weighted by information; of nothing, a zero without any."""
    total = sum(point.information for point in found)
    if total <= 0:
        return Estimate(0.0, 0.0)
    return Estimate(sum(p.excess * p.information for p in found) / total, total)


def log_ratio(stream: Stream) -> float:
    """The ratio of the two rates over all cells, as Mantel and Haenszel pool it.

    Half an event on either side keeps it finite.
    """
    if stream.gauge:
        return median(log(c.x / c.y) for _, c in stream.cells)
    ours = sum(c.x * c.k / (c.n + c.k) for _, c in stream.cells)
    theirs = sum(c.y * c.n / (c.n + c.k) for _, c in stream.cells)
    _, last = stream.cells[-1]
    half = 0.5 / (last.n + last.k)
    return log((ours + half * last.k) / (theirs + half * last.n))
