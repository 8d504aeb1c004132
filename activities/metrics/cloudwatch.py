"""Asks CloudWatch what a load balancer counted of each version, and what the versions counted."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, NamedTuple

from activities.metrics import cloudwatch_figures as figures
from activities.metrics.cloudwatch_api import CloudWatchApi, Points, Question
from activities.metrics.cloudwatch_client import CloudWatch, TargetGroups
from activities.metrics.figures import refuse_unknown
from activities.metrics.target_groups import dimensions_of
from workflows.domain.canary.measures import REQUESTS, Measure, MeasureKind
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.errors import Refused, TargetMissing
from workflows.ports.metrics import Window

_PERIOD_SECONDS = 60
_SETTLES_SECONDS = 180.0

Asked = list[tuple[Measure, tuple[Question, ...]]]


class _Arm(NamedTuple):
    """What is asked of one version; `presence` is None for one that no load balancer knows."""

    presence: Question | None
    routed: Asked
    own: Asked

    @property
    def questions(self) -> list[Question]:
        asked = [question for _, each in (*self.routed, *self.own) for question in each]
        return asked if self.presence is None else [*asked, self.presence]


class CloudWatchMetrics:
    """The versions of one environment behind an Application Load Balancer.

    CloudWatch keeps sums for periods of *period* seconds, so spans begin and end with a period.
    It has no buckets, and percentiles of several periods have no percentile in common. But its
    trimmed count `TC(:x)` is the number of values up to x, which for a fixed x is what a
    cumulative bucket is: it can be added up over periods, and subtracted. CloudWatch stores values
    in ranges that widen with them, so a count is exact but for values close to the edge.

    A service's own figures are metrics of *namespace* with the arm's name as one dimension.
    """

    type: ClassVar[str] = "cloudwatch"
    remembers: ClassVar[bool] = True

    def __init__(
        self,
        *,
        environment: str,
        client: Callable[[], CloudWatch],
        balancers: Callable[[], TargetGroups],
        namespace: str | None = None,
        period: int = _PERIOD_SECONDS,
        settles: float = _SETTLES_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._environment = environment
        self._api = CloudWatchApi(client, period=period)
        self._balancers = balancers
        self._namespace = namespace
        self._period = period
        self._clock = clock
        self.settles = settles

    def mark(
        self, arms: Collection[str], measures: Collection[Measure], *, at: float | None = None
    ) -> Mark:
        """See MetricSource: where the next period begins, so that nothing earlier is counted."""
        del arms
        self._refuse_unreadable(measures)
        # Only whether it answers counts: an account may be too young to have any.
        self._api.knows(figures.routed(REQUESTS, ())[0])
        periods = -(-(self._clock() if at is None else at) // self._period)
        return Mark(at=periods * self._period, bounds=_bounds(measures))

    def span(
        self,
        mark: Mark,
        arms: Collection[str],
        measures: Collection[Measure],
        *,
        until: float | None,
    ) -> Span:
        """See MetricSource: of the periods that lie whole in the span, as its mark says."""
        self._refuse_unreadable(measures)
        newest = self._clock() - self.settles if until is None else until
        end = newest // self._period * self._period
        if end <= mark.at:
            self._expect_period(0.0 if until is None else until - mark.at)
            return Span(mark=mark, arms=dict.fromkeys(arms))
        warnings: list[str] = []
        asked = {arm: self._asked(arm, measures, warnings) for arm in arms}
        # Each question once, whatever asks it.
        questions = list(dict.fromkeys(q for each in asked.values() for q in each.questions))
        points = self._api.ask(questions, start=mark.at, end=end, warnings=warnings)
        unknown = self._unknown(asked.values(), points, warnings)
        periods = round((end - mark.at) / self._period)
        windows = {
            arm: figures.window(_answered(each, points, periods, unknown), points)
            for arm, each in asked.items()
        }
        told = Mark(at=end, bounds=_bounds(measures))
        return Span(mark=told, arms=windows, warnings=tuple(warnings))

    def _expect_period(self, seconds: float) -> None:
        """Say so at once, since asking again for so short a span would never bring anything."""
        if seconds > 0:
            raise Refused(
                f"metrics.{self._environment}: a window of {seconds:g} s is shorter than the "
                f"{self._period} s for which CloudWatch keeps one number; make the analysis's "
                f"interval a multiple of {self._period} s"
            )

    def _asked(self, arm: str, measures: Collection[Measure], warnings: list[str]) -> _Arm:
        namespace = self._namespace or ""
        own = [
            (measure, figures.own(measure, arm, namespace=namespace))
            for measure in measures
            if not measure.of_router
        ]
        routed = [measure for measure in measures if measure.of_router]
        if not routed:
            return _Arm(None, [], own)
        try:
            behind = dimensions_of(self._balancers, arm)
        except TargetMissing as error:
            warnings.append(f"no sample of {arm}: {error}")
            return _Arm(None, [], own)
        return _Arm(
            figures.presence(behind),
            [(measure, figures.routed(measure, behind)) for measure in routed],
            own,
        )

    def _unknown(
        self, arms: Collection[_Arm], points: Mapping[Question, Points], warnings: list[str]
    ) -> frozenset[str]:
        """The names of measures that no version has ever had; nothing may be concluded of them."""
        seen = {m.name for arm in arms for m, asked in arm.own if any(points[q] for q in asked)}
        # What is asked of one version, asked of any.
        unseen = {
            m.name: question._replace(
                dimensions=tuple(d for d in question.dimensions if d[0] != m.arm_label)
            )
            for arm in arms
            for m, (question, *_) in arm.own
            if m.name not in seen
        }
        unknown = {name for name, question in unseen.items() if not self._api.knows(question)}
        warnings.extend(
            f"{name}: CloudWatch has never had {unseen[name]}: correct its name and dimensions, "
            "or have the service publish 0 before the first event"
            for name in sorted(unknown)
        )
        return frozenset(unknown)

    def _refuse_unreadable(self, measures: Collection[Measure]) -> None:
        refuse_unknown(measures)
        where = f"metrics.{self._environment}"
        for measure in measures:
            if measure.query is not None:
                raise Refused(
                    f"measure {measure.name}: {where} is of type {self.type}, which takes no "
                    "query; name a metric and its dimensions as the selector"
                )
            if measure.selector is not None and self._namespace is None:
                raise Refused(
                    f"measure {measure.name}: {where} names no namespace in which to look for "
                    f"{measure.selector}; add `namespace` to the worker's settings"
                )

    def read(self, *, canary: str, baseline: str) -> Window:
        """See MetricSource; CloudWatch keeps sums of periods, so it has no totals to tell."""
        raise Refused(
            f"metrics.{self._environment}: CloudWatch has no cumulative counts of {canary} and "
            f"{baseline}; a watch asks it for spans"
        )


def _answered(
    arm: _Arm, points: Mapping[Question, Points], periods: int, unknown: Collection[str]
) -> Asked:
    """The figures of *arm* of which there is a sample in every period of the span.

    A load balancer leaves out counts that are zero, but never the targets behind it. A version
    that has published anything of its own in the span was there to publish the rest.
    """
    own = [(measure, asked) for measure, asked in arm.own if measure.name not in unknown]
    answered = own if any(points[q] for _, asked in own for q in asked) else []
    if arm.presence is None:
        return answered
    seen = set(points[arm.presence])
    seen = seen.union(*(points[q] for _, asked in arm.routed for q in asked))
    return [*arm.routed, *answered] if len(seen) >= periods else answered


def _bounds(measures: Collection[Measure]) -> dict[str, tuple[float, ...]]:
    return {m.name: figures.edges(m) for m in measures if m.kind is MeasureKind.HISTOGRAM}
