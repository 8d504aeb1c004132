"""Which statistics of CloudWatch make up a figure, and the figure that they make."""

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

from activities.metrics.cloudwatch_api import Points, Question
from activities.metrics.target_groups import Dimensions
from workflows.domain.canary.measures import ERRORS, LATENCY, REQUESTS, Measure, MeasureKind
from workflows.domain.canary.windows import ArmWindow

BALANCERS = "AWS/ApplicationELB"
_COUNTS = {
    REQUESTS.name: ("RequestCount",),
    # The second is of requests that no target took, for which there is no status of a target.
    ERRORS.name: ("HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount"),
}
_RESPONSE_TIME = "TargetResponseTime"
_SECONDS_PER_MS = 0.001

EDGES = (5.0, 10.0, 25.0, 50.0, 100.0, 150.0, 200.0, 300.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0)
"""Milliseconds; each edge is one more statistic to pay for, of each version and period."""


def presence(behind: Dimensions) -> Question:
    """What a load balancer tells of a target group in every period, with traffic or without."""
    return Question(BALANCERS, "HealthyHostCount", behind, "SampleCount")


def edges(measure: Measure) -> tuple[float, ...]:
    return measure.bounds or EDGES


def routed(measure: Measure, behind: Dimensions) -> tuple[Question, ...]:
    """The statistics of a figure of the load balancer."""
    if measure.name == LATENCY.name:
        return _distribution(
            Question(BALANCERS, _RESPONSE_TIME, behind, ""), edges(measure), scale=_SECONDS_PER_MS
        )
    return tuple(Question(BALANCERS, name, behind, "Sum") for name in _COUNTS[measure.name])


def own(measure: Measure, arm: str, *, namespace: str) -> tuple[Question, ...]:
    """The statistics of a figure of the service's own; none for one without a series."""
    if measure.selector is None:
        return ()
    labels = {**measure.selector.labels, measure.arm_label: arm}
    asked = Question(namespace, measure.selector.series, tuple(sorted(labels.items())), "Sum")
    if measure.kind is MeasureKind.HISTOGRAM:
        return _distribution(asked, edges(measure), scale=1.0)
    if measure.kind is MeasureKind.GAUGE:
        return (asked._replace(stat="Average"),)
    return (asked,)


def window(
    asked: Collection[tuple[Measure, tuple[Question, ...]]], points: Mapping[Question, Points]
) -> ArmWindow | None:
    """One version's window from the points of all periods; there is none without a figure."""
    values: dict[str, float] = {}
    histograms: dict[str, tuple[int, ...]] = {}
    for measure, questions in asked:
        sums = [sum(points[question].values()) for question in questions]
        if measure.kind is MeasureKind.HISTOGRAM:
            histograms[measure.name] = _slots(sums)
        elif measure.kind is MeasureKind.COUNTER:
            values[measure.name] = sum(sums)
        elif found := [value for question in questions for value in points[question].values()]:
            values[measure.name] = sum(found) / len(found)
    if ERRORS.name in values and REQUESTS.name in values:
        # A connection that failed may have been one of several that a request was given.
        values[ERRORS.name] = min(values[ERRORS.name], values[REQUESTS.name])
    return ArmWindow(values=values, histograms=histograms) if values or histograms else None


def _distribution(
    asked: Question, bounds: Iterable[float], *, scale: float
) -> tuple[Question, ...]:
    """How many values are at most as large as each edge, and how many there are."""
    within = [asked._replace(stat=f"TC(:{edge * scale:.10g})") for edge in bounds]
    return (*within, asked._replace(stat="SampleCount"))


def _slots(cumulative: list[float]) -> tuple[int, ...]:
    # Each is an estimate of its own, so a later one may be a hair below the one before.
    return tuple(max(0, round(b - a)) for a, b in pairwise([0.0, *cumulative]))
