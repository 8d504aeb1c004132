"""From an objective to what is measured of each version, and what the canary must keep."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from workflows.domain.canary.measures import ARM_PLACE, Measure, MeasureKind
from workflows.domain.canary.thresholds import ThresholdRule
from workflows.domain.errors import Refused
from workflows.domain.slo.promql import counter_selector, with_matcher
from workflows.domain.slo.spec import IndicatorSpec, Objective, RatioMetric, Sli, Slo, SloSource
from workflows.domain.values import Value

# One failure among few requests is no burning budget.
_FAILURES = 3
_MIN_SAMPLES = 20
_GAUGE_SECONDS = 60.0
_GAUGE_SAMPLES = 3


class Burn(NamedTuple):
    """So many times as fast as the budget allows, over *long* seconds and over the last *short*.

    Multi-window burn rates (Site Reliability Workbook, chapter 5) with the windows of a release
    instead of a month: what counts is the canary's own slice, so its whole budget is its own.
    """

    rate: float
    long: float
    short: float


BURNS = (Burn(14.4, 300.0, 30.0), Burn(6.0, 1800.0, 150.0))


class SloMetric(Value):
    """What a judge compares: where it stands in a window, which way is worse, what is due.

    `base_rate` is the objective itself: the share of events that may be bad, or the value that a
    gauge must keep. A ratio is always that of bad events: with `complement` they are what the
    numerator leaves of the denominator.
    """

    name: str
    type: Literal["ratio", "gauge"]
    numerator: str = ""
    denominator: str = ""
    complement: bool = False
    field: str = ""
    direction: Literal["increase", "decrease"]
    base_rate: float


class CompiledSlo(Value):
    """One objective document, ready for a source, for thresholds and for a judge."""

    name: str
    measures: tuple[Measure, ...]
    thresholds: tuple[ThresholdRule, ...]
    metrics: tuple[SloMetric, ...]


def compiled(
    slo: Slo,
    indicators: Mapping[str, Sli],
    *,
    arm_label: str = "arm",
    burns: Sequence[Burn] = BURNS,
) -> CompiledSlo:
    """What *slo* means for a release; *indicators* are the SLI documents by their names.

    Raises:
        Refused: an indicator is missing, a query cannot be asked for one version alone, or its
            events cannot be counted.
    """
    name = slo.metadata.name
    indicator = _indicator(slo, indicators)
    if indicator.ratio_metric is not None:
        ratio = _Ratio(name, indicator.ratio_metric)
        return CompiledSlo(
            name=name,
            measures=ratio.measures(arm_label),
            thresholds=tuple(r for each in slo.spec.objectives for r in ratio.rules(each, burns)),
            metrics=tuple(ratio.metric(each) for each in slo.spec.objectives),
        )
    source = indicator.threshold_metric
    if source is None:
        raise Refused(f"SLO {name}: its indicator has no metric")
    query = _for_one_version(source.metric_source.query, arm_label)
    return CompiledSlo(
        name=name,
        measures=(
            Measure(
                name=_value_of(name), kind=MeasureKind.GAUGE, query=query, arm_label=arm_label
            ),
        ),
        thresholds=tuple(_gauge_rule(name, each) for each in slo.spec.objectives),
        metrics=tuple(_gauge_metric(name, each) for each in slo.spec.objectives),
    )


def _indicator(slo: Slo, indicators: Mapping[str, Sli]) -> IndicatorSpec:
    if slo.spec.indicator is not None:
        return slo.spec.indicator.spec
    found = indicators.get(slo.spec.indicator_ref or "")
    if found is None:
        known = ", ".join(sorted(indicators)) or "none"
        raise Refused(
            f"SLO {slo.metadata.name}: indicatorRef {slo.spec.indicator_ref!r} is no SLI of the "
            f"catalog; known are: {known}"
        )
    return found.spec


def _value_of(slo: str) -> str:
    """What the number is called in windows: no figure of the router has such a name."""
    return f"{slo}.value"


def _for_one_version(query: str, arm_label: str) -> str:
    """*query* with the place of the arm; a query that has it already is its author's business."""
    return query if ARM_PLACE in query else with_matcher(query, arm_label, ARM_PLACE)


class _Ratio(NamedTuple):
    slo: str
    metric_of: RatioMetric

    @property
    def _part(self) -> str:
        return f"{self.slo}.{'bad' if self.metric_of.good is None else 'good'}"

    @property
    def _total(self) -> str:
        return f"{self.slo}.total"

    @property
    def _bad(self) -> bool:
        return self.metric_of.good is None

    def measures(self, arm_label: str) -> tuple[Measure, ...]:
        part = self.metric_of.bad if self._bad else self.metric_of.good
        sources = ((self._part, part), (self._total, self.metric_of.total))
        return tuple(
            self._measure(name, source, arm_label)
            for name, source in sources
            if source is not None
        )

    def _measure(self, name: str, source: SloSource, arm_label: str) -> Measure:
        query = source.metric_source.query
        selector = counter_selector(query)
        if selector is None:
            raise Refused(
                f"SLO {self.slo}: events are counted from a counter, or from sum, rate or "
                f"increase of one; found {query!r}"
            )
        asked = _for_one_version(selector, arm_label)
        return Measure(name=name, kind=MeasureKind.COUNTER, query=asked, arm_label=arm_label)

    def rules(self, objective: Objective, burns: Sequence[Burn]) -> Iterator[ThresholdRule]:
        if objective.time_slice_window is not None:
            # A slice is bad as a whole, so one that is bad is all that a release may cost.
            wanted = objective.time_slice_target or objective.fraction
            seconds = objective.time_slice_window.total_seconds()
            yield self._rule("slice", 1 - wanted, lasts=seconds)
            return
        budget = 1 - objective.fraction
        # A share cannot be more than all: where even that is no such burn, nothing would cross it.
        sane = [burn for burn in burns if burn.rate * budget < 1]
        if not sane:
            raise Refused(
                f"SLO {self.slo}: with a target of {objective.fraction:g} the budget cannot burn "
                f"{min(burn.rate for burn in burns):g} times too fast; set thresholds instead"
            )
        for burn in sane:
            yield self._rule(
                f"burn-{burn.rate:g}x", burn.rate * budget, lasts=burn.long, newest=burn.short
            )

    def _rule(
        self, kind: str, limit: float, *, lasts: float, newest: float = 0.0
    ) -> ThresholdRule:
        return ThresholdRule(
            name=f"{self.slo}-{kind}",
            type="ratio",
            numerator=self._part,
            denominator=self._total,
            complement=not self._bad,
            limit=limit,
            lasts=lasts,
            newest=newest,
            min_samples=max(_MIN_SAMPLES, math.ceil(_FAILURES / max(limit, 1e-6))),
        )

    def metric(self, objective: Objective) -> SloMetric:
        return SloMetric(
            name=self.slo,
            type="ratio",
            numerator=self._part,
            denominator=self._total,
            complement=not self._bad,
            direction="increase",
            base_rate=1 - objective.fraction,
        )


def _gauge_rule(slo: str, objective: Objective) -> ThresholdRule:
    limit, too_much = _limit(slo, objective)
    window = objective.time_slice_window
    return ThresholdRule(
        name=f"{slo}-value",
        type="gauge",
        field=_value_of(slo),
        limit=limit,
        worse="above" if too_much else "below",
        lasts=_GAUGE_SECONDS if window is None else window.total_seconds(),
        min_samples=_GAUGE_SAMPLES,
    )


def _gauge_metric(slo: str, objective: Objective) -> SloMetric:
    limit, too_much = _limit(slo, objective)
    direction: Literal["increase", "decrease"] = "increase" if too_much else "decrease"
    field = _value_of(slo)
    return SloMetric(name=slo, type="gauge", field=field, direction=direction, base_rate=limit)


def _limit(slo: str, objective: Objective) -> tuple[float, bool]:
    """The objective's value, and whether more than it is what must not be."""
    if objective.op is None or objective.value is None:
        raise Refused(f"SLO {slo}: an objective of a thresholdMetric needs op and value")
    return objective.value, objective.op in {"lt", "lte"}
