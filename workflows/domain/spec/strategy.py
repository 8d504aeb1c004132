"""How a version takes over the traffic, step by step."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from workflows.domain.durations import Duration
from workflows.domain.release.flags import SetFlagStep
from workflows.domain.spec.document import Document
from workflows.domain.spec.journey import SyntheticStep
from workflows.domain.traffic.affinity import Affinity
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


_LOOKS = 5000
"""So many looks a stage may take: what each of them asks is not free."""


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
        if isinstance(self.duration, timedelta):
            lasts, called = self.duration, "duration"
            if self.max_duration is not None and self.max_duration < lasts:
                raise ValueError("maxDuration must be at least duration")
        elif self.max_duration is not None:
            lasts, called = self.max_duration, "maxDuration"
        else:
            return self
        if self.interval > lasts:
            raise ValueError(f"interval must be at most {called}")
        if self.min_duration is not None and self.min_duration > lasts:
            raise ValueError(f"minDuration must be at most {called}")
        if lasts / self.interval > _LOOKS:
            raise ValueError(f"more than {_LOOKS} looks: make interval longer")
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
        if self.duration / self.interval > _LOOKS:
            raise ValueError(f"more than {_LOOKS} looks: make interval longer")
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
    synthetic: SyntheticStep | None = None
    """Try what customers do, on both versions."""
    set_flag: SetFlagStep | None = None
    """Move a feature flag of the release."""
    mirror: Annotated[int, Field(ge=1, le=100)] | None = None
    """Copy this share of the traffic to the canary, which nobody waits for; ends with a weight."""
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


class AffinitySpec(SpecPart):
    """By what a user is known, so that all of their requests go to one version.

    By `header` or `cookie` of a `name` that the service or its clients set: a growing weight keeps
    whom it has. By `router`: the router's own cookie, which `lasts` so long.
    """

    by: Literal["header", "cookie", "router"]
    """What tells users apart."""
    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """Of the header or the cookie."""
    lasts: Duration | None = None
    """How long the router's cookie lasts."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        self.affinity  # noqa: B018 - its own model says what does not fit
        return self

    @property
    def affinity(self) -> Affinity:
        return Affinity(by=self.by, name=self.name, lasts=self.lasts)


class StrategySpec(SpecPart):
    """The steps from 0 to 100 % of the traffic."""

    affinity: AffinitySpec | None = None
    """Keep each user on one version while weights grow; without it each request is by itself."""
    steps: tuple[StrategyStep, ...] = Field(min_length=1, max_length=50)
    """In this order, for each service."""

    @property
    def templates(self) -> tuple[str, ...]:
        """The analysis templates that its steps name, in the order of the steps."""
        watched = (step.analysis or step.bake for step in self.steps)
        return tuple(
            ref.template_name for each in watched if each is not None for ref in each.templates
        )

    @property
    def journeys(self) -> tuple[str, ...]:
        """The journeys that its steps name, in the order of the steps."""
        return tuple(
            name for step in self.steps if step.synthetic for name in step.synthetic.journeys
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
        mirrored = [at for at, step in enumerate(self.steps) if step.mirror is not None]
        weighted = [at for at, step in enumerate(self.steps) if step.set_weight is not None]
        if mirrored and mirrored[-1] > weighted[0]:
            raise ValueError(
                "mirror comes before the first setWeight: afterwards nobody could tell the "
                "canary's users from the copies"
            )
        if weights != sorted(weights):
            raise ValueError(f"weights only grow; these are {weights}")
        return self


class Strategy(Document):
    kind: Literal["Strategy"]
    spec: StrategySpec
