"""How a version takes over the traffic, step by step."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from workflows.domain.durations import Duration
from workflows.domain.spec.document import Document
from workflows.domain.values import Name, Percent, SpecPart


class HeaderValue(SpecPart):
    exact: str = Field(min_length=1, max_length=200)
    """The whole value, compared letter by letter."""


class HeaderMatch(SpecPart):
    header_name: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    """In lower case, as HTTP/2 sends it."""
    header_value: HeaderValue
    """What its value must be."""


class SetHeaderRoute(SpecPart):
    """Requests with this header go to the canary whatever the weight is."""

    match: tuple[HeaderMatch] = Field(description="Exactly one header to look for.")


class TemplateRef(SpecPart):
    template_name: Name
    """An `AnalysisTemplate` of the catalog."""


class AnalysisStep(SpecPart):
    """Compare canary with baseline for `duration`, a look each `interval`.

    A failing look turns the release back at once. A passing look ends the step once
    `minDuration` has passed; without `minDuration` the whole `duration` is watched.
    """

    templates: tuple[TemplateRef, ...] = Field(min_length=1, max_length=5)
    """What is compared; the strictest of their actions count."""
    duration: Duration
    """How long it is watched at most."""
    interval: Duration
    """How long from one look to the next."""
    min_duration: Duration | None = None
    """When a passing look may end the step early."""

    @model_validator(mode="after")
    def _looks_fit(self) -> Self:
        if not timedelta(0) < self.interval <= self.duration:
            raise ValueError("interval must be more than 0s and at most duration")
        if self.min_duration is not None and self.min_duration > self.duration:
            raise ValueError("minDuration must be at most duration")
        if self.duration / self.interval > 500:
            raise ValueError("more than 500 looks: make interval longer")
        return self


class PauseStep(SpecPart):
    """Wait: for `duration`, or without one until somebody sends `promote`."""

    duration: Duration | None = None
    """How long; without it, until somebody sends `promote`."""


class StrategyStep(SpecPart):
    """One step, one verb: exactly one of these fields."""

    set_header_route: SetHeaderRoute | None = None
    """Send marked requests to the canary."""
    set_weight: Percent | None = None
    """Send this share of the traffic to the canary, in percent."""
    analysis: AnalysisStep | None = None
    """Compare the canary with the version beside it."""
    pause: PauseStep | None = None
    """Wait; `pause: {}` waits for a person."""

    @model_validator(mode="after")
    def _one_verb(self) -> Self:
        verbs = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(verbs) != 1:
            raise ValueError(
                "a step has exactly one of setHeaderRoute, setWeight, analysis, pause; "
                f"this one has {len(verbs)}"
            )
        return self


class StrategySpec(SpecPart):
    """The steps from 0 to 100 % of the traffic."""

    steps: tuple[StrategyStep, ...] = Field(min_length=1, max_length=50)
    """In this order, for each service."""

    @model_validator(mode="after")
    def _ends_whole(self) -> Self:
        weights = [step.set_weight for step in self.steps if step.set_weight is not None]
        if self.steps[-1].set_weight != 100 or weights.count(100) != 1:
            raise ValueError(
                "setWeight: 100 must be the last step, once: a release ends on one version, "
                "and beyond it there is no baseline to compare with"
            )
        if weights != sorted(weights):
            raise ValueError(f"weights only grow; these are {weights}")
        return self


class Strategy(Document):
    kind: Literal["Strategy"]
    spec: StrategySpec
