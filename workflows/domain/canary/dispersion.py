"""How much more the cells of a stream vary than chance alone would let them.

One version differs from itself between cells by more than counting noise (caches, neighbours,
garbage collection). With V the binomial variance of x given m, a relative noise of variance s2
makes it V (1 + V s2): negligible for a few events, all that matters for many. s2 is estimated by
moments of the residuals (Böhning's estimator of heterogeneity), shrunk towards what such services
usually show, each cell from the cells *before* it alone, so that a harm that begins cannot hide
behind the dispersion that it makes. Noise that lasts from one cell to the next is multiplied by
(1 + r) / (1 - r), its lag-1 correlation.
"""

from math import sqrt
from typing import NamedTuple

from workflows.domain.canary.streams import Stream

# The usual noise counts as one estimate with this standard deviation.
_PRIOR_PRECISION = 1 / 0.05**2
_PRIOR_CORRELATION_CELLS = 6.0
_MOST_CORRELATION = 0.7
# A single residual counts for at most so many standard deviations.
_MOST_DEVIATIONS = 3.0
# Residuals are taken against a level that forgets, so that a change of the ratio is absorbed.
_MEMORY = 0.85
_PRIOR_EVENTS = 2.0


class Dispersion(NamedTuple):
    """Of each cell the factor on its variance, as known before it; and what is known now."""

    factors: list[float]
    noise: float
    """Variance of the relative noise of one cell, with its correlation in time."""


def dispersion(stream: Stream) -> Dispersion:
    """The dispersion of a stream of counts."""
    fraction = 1 - stream.common
    prior = 2 * stream.noise**2
    estimates, precision = prior * _PRIOR_PRECISION, _PRIOR_PRECISION
    squares, products, last = _PRIOR_CORRELATION_CELLS, 0.0, 0.0
    ours = theirs = _PRIOR_EVENTS
    own = noise = prior
    factors: list[float] = []
    for _, (x, n, y, k) in stream.cells:
        m = x + y
        ratio = ours / theirs
        chance = n * ratio / (n * ratio + k)
        variance = m * chance * (1 - chance) * fraction
        factors.append(fraction * (1 + variance * noise))
        if m > 0:
            known = 1 / ours + 1 / theirs
            spread = variance * (1 + variance * (noise + known))
            z = (x - m * chance) / sqrt(spread)
            z = max(-_MOST_DEVIATIONS, min(_MOST_DEVIATIONS, z))
            weight = variance**2 / (2 * (1 + variance * own) ** 2 + 1 / variance)
            estimates += weight * (z * z * spread / variance**2 - 1 / variance - known)
            precision += weight
            squares += z * z
            products += z * last
            last = z
            own = max(0.25 * prior, estimates / precision)
            r = max(0.0, min(_MOST_CORRELATION, products / squares))
            noise = own * (1 + r) / (1 - r)
        ours = _MEMORY * ours + (1 - _MEMORY) * _PRIOR_EVENTS + x
        theirs = _MEMORY * theirs + (1 - _MEMORY) * _PRIOR_EVENTS + y * n / k
    return Dispersion(factors, noise)
