"""Telling a canary that is still starting up from one that is worse.

Caches fill, pools connect, code is compiled: for some minutes a fresh version is slower or errs
more than a warm one, and gets better. Harm that gets better is deferred, not believed and not
forgotten: it has to be shown by what comes later, or not to decay to something tolerated.
"""

from math import exp, sqrt

from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.effects import Point, pooled

_SHRINKS = 1.64
_FALLS = 0.5
_DECAYS = (60.0, 120.0, 240.0, 480.0)
_BETTER_FIT = 3.84
_LEAST_CELLS = 4


def shrunk_by(found: list[Point]) -> float:
    """By how many standard errors the later half's excess is below the earlier half's."""
    half = len(found) // 2
    if half == 0:
        return 0.0
    early, late = pooled(found[:half]), pooled(found[half:])
    if early.information <= 0 or late.information <= 0:
        return 0.0
    return (early.excess - late.excess) / sqrt(1 / early.information + 1 / late.information)


def judged_from(config: JudgeConfig, found: list[Point], now: float) -> float | None:
    """The time after which harm counts; None if all of it does."""
    if now > config.settling or len(found) < _LEAST_CELLS:
        return None
    return found[len(found) // 2 - 1].at if shrunk_by(found) > _SHRINKS else None


def defers(config: JudgeConfig, found: list[Point], now: float) -> bool:
    """Whether what looks like harm may be a start-up that will be over."""
    if now <= config.settling and shrunk_by(found) > _FALLS:
        return True
    return now <= config.decay and decays(config, found)


def decays(config: JudgeConfig, found: list[Point]) -> bool:
    """Whether a exp(-t / tau) + c with a tolerated c fits clearly better than a constant."""
    if len(found) < _LEAST_CELLS:
        return False
    best, rest = 0.0, 1.0
    for tau in _DECAYS:
        gain, remains = _fit(found, tau * config.time_scale)
        if gain > best:
            best, rest = gain, remains
    return best > _BETTER_FIT and rest <= 0


def _fit(found: list[Point], tau: float) -> tuple[float, float]:
    """How much better a decay fits than a constant (chi squared), and its c; 0 if it rises."""
    # A fraction of the first cell's time keeps the exponentials from vanishing together.
    first = found[0].at
    s = sx = sxx = sy = sxy = 0.0
    for at, excess, w, _ in found:
        x = exp((first - at) / tau)
        s += w
        sx += w * x
        sxx += w * x * x
        sy += w * excess
        sxy += w * x * excess
    determinant = s * sxx - sx * sx
    if determinant <= 1e-9 * s * sxx:
        return 0.0, 1.0
    a = (s * sxy - sx * sy) / determinant
    if a <= 0:
        return 0.0, 1.0
    c = (sxx * sy - sx * sxy) / determinant
    return a * a * determinant / s, c
