"""How large the effect is, how small an effect would show, and how long either would take."""

from math import log, sqrt

# The width of a confidence sequence is tuned to this information: about the end of a stage with
# a handful of events a minute; it is valid whatever the information is.
_TUNED = 100.0
# What looking often costs: the pure e-process needs so many times the sample of one test.
_INFLATION = 1.7


def half_width(information: float, alpha: float) -> float:
    """Half the width of a confidence sequence for a mean, valid at all looks at once.

    The normal mixture of Robbins, in the asymptotic form of Waudby-Smith, Arbour, Sinha, Kennedy
    and Ramdas, "Time-uniform central limit theory" (arXiv 2103.06476), with prior variance
    1/_TUNED.
    """
    grown = (information + _TUNED) / _TUNED
    return sqrt(2 * (information + _TUNED) / information**2 * log(sqrt(grown) / alpha))


def detectable(information: float, *, z: float) -> float:
    """The smallest excess, in log(ratio), that *information* shows with a test's power."""
    return z * sqrt(_INFLATION / information)


def growth(excess: float, information: float, *, z: float) -> float | None:
    """How many times the information has to grow to decide on an *excess*; None if it is none.

    At least 1.
    """
    if excess <= 0 or information <= 0:
        return None
    return max(1.0, _INFLATION * z * z / (excess * excess) / information)
