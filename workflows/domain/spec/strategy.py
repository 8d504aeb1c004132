"""How a version takes over the traffic, step by step."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

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
    """Compare the canary with the version beside it, a look each `interval`.

    Proof of harm turns the release back at once. With `duration: auto` the step lasts as long as
    the traffic needs to tell good from bad; `lockgate plan` says beforehand how long that is.
    """

    templates: tuple[TemplateRef, ...] = Field(min_length=1, max_length=5)
    """What is compared; the strictest of their actions count."""
    duration: Literal["auto"] | Duration = "auto"
    """How long it is watched at most."""
    interval: Duration = timedelta(minutes=1)
    """How long from one look to the next."""
    min_duration: Duration | None = None
    """When evidence of safety may end the step early; without it, only by the end."""
    max_duration: Duration | None = None
    """The longest that `auto` or `extend` may take; by the service's criticality if left out."""

    @model_validator(mode="after")
    def _looks_fit(self) -> Self:
        if self.interval <= timedelta(0):
            raise ValueError("interval must be more than 0s")
        if not isinstance(self.duration, timedelta):
            return self
        if self.interval > self.duration:
            raise ValueError("interval must be at most duration")
        if self.min_duration is not None and self.min_duration > self.duration:
            raise ValueError("minDuration must be at most duration")
        if self.max_duration is not None and self.max_duration < self.duration:
            raise ValueError("maxDuration must be at least duration")
        if self.duration / self.interval > 5000:
            raise ValueError("more than 5000 looks: make interval longer")
        return self


class BakeStep(SpecPart):
    """After 100 %: go on watching the new version alone, by the thresholds of `templates`.

    The old version still runs meanwhile, so that the way back is short.
    """

    templates: tuple[TemplateRef, ...] = Field(default=(), max_length=5)
    """Whose thresholds are kept, beside those of the service."""
    duration: Duration
    """How long."""
    interval: Duration = timedelta(minutes=1)
    """How long from one look to the next."""

    @model_validator(mode="after")
    def _looks_fit(self) -> Self:
        if not timedelta(0) < self.interval <= self.duration:
            raise ValueError("interval must be more than 0s and at most duration")
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
    bake: BakeStep | None = None
    """Watch on after 100 %."""
    pause: PauseStep | None = None
    """Wait; `pause: {}` waits for a person."""

    @model_validator(mode="after")
    def _one_verb(self) -> Self:
        verbs = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(verbs) != 1:
            known = ", ".join(to_camel(name) for name in type(self).model_fields)
            raise ValueError(f"a step has exactly one of {known}; this one has {len(verbs)}")
        return self


class StrategySpec(SpecPart):
    """The steps from 0 to 100 % of the traffic."""

    steps: tuple[StrategyStep, ...] = Field(min_length=1, max_length=50)
    """In this order, for each service."""

    @property
    def templates(self) -> tuple[str, ...]:
        """The analysis templates that its steps name, in the order of the steps."""
        watched = (step.analysis or step.bake for step in self.steps)
        return tuple(
            ref.template_name for each in watched if each is not None for ref in each.templates
        )

    @model_validator(mode="after")
    def _ends_whole(self) -> Self:
        weights = [step.set_weight for step in self.steps if step.set_weight is not None]
        after = [step for step in self.steps if step.bake is not None]
        last = self.steps[len(self.steps) - len(after) - 1]
        if last.set_weight != 100 or weights.count(100) != 1:
            raise ValueError(
                "setWeight: 100 must be the last step but for a bake, once: a release ends on one "
                "version, and beyond it there is no baseline to compare with"
            )
        if weights != sorted(weights):
            raise ValueError(f"weights only grow; these are {weights}")
        return self


class Strategy(Document):
    kind: Literal["Strategy"]
    spec: StrategySpec
