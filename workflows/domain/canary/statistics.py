"""How sure a share of requests can be."""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple


class Share(NamedTuple):
    """So many requests out of so many had the property; `of` is at least 1."""

    hits: int
    of: int

    @property
    def ratio(self) -> float:
        return self.hits / self.of


class Interval(NamedTuple):
    """An estimate and its bounds, each of which the truth passes with probability alpha."""

    estimate: float
    low: float
    high: float


def wilson(share: Share, *, alpha: float) -> Interval:
    """The score interval of one share (Wilson 1927), with probability *alpha* beyond each end."""
    z = NormalDist().inv_cdf(1 - alpha)
    count, of, square = share.hits, share.of, z * z
    middle = (count + square / 2) / (of + square)
    reach = z * sqrt(count * (of - count) / of + square / 4) / (of + square)
    ratio = share.ratio
    # Rounding may put an end a hair inside the estimate where the count is 0 or all.
    return Interval(
        ratio, max(0.0, min(ratio, middle - reach)), min(1.0, max(ratio, middle + reach))
    )
