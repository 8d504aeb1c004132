"""How a canary is compared with the version beside it."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from workflows.domain.durations import Duration
from workflows.domain.spec.document import Document
from workflows.domain.values import Name, SpecPart

Action = Literal["rollback", "hold"]


class CompareSpec(SpecPart):
    """How much worse than the baseline the canary may be, and how sure a verdict must be.

    `maxIncrease` is a fraction: for error ratios it is added (0.01 = one percentage point more),
    for latency quantiles it multiplies (0.2 = a fifth slower). `alpha` bounds the chance that a
    whole step fails a canary that is no worse; it is shared by its metrics and looks.
    """

    max_increase: float = Field(ge=0, le=10)
    """A fraction: added to an error ratio, multiplied with a latency quantile."""
    alpha: float = Field(default=0.01, gt=0, lt=0.5)
    """The chance, at most, that a whole step fails a canary that is no worse."""


class MetricSpec(SpecPart):
    """One thing that is compared; `quantile` belongs to `latencyQuantile` alone."""

    name: Name
    """What verdicts call it."""
    type: Literal["errorRatio", "latencyQuantile"]
    """The share of failed requests, or a quantile of their latency."""
    quantile: float | None = Field(default=None, ge=0.5, le=0.999)
    """Which quantile, such as 0.95; for `latencyQuantile` alone."""
    compare: CompareSpec
    """How much worse is too much."""
    min_samples: int = Field(default=100, ge=1, le=10_000_000)
    """Requests that each version must have served before there is a verdict."""

    @model_validator(mode="after")
    def _quantile_belongs(self) -> Self:
        if (self.type == "latencyQuantile") != (self.quantile is not None):
            raise ValueError("quantile is required for latencyQuantile, and only allowed there")
        return self


class VerdictActions(SpecPart):
    """What happens when a step's time is over without a pass; a fail always rolls back."""

    inconclusive: Action = "rollback"
    """The requests so far prove neither that it is worse nor that it is not."""
    no_data: Action = "hold"
    """One of the versions served no requests."""
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
    """All must pass."""
    verdict_actions: VerdictActions = VerdictActions()
    """What happens when the time is over without a pass."""
    hold_timeout: HoldTimeout = HoldTimeout()
    """How long `hold` lasts."""


class AnalysisTemplate(Document):
    kind: Literal["AnalysisTemplate"]
    spec: AnalysisTemplateSpec
