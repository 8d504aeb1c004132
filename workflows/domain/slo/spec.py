"""OpenSLO v1 as people write it, as far as a release can keep it; the rest is refused by name."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from workflows.domain.values import SpecPart

_WRITTEN = re.compile(r"([1-9][0-9]{0,5})([smhdwMQY])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_UNITS |= {"M": 30 * 86_400, "Q": 90 * 86_400, "Y": 365 * 86_400}


def _span(written: object) -> object:
    if not isinstance(written, str):
        return written
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise ValueError(f"{written!r} is not a duration such as 5m, 1h, 28d, 4w or 1M")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


SloDuration = Annotated[timedelta, BeforeValidator(_span)]
"""One number and one unit, as OpenSLO writes it; a month counts 30 days."""


class SloMetadata(SpecPart):
    name: str = Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$")
    display_name: str | None = None
    labels: dict[str, str | tuple[str, ...]] = {}
    annotations: dict[str, str] = {}


class SloMetricSource(SpecPart):
    """Where a number comes from: a Prometheus, by a query."""

    metric_source_ref: str | None = None
    type: str | None = None
    spec: dict[str, Any] = {}

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.type is None or self.type.lower() != "prometheus":
            raise ValueError(
                f"metricSource: expected type: Prometheus, found {self.type or 'none'}; which "
                "server that is, the environment says, so a metricSourceRef does not count"
            )
        unknown = sorted(self.spec.keys() - {"query"})
        if not isinstance(self.spec.get("query"), str) or unknown:
            raise ValueError(
                "metricSource.spec: expected `query` with PromQL and nothing else, found "
                f"{', '.join(sorted(self.spec)) or 'nothing'}"
            )
        return self

    @property
    def query(self) -> str:
        found: str = self.spec["query"]
        return found


class SloSource(SpecPart):
    metric_source: SloMetricSource


class RatioMetric(SpecPart):
    """Good or bad events of all events; `counter` says that the queries are counters."""

    counter: bool
    good: SloSource | None = None
    bad: SloSource | None = None
    total: SloSource | None = None
    raw: SloSource | None = None
    raw_type: Literal["success", "failure"] | None = None

    @model_validator(mode="after")
    def _counts_events(self) -> Self:
        if self.raw is not None or self.raw_type is not None:
            raise ValueError(
                "ratioMetric.raw: a ratio that is already computed cannot be judged by how many "
                "events it is of; give good or bad, and total"
            )
        if (self.good is None) == (self.bad is None) or self.total is None:
            raise ValueError("ratioMetric: give either good or bad, and total")
        return self


class IndicatorSpec(SpecPart):
    """Exactly one of both kinds of metric."""

    description: str | None = None
    ratio_metric: RatioMetric | None = None
    threshold_metric: SloSource | None = None

    @model_validator(mode="after")
    def _one_metric(self) -> Self:
        if (self.ratio_metric is None) == (self.threshold_metric is None):
            raise ValueError("an indicator has either a ratioMetric or a thresholdMetric")
        return self


class Indicator(SpecPart):
    """An indicator that stands in its objective."""

    metadata: SloMetadata | None = None
    spec: IndicatorSpec


class Objective(SpecPart):
    """How much of it must be good: `target` is a fraction, `targetPercent` a percentage."""

    display_name: str | None = None
    op: Literal["lte", "gte", "lt", "gt"] | None = None
    value: float | None = None
    target: float | None = Field(default=None, gt=0, lt=1)
    target_percent: float | None = Field(default=None, gt=0, lt=100)
    time_slice_target: float | None = Field(default=None, gt=0, le=1)
    time_slice_window: SloDuration | None = None
    indicator: Any = None
    indicator_ref: Any = None
    composite_weight: Any = None

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        composite = (self.indicator, self.indicator_ref, self.composite_weight)
        if any(part is not None for part in composite):
            raise ValueError("composite objectives are not supported: write one SLO for each part")
        if (self.target is None) == (self.target_percent is None):
            raise ValueError("give either target (0 to 1) or targetPercent (0 to 100)")
        return self

    @property
    def fraction(self) -> float:
        return (self.target_percent or 0.0) / 100 if self.target is None else self.target


class TimeWindow(SpecPart):
    duration: SloDuration
    is_rolling: bool = False
    calendar: dict[str, str] | None = None


class SloSpec(SpecPart):
    """An objective. `alertPolicies` are for who is paged; releases have limits of their own."""

    description: str | None = None
    service: str | None = None
    indicator: Indicator | None = None
    indicator_ref: str | None = None
    time_window: tuple[TimeWindow, ...] = Field(default=(), max_length=1)
    budgeting_method: Literal["Occurrences", "Timeslices", "RatioTimeslices"]
    objectives: tuple[Objective, ...] = Field(min_length=1, max_length=10)
    alert_policies: tuple[Any, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.indicator is None) == (self.indicator_ref is None):
            raise ValueError("give either indicator or indicatorRef")
        if self.budgeting_method == "RatioTimeslices":
            raise ValueError("budgetingMethod: expected Occurrences or Timeslices")
        sliced = self.budgeting_method == "Timeslices"
        for objective in self.objectives:
            if sliced != (objective.time_slice_window is not None):
                verb = "needs" if sliced else "has no"
                raise ValueError(f"budgetingMethod {self.budgeting_method} {verb} timeSliceWindow")
        return self


class Slo(SpecPart):
    """A document of kind SLO."""

    api_version: Literal["openslo/v1"]
    kind: Literal["SLO"]
    metadata: SloMetadata
    spec: SloSpec


class Sli(SpecPart):
    """A document of kind SLI, to which objectives refer by `indicatorRef`."""

    api_version: Literal["openslo/v1"]
    kind: Literal["SLI"]
    metadata: SloMetadata
    spec: IndicatorSpec
