"""How a canary is compared with the version beside it, and what it may never do."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from workflows.domain.durations import Duration
from workflows.domain.spec.document import Document
from workflows.domain.values import Name, SpecPart

Figure = Literal["errorRatio", "latencyQuantile", "ratio", "gauge", "count", "slo"]
Action = Literal["rollback", "hold"]
ExtendedAction = Literal["rollback", "hold", "extend"]


class SeriesSpec(SpecPart):
    """A counter or gauge of the service's own, which carries the version's name as a label."""

    series: str = Field(min_length=1, max_length=200)
    """The name of the series, such as `shop_orders_total`."""
    labels: Annotated[dict[str, str], Field(max_length=10)] = {}
    """Labels that it must have, such as `{outcome: accepted}`."""
    arm_label: str = Field(default="arm", pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,62}$")
    """The label that tells the versions apart."""


class CompareSpec(SpecPart):
    """How much worse than the version beside it is worse; fractions of what that one does.

    What is left out is decided by the service's `criticality`.
    """

    tolerance: float | None = Field(default=None, ge=0, le=10)
    """A worsening up to this never turns back: 0.1 for a tenth more errors, or a tenth slower."""
    margin: float | None = Field(default=None, gt=0, le=100)
    """A worsening of this much must be ruled out before a stage may pass early."""
    weight: float = Field(default=1, gt=0, le=100)
    """Its part of `alpha`, beside the other metrics'."""

    @model_validator(mode="after")
    def _margin_lies_beyond(self) -> Self:
        if self.margin is not None and self.margin <= (self.tolerance or 0):
            raise ValueError("margin must be more than tolerance")
        return self


class FigureSpec(SpecPart):
    """A figure of a version: of its requests, or of its own counters."""

    name: Name
    """What verdicts and reports call it."""
    type: Figure
    """`errorRatio` and `latencyQuantile` are counted by the router, an `slo` is what an OpenSLO
    document says, the others are counted by the service."""
    quantile: float | None = Field(default=None, ge=0.5, le=0.999)
    """Which quantile, such as 0.95; for `latencyQuantile` alone."""
    numerator: SeriesSpec | None = None
    """For `ratio` and `count`: what is counted."""
    denominator: SeriesSpec | None = None
    """For `ratio`: of what it is a part."""
    gauge: SeriesSpec | None = None
    """For `gauge`: what is read."""
    slo_ref: Name | None = None
    """For `slo`: the `SLO` of the catalog whose figure it is, and whose limits are kept."""

    @model_validator(mode="after")
    def _parts_belong(self) -> Self:
        wanted = _PARTS[self.type]
        for part in ("quantile", "numerator", "denominator", "gauge", "slo_ref"):
            if (getattr(self, part) is not None) != (part in wanted):
                verb = "is required for" if part in wanted else "does not belong to"
                raise ValueError(f"{to_camel(part)} {verb} {self.type}")
        return self


_PARTS: dict[Figure, tuple[str, ...]] = {
    "errorRatio": (),
    "latencyQuantile": ("quantile",),
    "ratio": ("numerator", "denominator"),
    "gauge": ("gauge",),
    "count": ("numerator",),
    "slo": ("slo_ref",),
}


class MetricSpec(FigureSpec):
    """One figure that is compared between the new version and the one beside it."""

    direction: Literal["increase", "decrease", "both"] = "increase"
    """Which way is worse; of an `slo`, its document says it."""
    compare: CompareSpec = CompareSpec()
    """How much worse is too much."""

    @model_validator(mode="after")
    def _slo_knows_its_direction(self) -> Self:
        if self.type == "slo" and "direction" in self.model_fields_set:
            raise ValueError("direction does not belong to slo: its document says what is worse")
        return self


class ThresholdSpec(FigureSpec):
    """A limit for the new version, whatever the old one does: crossing it turns back at once.

    Kept through every stage, and after 100 % for as long as the strategy bakes.
    """

    above: float | None = None
    """Too much: a fraction of requests, milliseconds, or the gauge's own unit."""
    below: float | None = None
    """Too little."""
    lasts: Duration = Field(default=timedelta(seconds=30), alias="for")
    """Over which span it is taken."""
    min_samples: int = Field(default=20, ge=1, le=10_000_000)
    """In fewer requests (windows, for a gauge) it proves nothing."""

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give either above or below")
        if self.type in ("count", "slo"):
            more = "; an SLO's limits are kept by `slos` of the service" * (self.type == "slo")
            told = "a threshold is of type errorRatio, latencyQuantile, ratio or gauge"
            raise ValueError(told + more)
        return self


class VerdictActions(SpecPart):
    """What happens when a step's time is over without a pass; a fail always rolls back."""

    inconclusive: ExtendedAction = "extend"
    """Neither harm nor safety is proven: `extend` watches as long again, then holds."""
    no_data: Action = "hold"
    """One of the versions served no requests, or too few windows have both."""
    provider_error: Action = "hold"
    """The source of metrics did not answer."""


class HoldTimeout(SpecPart):
    """How long a step may hold before it turns back by itself."""

    after: Duration = timedelta(minutes=30)
    """How long a step holds."""
    then: Literal["rollback"] = "rollback"
    """What it does then."""


class AnalysisTemplateSpec(SpecPart):
    """How a canary is compared with the version beside it, for strategies to refer to."""

    metrics: tuple[MetricSpec, ...] = Field(min_length=1, max_length=20)
    """All are judged together; `alpha` is shared by them."""
    thresholds: tuple[ThresholdSpec, ...] = Field(default=(), max_length=20)
    """Limits that are kept beside the comparison."""
    alpha: float = Field(default=0.1, gt=0, lt=0.5)
    """The chance, at most, that a whole stage turns back a canary that is no worse."""
    beta: float = Field(default=0.05, gt=0, lt=0.5)
    """The chance, at most, that a canary worse by its margin passes early."""
    time_scale: float = Field(default=1, gt=0, le=10)
    """Multiplies the judge's own times, such as its warm-up: for demonstrations below 1."""
    verdict_actions: VerdictActions = VerdictActions()
    """What happens when the time is over without a pass."""
    hold_timeout: HoldTimeout = HoldTimeout()
    """How long `hold` lasts."""

    @property
    def slos(self) -> tuple[Name, ...]:
        """The SLOs that its metrics refer to, each once."""
        return tuple(dict.fromkeys(m.slo_ref for m in self.metrics if m.slo_ref is not None))


class AnalysisTemplate(Document):
    kind: Literal["AnalysisTemplate"]
    spec: AnalysisTemplateSpec
