"""Evidence that is valid at every look: e-processes for harm and for safety.

An e-value is what a bet against a hypothesis has made of 1: if the hypothesis holds, it exceeds
1/a at any time with probability at most a (Ville), however often one looks (Howard & Ramdas,
arXiv 1810.08240; Waudby-Smith & Ramdas, arXiv 2010.09686). The bets are likelihood ratios of x
given m (streams.py), to the power of one over the dispersion, mixed over worse ratios and over
the time at which the harm began.
"""

from bisect import insort
from math import exp, log, sqrt

from workflows.domain.canary.dispersion import Dispersion
from workflows.domain.canary.streams import Stream, step

_HARMS = (0.5, 1.0, 2.0, 4.0, 7.0)
"""The worse ratios that are bet on, in steps from tolerated to unsafe."""
_SAFER = (1.0, 2.0)
_BETS = (0.2, 0.5, 1.0)
"""The bets on a gauge, in its spreads."""
_MOST_OF_A_BLIP = 1.0
"""What each of the worst cells may say, in nats."""
_FROM_THE_START = 0.5
_SPREAD_FROM = 2
_LEAST_SPREAD = 0.02
_NONE = -1e300


def log_harm(stream: Stream, spread: Dispersion, *, blips: int, half_life: float) -> float:
    """The log of the e-value against "the ratio is at most tolerated".

    The worst *blips* cells count for at most 1 nat each. That the harm began later than time t
    has prior probability half_life / (t + half_life).
    """
    begun = _beginnings(stream, half_life)
    bets = [_gains(stream, spread, bet) for bet in _bets(stream, _HARMS)]
    return _mean([_mixed(gains, begun, blips) for gains in bets])


def log_safe(stream: Stream, spread: Dispersion, *, blips: int) -> float:
    """The log of the e-value against "the ratio is unsafe"; the best *blips* cells clipped."""
    if stream.gauge:
        bets = [_gauge(stream, -rate, log(stream.unsafe)) for rate in _BETS]
    else:
        size = step(stream)
        bets = [
            _ratios(stream, spread, stream.unsafe, stream.unsafe * exp(-safer * size))
            for safer in _SAFER
        ]
    return _mean([_mixed(gains, None, blips) for gains in bets])


def _bets(stream: Stream, harms: tuple[float, ...]) -> tuple[float, ...]:
    if stream.gauge:
        return _BETS
    size = step(stream)
    return tuple(stream.null * exp(harm * size) for harm in harms)


def _gains(stream: Stream, spread: Dispersion, bet: float) -> list[float]:
    if stream.gauge:
        return _gauge(stream, bet, log(stream.null))
    return _ratios(stream, spread, stream.null, bet)


def _ratios(stream: Stream, spread: Dispersion, null: float, other: float) -> list[float]:
    gain = log(other / null)
    return [
        (x * gain - (x + y) * log((n * other + k) / (n * null + k))) / factor
        for (_, (x, n, y, k)), factor in zip(stream.cells, spread.factors, strict=True)
    ]


def _gauge(stream: Stream, rate: float, null: float) -> list[float]:
    """Bets on differences that are symmetric around the null at worst (de la Peña 1999).

    For such d, exp(l d - l^2 d^2 / 2) is at most 1 in the mean, for every l known before.
    """
    gains: list[float] = []
    squares, centre = 0.0, 0.0
    for seen, (_, (x, _, y, _)) in enumerate(stream.cells):
        d = log(x / y) - null
        if seen < _SPREAD_FROM:
            gains.append(0.0)
        else:
            bet = rate / max(sqrt(squares / seen), _LEAST_SPREAD)
            gains.append(bet * d - (bet * d) ** 2 / 2)
        squares += (d - centre) ** 2
        centre += (d - centre) / (seen + 1)
    return gains


def _beginnings(stream: Stream, half_life: float) -> list[float]:
    """The log of the prior probability that the harm begins with each cell."""
    priors: list[float] = []
    before = 0.0
    for at, _ in stream.cells:
        chance = half_life / (before + half_life) - half_life / (at + half_life)
        priors.append(log((1 - _FROM_THE_START) * chance))
        before = at
    return priors


def _mixed(gains: list[float], begun: list[float] | None, blips: int) -> float:
    """Log of the wealth, over all beginnings; the greatest gains of each clipped."""
    total = clipped = 0.0
    greatest: list[float] = []
    logs: list[float] = []
    for index in range(len(gains) - 1, -1, -1):
        gain = gains[index]
        total += gain
        if gain > _MOST_OF_A_BLIP and blips:
            surplus = gain - _MOST_OF_A_BLIP
            insort(greatest, surplus)
            clipped += surplus
            if len(greatest) > blips:
                clipped -= greatest.pop(0)
        if begun is not None:
            logs.append(total - clipped + begun[index])
    whole = total - clipped
    if begun is None:
        return whole
    return log_sum([whole + log(_FROM_THE_START), *logs])


def log_sum(logs: list[float]) -> float:
    """log(sum(exp)) without overflow; of nothing, as good as minus infinity."""
    most = max(logs, default=_NONE)
    return most + log(sum(exp(value - most) for value in logs)) if most > _NONE else _NONE


def _mean(logs: list[float]) -> float:
    return log_sum(logs) - log(len(logs))
