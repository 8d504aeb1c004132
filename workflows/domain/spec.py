"""What people write in YAML: releases, and the catalog that says how and where they may go."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from workflows.domain.durations import Duration
from workflows.domain.values import Digest, Name, Names, Percent, Provider, SpecPart

API_VERSION = "lockgate.dev/v1alpha1"


class Metadata(SpecPart):
    name: Name
    """What other documents call it: 1 to 63 of a-z, 0-9, `-` and `.`."""


class ChangeSpec(SpecPart):
    """Why the release is made; shown to approvers, kept in the audit record."""

    summary: str = Field(min_length=1, max_length=200)
    """One sentence for those who approve."""
    ticket: str | None = Field(default=None, max_length=64)
    """The change ticket, as your tracker names it."""


class ArtifactSpec(SpecPart):
    """The immutable build, by content address. A tag is refused: it can move."""

    digest: Digest
    """`sha256:` and 64 hexadecimal digits: the bytes themselves, not a name for them."""


class ServiceRelease(SpecPart):
    """One service of the release: which build of it, and what must be promoted before it."""

    name: Name
    """A `Service` of the catalog."""
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$")
    """What people call the build; text, so quote what looks like a number."""
    artifact: ArtifactSpec
    """The build."""
    depends_on: Names = ()
    """Services of this release that are promoted first, and go back last."""


class ReleaseEnvironment(SpecPart):
    """An environment the release passes through; `strategyRef` overrides the environment's own."""

    name: Name
    """An `Environment` of the catalog."""
    strategy_ref: Name | None = None
    """A `Strategy` of the catalog, instead of the environment's own."""


class ReleaseSpec(SpecPart):
    """Why, what and where."""

    change: ChangeSpec
    """Why."""
    services: tuple[ServiceRelease, ...] = Field(min_length=1, max_length=50)
    """What; they go in the order of `dependsOn`, else as written."""
    environments: tuple[ReleaseEnvironment, ...] = Field(min_length=1, max_length=10)
    """Where, one after the other, as written."""


class DataCheck(SpecPart):
    """A query that must return exactly one row with one number, equal to `expect`."""

    name: Name
    """What reports and the audit record call it."""
    query: str = Field(min_length=1, max_length=4000)
    """One SELECT; it runs read-only, with credentials leased for this look."""
    expect: int = 0
    """The one number that the query must return."""


class ServiceSpec(SpecPart):
    """A service of the catalog: who owns it, where its builds come from, what must hold."""

    owner: Name
    """The team that answers for it."""
    builds: Provider
    """The store in which its builds are found."""
    data_checks: tuple[DataCheck, ...] = Field(default=(), max_length=20)
    """Run after each promotion into an environment that has a database."""


class EnvironmentSpec(SpecPart):
    """An environment of the catalog: the systems it is made of and the rules that guard it."""

    artifacts: Provider
    """The store that builds are copied to, and run from."""
    platform: Provider
    """What runs the versions."""
    router: Provider
    """What splits the traffic between them."""
    metrics: Provider
    """What tells how each of them does."""
    database: Provider | None = None
    """What data checks look into; without one they are not run here."""
    strategy_ref: Name
    """The `Strategy` of releases that name none."""
    policy_ref: Name | None = None
    """The `Policy` that guards it; without one nobody has to approve."""


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


Action = Literal["rollback", "hold"]


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


class ApproverRule(SpecPart):
    """So many people of one role."""

    role: Name
    """A role, as the catalog's `Person` documents name it."""
    count: int = Field(default=1, ge=1, le=10)
    """So many different people of it."""


class ApprovalsSpec(SpecPart):
    """Who must approve before an environment is touched; the requester's own vote never counts."""

    require: tuple[ApproverRule, ...] = Field(min_length=1, max_length=10)
    """All of these; one person counts for one of them."""
    expire_after: Duration = timedelta(hours=24)
    """How long the gate stays open; then the release is denied."""


class PolicySpec(SpecPart):
    """The rules that guard an environment, written by those who answer for it."""

    approvals: ApprovalsSpec
    """Who must agree."""


class PersonSpec(SpecPart):
    """A human of the catalog and the roles they hold."""

    roles: Names = Field(min_length=1)
    """What they may approve as."""


class Document(SpecPart):
    """What every document begins with."""

    api_version: Literal["lockgate.dev/v1alpha1"]
    """Always `lockgate.dev/v1alpha1`."""
    metadata: Metadata
    """The document's name."""


class Release(Document):
    """What is released: the builds, their order, and the environments they pass through."""

    kind: Literal["Release"]
    spec: ReleaseSpec


class Service(Document):
    kind: Literal["Service"]
    spec: ServiceSpec


class Environment(Document):
    kind: Literal["Environment"]
    spec: EnvironmentSpec


class Strategy(Document):
    kind: Literal["Strategy"]
    spec: StrategySpec


class AnalysisTemplate(Document):
    kind: Literal["AnalysisTemplate"]
    spec: AnalysisTemplateSpec


class Policy(Document):
    kind: Literal["Policy"]
    spec: PolicySpec


class Person(Document):
    kind: Literal["Person"]
    spec: PersonSpec


CatalogDocument = Service | Environment | Strategy | AnalysisTemplate | Policy | Person
KINDS: dict[str, type[Release] | type[CatalogDocument]] = {
    kind.__name__: kind
    for kind in (Release, Service, Environment, Strategy, AnalysisTemplate, Policy, Person)
}


class Catalog(SpecPart):
    """The documents beside a release file, by kind and name."""

    services: dict[Name, ServiceSpec] = {}
    environments: dict[Name, EnvironmentSpec] = {}
    strategies: dict[Name, StrategySpec] = {}
    analysis_templates: dict[Name, AnalysisTemplateSpec] = {}
    policies: dict[Name, PolicySpec] = {}
    people: dict[Name, PersonSpec] = {}
