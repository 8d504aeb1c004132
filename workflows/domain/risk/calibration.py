"""Whether scores came true: a probability for each score, and how far it may be believed.

Platt's sigmoid, fitted to the counts of kept and failed releases by score. The targets that keep
the fit finite, and Newton's method with backtracking, are those of H.-T. Lin, C.-J. Lin and
R. C. Weng, "A note on Platt's probabilistic outputs for support vector machines", Machine
Learning 68 (2007), 267-276. The Brier score is that of G. W. Brier, Monthly Weather Review 78
(1950), 1-3, for one event: the mean squared distance between what was said and what came.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import exp, log1p
from typing import TypeAlias

from workflows.domain.risk.facts import Tally
from workflows.domain.spec.risk import CalibrationSpec
from workflows.domain.values import Value

_ROUNDS = 100
_SMALL_STEP = 1e-8
_RIDGE = 1e-12
_ENOUGH = 1e-4
_BINS = 10

_Step: TypeAlias = tuple[float, float]


class Sigmoid(Value):
    """The probability of failure by score: 1 / (1 + exp(-(intercept + slope * score / 100)))."""

    slope: float
    intercept: float

    def __call__(self, score: float) -> float:
        return _logistic(self.intercept + self.slope * score / 100)


class Calibration(Value):
    """What the outcomes say of the scores; `holds` is whether decisions may go by them."""

    outcomes: int
    failures: int
    holds: bool
    why: str
    """Why it does not hold, or what it held against."""
    sigmoid: Sigmoid | None = None
    brier: float | None = None
    """Each outcome foretold from all the others; 0 is a prophet."""
    base_brier: float | None = None
    """The same, by somebody who knows how many fail and nothing else."""


class Bin(Value):
    """Scores of a range [low, high): what was said of them, and what came."""

    low: int
    high: int
    outcomes: int
    said: float
    came: float


def brier(said: Iterable[tuple[float, bool]]) -> float:
    """The mean squared distance of probabilities from what happened.

    Raises:
        ValueError: nothing was said.
    """
    squares = [(p - happened) ** 2 for p, happened in said]
    if not squares:
        raise ValueError("no outcome: nothing can be said of what was foretold")
    return sum(squares) / len(squares)


def calibrated(tally: Sequence[Tally], spec: CalibrationSpec) -> Calibration:
    """Fit *tally*, and say whether the score foretells better than the mere rate of failure."""
    failures = sum(one.failed for one in tally)
    outcomes = failures + sum(one.kept for one in tally)
    if (missing := _too_few(outcomes, failures, spec)) is not None:
        return Calibration(outcomes=outcomes, failures=failures, holds=False, why=missing)
    sigmoid = fit(tally)
    foretold, by_rate = left_out(tally), _by_rate(outcomes, failures)
    holds = sigmoid.slope > 0 and foretold < by_rate
    versus = f"Brier {foretold:.3f}, by the rate of failure alone {by_rate:.3f}"
    return Calibration(
        outcomes=outcomes,
        failures=failures,
        holds=holds,
        why=versus if holds else f"the score foretells no better than the rate: {versus}",
        sigmoid=sigmoid,
        brier=foretold,
        base_brier=by_rate,
    )


def _too_few(outcomes: int, failures: int, spec: CalibrationSpec) -> str | None:
    if outcomes < spec.outcomes:
        return f"{outcomes} of {spec.outcomes} outcomes known"
    if failures < spec.failures:
        return f"{failures} of {spec.failures} failures known"
    if outcomes - failures < spec.failures:
        return f"only {outcomes - failures} releases stayed, at least {spec.failures} must have"
    return None


def fit(tally: Sequence[Tally], start: Sigmoid | None = None) -> Sigmoid:
    """The likeliest sigmoid of *tally*; a good *start* saves rounds and changes nothing else.

    Raises:
        ValueError: the tally is empty.
    """
    failed, kept = sum(one.failed for one in tally), sum(one.kept for one in tally)
    if not failed + kept:
        raise ValueError("no outcome: nothing can be fitted")
    points = _Points(tally, high=(failed + 1) / (failed + 2), low=1 / (kept + 2))
    if start is None:
        start = Sigmoid(slope=0, intercept=log1p(failed) - log1p(kept))
    slope, intercept = start.slope, start.intercept
    for _ in range(_ROUNDS):
        step, descent = points.newton(slope, intercept)
        there = points.descend((slope, intercept), step, descent)
        if there == (slope, intercept):
            break  # as good as the digits allow
        slope, intercept = there
        if max(map(abs, step)) < _SMALL_STEP:
            break
    return Sigmoid(slope=slope, intercept=intercept)


class _Points:
    """The smoothed outcomes by score, and the loss of a sigmoid on them."""

    def __init__(self, tally: Sequence[Tally], *, high: float, low: float) -> None:
        self._points = [
            (one.score / 100, float(one.kept + one.failed), one.failed * high + one.kept * low)
            for one in tally
            if one.kept + one.failed
        ]

    def loss(self, slope: float, intercept: float) -> float:
        """The negative log likelihood, written so that no exponential overflows."""
        total = 0.0
        for x, weight, target in self._points:
            z = intercept + slope * x
            total += weight * (max(z, 0.0) + log1p(exp(-abs(z)))) - target * z
        return total

    def newton(self, slope: float, intercept: float) -> tuple[_Step, float]:
        """The step towards the minimum, and how steeply the loss falls along it."""
        g_slope = g_intercept = h_12 = 0.0
        h_11 = h_22 = _RIDGE
        for x, weight, target in self._points:
            p = _logistic(intercept + slope * x)
            residual, curve = weight * p - target, weight * p * (1 - p)
            g_slope += residual * x
            g_intercept += residual
            h_11 += curve * x * x
            h_12 += curve * x
            h_22 += curve
        determinant = h_11 * h_22 - h_12 * h_12
        step = (
            -(h_22 * g_slope - h_12 * g_intercept) / determinant,
            -(h_11 * g_intercept - h_12 * g_slope) / determinant,
        )
        return step, g_slope * step[0] + g_intercept * step[1]

    def descend(self, start: _Step, step: _Step, descent: float) -> _Step:
        """As far along *step* as lowers the loss enough; half of it, and so on, if need be."""
        before, share = self.loss(*start), 1.0
        while share > _SMALL_STEP:
            there = start[0] + share * step[0], start[1] + share * step[1]
            if self.loss(*there) <= before + _ENOUGH * share * descent:
                return there
            share /= 2
        return start


def left_out(tally: Sequence[Tally]) -> float:
    """The Brier score where each outcome is foretold by a fit to all the others.

    Outcomes of the same score and end are foretold alike, so a hundred scores need at most two
    hundred fits, whatever the number of outcomes.
    """
    whole = fit(tally)
    squares, count = 0.0, 0
    for at, one in enumerate(tally):
        for happened, many in ((True, one.failed), (False, one.kept)):
            if not many:
                continue
            fewer = one.model_copy(
                update={"failed": one.failed - 1} if happened else {"kept": one.kept - 1}
            )
            others = [*tally[:at], fewer, *tally[at + 1 :]]
            squares += many * (fit(others, whole)(one.score) - happened) ** 2
            count += many
    return squares / count


def _by_rate(outcomes: int, failures: int) -> float:
    """The Brier score of who foretells each outcome by the rate among all the others."""
    kept, others = outcomes - failures, outcomes - 1
    of_failed = failures * ((failures - 1) / others - 1) ** 2
    of_kept = kept * (failures / others) ** 2
    return (of_failed + of_kept) / outcomes


def reliability(tally: Sequence[Tally], sigmoid: Sigmoid) -> Iterator[Bin]:
    """What was said and what came, in ranges of ten points; ranges without outcomes left out."""
    for low in range(0, 100, _BINS):
        high = low + _BINS if low + _BINS < 100 else 101
        within = [one for one in tally if low <= one.score < high]
        outcomes = sum(one.kept + one.failed for one in within)
        if outcomes:
            said = sum((one.kept + one.failed) * sigmoid(one.score) for one in within)
            came = sum(one.failed for one in within)
            yield Bin(
                low=low,
                high=high,
                outcomes=outcomes,
                said=said / outcomes,
                came=came / outcomes,
            )


def _logistic(z: float) -> float:
    return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))
