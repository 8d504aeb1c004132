"""Kayenta's judge (NetflixACAJudge): Mann-Whitney on the metric's values, window by window.

Published behaviour: the two samples are compared by a two-sided 98 % confidence interval of the
Hodges-Lehmann shift; a metric is High when the interval's lower end exceeds a quarter of the
estimated shift and the ratio of means exceeds the allowed increase (Low likewise). The score is
the share of metrics that pass, and 0 when a critical one fails: here all are critical.
"""

from math import ceil, sqrt
from statistics import NormalDist, fmean, median

from bench.rivals.series import value

_CONFIDENCE = 0.98
_TOLERANCE = 0.25
_LEAST_SAMPLES = 3


class Kayenta:
    def __init__(self, config, *, judgements):
        self._metrics = config["metrics"]
        self._horizon = config["horizon_s"]
        self._every = self._horizon / judgements
        self._judged = 0
        self._ours = [[] for _ in self._metrics]
        self._theirs = [[] for _ in self._metrics]

    def update(self, window):
        for index, metric in enumerate(self._metrics):
            for samples, arm in ((self._ours, "canary"), (self._theirs, "control")):
                found = value(metric, window[arm])
                if found is not None:
                    samples[index].append(found)
        due = int(window["t"] / self._every + 1e-9)
        if due <= self._judged:
            return {"verdict": "continue"}
        self._judged = due
        for metric, ours, theirs in zip(self._metrics, self._ours, self._theirs, strict=True):
            if _fails(metric, ours, theirs):
                return {"verdict": "rollback", "reason": metric["name"]}
        return {"verdict": "promote" if window["t"] >= self._horizon else "continue"}


def _fails(metric, ours, theirs):
    if min(len(ours), len(theirs)) < _LEAST_SAMPLES or ours == theirs:
        return False
    low, shift, high = interval(ours, theirs)
    before = fmean(theirs)
    ratio = fmean(ours) / before if before else 1.0
    if metric["direction"] == "decrease":
        return high < -_TOLERANCE * abs(shift) and ratio < 1 - metric["tolerance"]
    return low > _TOLERANCE * abs(shift) and ratio > 1 + metric["tolerance"]


def interval(ours, theirs):
    """The shift between two samples with its rank interval: (low, estimate, high)."""
    shifts = sorted(a - b for a in ours for b in theirs)
    n, k = len(ours), len(theirs)
    z = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2)
    place = max(0, ceil(n * k / 2 - z * sqrt(n * k * (n + k + 1) / 12)) - 1)
    return shifts[place], median(shifts), shifts[-1 - place]


def make(config, *, judgements=1):
    return Kayenta(config, judgements=judgements)
