"""How sure a share of requests, and the difference of two shares, can be."""

from math import exp, lgamma, sqrt
from statistics import NormalDist
from typing import NamedTuple

# Terms below this part of the sum cannot change a probability that is compared with an alpha.
_NEGLIGIBLE = 1e-12


class Share(NamedTuple):
    """So many requests out of so many had the property; `of` is at least 1."""

    hits: int
    of: int

    @property
    def ratio(self) -> float:
        return self.hits / self.of

    def times(self, factor: int) -> "Share":
        """The same share, seen in *factor* as many requests."""
        return Share(self.hits * factor, self.of * factor)


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


def newcombe(canary: Share, baseline: Share, *, alpha: float) -> Interval:
    """Canary minus baseline by Newcombe's hybrid score interval (1998, method 10).

    It stays inside -1..1 and holds near shares of 0 and 1, where the textbook interval fails.
    """
    ours, theirs = wilson(canary, alpha=alpha), wilson(baseline, alpha=alpha)
    difference = ours.estimate - theirs.estimate
    down = sqrt((ours.estimate - ours.low) ** 2 + (theirs.high - theirs.estimate) ** 2)
    up = sqrt((ours.high - ours.estimate) ** 2 + (theirs.estimate - theirs.low) ** 2)
    return Interval(difference, difference - down, difference + up)


def chance_if_equal(canary: Share, baseline: Share) -> float:
    """How likely at least this many of the canary's would be, were both shares equal.

    Fisher's exact one-sided test: exact for every sample size, so it holds for the handful of
    errors for which a score interval's end is too bold.
    """
    hits, draws = canary.hits + baseline.hits, canary.of
    others = canary.of + baseline.of - hits
    # Where the canary has no more than its part, no test is needed to see that it is likely.
    if canary.hits * baseline.of <= baseline.hits * canary.of:
        return 1.0
    term = exp(
        _log_choose(hits, canary.hits)
        + _log_choose(others, draws - canary.hits)
        - _log_choose(hits + others, draws)
    )
    total = 0.0
    for count in range(canary.hits, min(hits, draws) + 1):
        total += term
        if term < total * _NEGLIGIBLE:
            break
        term *= (hits - count) * (draws - count) / ((count + 1) * (others - draws + count + 1))
    return min(1.0, total)


def _log_choose(total: int, chosen: int) -> float:
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)
