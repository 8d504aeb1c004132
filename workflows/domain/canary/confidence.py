"""How large an effect is, how small an effect would show, and how long either would take."""

from math import exp, log, sqrt
from typing import NamedTuple

from workflows.domain.canary.effects import log_ratio
from workflows.domain.canary.reading import Reading

# The width of a confidence sequence is tuned to this information, about what some hundred events
# carry; it is valid whatever the information is.
_TUNED = 100.0
_LARGEST = 20.0

SEQUENTIAL = 1.15
"""How many times the sample of a single test the looks need together."""
BETTING_ALONE = 1.7
"""The same of an e-process without group-sequential looks."""


class Effect(NamedTuple):
    """The relative change of a metric, and bounds that hold at all looks at once."""

    estimate: float
    low: float
    high: float


def information(read: Reading) -> float:
    """The inverse variance of the log of the ratio."""
    return sum(point.information for point in read.points)


def effect(read: Reading, *, alpha: float) -> Effect | None:
    """The effect that a stream shows; None if it shows none at all."""
    weight = information(read)
    if weight <= 0:
        return None
    middle, reach = log_ratio(read.stream), half_width(weight, alpha)
    ends = (_change(read, middle - reach), _change(read, middle + reach))
    return Effect(_change(read, middle), min(ends), max(ends))


def _change(read: Reading, logarithm: float) -> float:
    return read.stream.effect(exp(max(-_LARGEST, min(_LARGEST, logarithm))))


def half_width(weight: float, alpha: float) -> float:
    """Half the width of a confidence sequence for a mean, valid at all looks at once.

    The normal mixture of Robbins in the asymptotic form of Waudby-Smith, Arbour, Sinha, Kennedy
    and Ramdas, "Time-uniform central limit theory" (arXiv 2103.06476).
    """
    grown = (weight + _TUNED) / _TUNED
    return sqrt(2 * (weight + _TUNED) / weight**2 * log(sqrt(grown) / alpha))


class Outlook(NamedTuple):
    """What is to be expected if all goes on as so far. Times are seconds from now."""

    harm_in: float | None
    """None if what is seen is tolerated."""
    safe_in: float | None
    """None if what is seen is unsafe."""
    detectable: float | None
    """The smallest relative worsening that would show until the deadline."""
    growth: float
    """How many times the present samples decide; 0 if never."""


def outlook(read: Reading, *, judged: float, left: float, z_harm: float, z_safe: float) -> Outlook:
    """Project a stream that was judged for *judged* seconds to its deadline, *left* from now."""
    ratio, null, unsafe = log_ratio(read.stream), log(read.stream.null), log(read.stream.unsafe)
    weight = information(read)
    harm = _growth(ratio - null, weight, SEQUENTIAL * z_harm**2)
    safe = _growth(unsafe - ratio, weight, BETTING_ALONE * z_safe**2)
    then = weight * (1 + left / judged)
    smallest = abs(_change(read, null + z_harm * sqrt(SEQUENTIAL / then))) if then > 0 else None
    return Outlook(
        harm_in=None if harm is None else (harm - 1) * judged,
        safe_in=None if safe is None else (safe - 1) * judged,
        detectable=smallest,
        growth=min((g for g in (harm, safe) if g is not None), default=0.0),
    )


def _growth(excess: float, weight: float, wanted: float) -> float | None:
    """How many times the information must grow to decide on an excess; at least 1."""
    if excess <= 0 or weight <= 0:
        return None
    return max(1.0, wanted / (excess * excess) / weight)


def phi(read: Reading) -> float:
    """How many times more the cells vary than chance alone would let them."""
    weight = information(read)
    return sum(point.chance for point in read.points) / weight if weight > 0 else 1.0
