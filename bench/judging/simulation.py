"""Windows of two versions drawn from a seed, for studies whose truth is known."""

import random
from math import exp, log, sqrt
from statistics import NormalDist

from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.windows import ArmWindow, JudgeWindow

BOUNDS = (5.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0, 130.0, 170.0, 220.0, 300.0, 500.0, 1000.0)
_MEDIAN, _SPREAD = 50.0, 0.5
_NORMAL = NormalDist()
_FEW = 40.0

METRICS = (
    MetricConfig(name="errors", type="ratio", numerator="errors", denominator="requests"),
    MetricConfig(
        name="latency",
        type="histogram",
        field="latency",
        bounds=BOUNDS,
        tolerance=0.05,
        margin=0.25,
    ),
    MetricConfig(
        name="conversion",
        type="ratio",
        numerator="conversions",
        denominator="sessions",
        direction="decrease",
        tolerance=0.01,
        margin=0.1,
    ),
)


def simulated_config(**changes):
    """The three usual metrics, an hour of minutes; *changes* are fields of the config."""
    return JudgeConfig(**{"interval": 60, "horizon": 3600, "metrics": METRICS, **changes})


def simulated(
    seed,
    *,
    rps=30.0,
    split=0.5,
    windows=60,
    interval=60.0,
    errors=0.01,
    worse_errors=1.0,
    slower=1.0,
    fewer_conversions=1.0,
    onset=0.0,
):
    """Windows in which the canary gets worse at *onset* seconds by the factors given."""
    draws = random.Random(seed)
    for index in range(windows):
        at = (index + 1) * interval
        worse = at > onset
        yield JudgeWindow(
            at=at,
            canary=_arm(
                draws,
                rps * split * interval,
                errors * (worse_errors if worse else 1),
                slower if worse else 1,
                0.05 * (fewer_conversions if worse else 1),
            ),
            baseline=_arm(draws, rps * (1 - split) * interval, errors, 1, 0.05),
        )


def _arm(draws, expected, errors, slower, conversion):
    requests = poisson(draws, expected)
    sessions = binomial(draws, requests, 0.1)
    return ArmWindow(
        values={
            "requests": requests,
            "errors": binomial(draws, requests, errors),
            "sessions": sessions,
            "conversions": binomial(draws, sessions, conversion),
        },
        histograms={"latency": _histogram(draws, requests, slower)},
    )


def _histogram(draws, requests, slower):
    counts, left, below = [], requests, 0.0
    for edge in BOUNDS:
        within = _NORMAL.cdf(log(edge / (_MEDIAN * slower)) / _SPREAD)
        counts.append(binomial(draws, left, (within - below) / (1 - below)))
        left, below = left - counts[-1], within
    return (*counts, left)


def poisson(draws, mean):
    if mean > _FEW:
        return max(0, round(draws.gauss(mean, sqrt(mean))))
    count, product, limit = 0, draws.random(), exp(-mean)
    while product > limit:
        count += 1
        product *= draws.random()
    return count


def binomial(draws, of, share):
    """Exact where the hits are few, else by the normal approximation."""
    if of <= 0 or share <= 0:
        return 0
    if share > 1 / 2:
        return of - binomial(draws, of, 1 - share)
    if of * share > _FEW:
        hits = round(draws.gauss(of * share, sqrt(of * share * (1 - share))))
        return min(of, max(0, hits))
    # Geometric gaps between hits: as many steps as hits.
    hits, place = 0, 0
    while True:
        place += int(log(1 - draws.random()) / log(1 - share)) + 1
        if place > of:
            return hits
        hits += 1
