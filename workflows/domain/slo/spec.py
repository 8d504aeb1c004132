"""OpenSLO v1 as people write it, as far as a release can keep it; the rest is refused by name."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from workflows.domain.values import Name, SpecPart

OPENSLO_VERSION = "openslo/v1"

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


def _written(span: timedelta) -> str:
    """The largest unit that *span* is a multiple of, so that it is never more than six digits."""
    seconds = round(span.total_seconds())
    unit = next(u for u in reversed(_UNITS) if not seconds % _UNITS[u])
    return f"{seconds // _UNITS[unit]}{unit}"


SloDuration = Annotated[
    timedelta,
    BeforeValidator(_span),
    PlainSerializer(_written, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_WRITTEN.pattern}$"}),
]
"""One number and one unit, as OpenSLO writes it; a month counts 30 days."""


class SloMetadata(SpecPart):
    name: Name
    """What other documents call it: 1 to 63 of a-z, 0-9, `-` and `.`."""
    display_name: str | None = None
    """For people; reports use the name."""
    labels: dict[str, str | tuple[str, ...]] = {}
    """Read, and without meaning for a release."""
    annotations: dict[str, str] = {}
    """Read, and without meaning for a release."""


class SloMetricSource(SpecPart):
    """Where a number comes from: a Prometheus, by a query."""

    metric_source_ref: str | None = None
    """Read, and without meaning: which server is asked, the environment says."""
    type: str | None = None
    """`Prometheus`."""
    spec: dict[str, Any] = {}
    """`query`, with PromQL, and nothing else."""

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
    """Where the number comes from."""


class RatioMetric(SpecPart):
    """Good or bad events of all events; `counter` says that the queries are counters."""

    counter: bool
    """Whether the queries are counters; events are counted from the counter in either case."""
    good: SloSource | None = None
    """A counter of good events, or `sum`, `rate` or `increase` of one."""
    bad: SloSource | None = None
    """A counter of bad events, instead of `good`."""
    total: SloSource | None = None
    """A counter of all events."""
    raw: SloSource | None = None
    """Not supported: a ratio that is computed already."""
    raw_type: Literal["success", "failure"] | None = None
    """Not supported."""

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
    """For people."""
    ratio_metric: RatioMetric | None = None
    """Events: how many of all are good."""
    threshold_metric: SloSource | None = None
    """A number, which must keep the `value` of each objective."""

    @model_validator(mode="after")
    def _one_metric(self) -> Self:
        if (self.ratio_metric is None) == (self.threshold_metric is None):
            raise ValueError("an indicator has either a ratioMetric or a thresholdMetric")
        return self


class Indicator(SpecPart):
    """An indicator that stands in its objective."""

    metadata: SloMetadata | None = None
    """Its own name, if it has one."""
    spec: IndicatorSpec
    """What is measured."""


class Objective(SpecPart):
    """How much of it must be good: `target` is a fraction, `targetPercent` a percentage."""

    display_name: str | None = None
    """For people."""
    op: Literal["lte", "gte", "lt", "gt"] | None = None
    """Of a `thresholdMetric`: how the number must compare with `value`."""
    value: float | None = None
    """Of a `thresholdMetric`: what the number must keep."""
    target: float | None = Field(default=None, gt=0, lt=1)
    """The share that must be good, as a fraction; what is left is the budget."""
    target_percent: float | None = Field(default=None, gt=0, lt=100)
    """The share that must be good, in percent."""
    time_slice_target: float | None = Field(default=None, gt=0, le=1)
    """With `Timeslices`: the share that must be good in each slice."""
    time_slice_window: SloDuration | None = None
    """With `Timeslices`: how long a slice is."""
    indicator: Any = None
    """Not supported: part of a composite objective."""
    indicator_ref: Any = None
    """Not supported: part of a composite objective."""
    composite_weight: Any = None
    """Not supported: part of a composite objective."""

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
    """One number and one unit of `s`, `m`, `h`, `d`, `w`, `M`, `Q`, `Y`."""
    is_rolling: bool = False
    """Read, and without meaning for a release."""
    calendar: dict[str, str] | None = None
    """Read, and without meaning for a release."""


class SloSpec(SpecPart):
    """An objective. `alertPolicies` are for who is paged; releases have limits of their own."""

    description: str | None = None
    """For people."""
    service: str | None = None
    """Read; whose objective it is, the `slos` of a service say."""
    indicator: Indicator | None = None
    """What is measured."""
    indicator_ref: str | None = None
    """The `SLI` that says what is measured, instead of `indicator`."""
    time_window: tuple[TimeWindow, ...] = Field(default=(), max_length=1)
    """Read, and without meaning for a release: the new version's own traffic is what counts."""
    budgeting_method: Literal["Occurrences", "Timeslices", "RatioTimeslices"]
    """`Occurrences` limits how fast the budget burns; with `Timeslices` no slice may be bad."""
    objectives: tuple[Objective, ...] = Field(min_length=1, max_length=10)
    """How much of it must be good."""
    alert_policies: tuple[Any, ...] = ()
    """Read, and left to those who are paged."""

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
    """An objective as OpenSLO v1 writes it, which new versions of a service keep."""

    api_version: Literal["openslo/v1"]
    """Always `openslo/v1`."""
    kind: Literal["SLO"]
    metadata: SloMetadata
    """The document's name."""
    spec: SloSpec


class Sli(SpecPart):
    """An indicator as OpenSLO v1 writes it, to which objectives refer by `indicatorRef`."""

    api_version: Literal["openslo/v1"]
    """Always `openslo/v1`."""
    kind: Literal["SLI"]
    metadata: SloMetadata
    """The document's name."""
    spec: IndicatorSpec
