"""The plan of a release: ordered stages, the promotions in each, the steps of each."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.harm import HarmBudget
from workflows.domain.canary.measures import Measure
from workflows.domain.canary.thresholds import ThresholdRule
from workflows.domain.durations import write_duration
from workflows.domain.environments.order import EnvironmentPlan
from workflows.domain.gates.escalation import EscalationRule
from workflows.domain.gates.gates import GateTerms, WaiverGuard
from workflows.domain.journeys.plan import Synthetic
from workflows.domain.people.identity import Assurance
from workflows.domain.release.flags import FlagChange
from workflows.domain.spec.readiness import Aspect
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.values import (
    Artifact,
    Digest,
    Percent,
    Provider,
    Target,
    Value,
    digest_of,
)
from workflows.domain.watching.silences import Masking

VerdictAction = Literal["rollback", "hold", "extend"]


class RoleNeed(Value):
    """So many different people of one role."""

    role: str
    count: int


class GateRule(Value):
    """Who must approve an environment, and how long they have; *people* maps names to roles.

    `accounts` are those by which an identity token is traced to one of *people*; `barred` are
    those who hold a duty that approvers check, each with what they did.
    *rows* are those of the decision matrix that ask for it, such as `prod#4`.
    """

    environment: str
    needs: tuple[RoleNeed, ...]
    people: dict[str, tuple[str, ...]]
    open_for: timedelta
    identity: Assurance = Assurance.ASSERTED
    accounts: dict[str, str] = {}
    barred: dict[str, str] = {}
    delegated: dict[str, tuple[str, ...]] = {}
    """Roles that people have from somebody who handed theirs over."""
    rows: tuple[str, ...] = ()


class HeaderRoute(Value):
    """Requests whose *header* is exactly *value* go to the canary."""

    header: str
    value: str

    def __str__(self) -> str:
        return f"{self.header}: {self.value}"


class Analysis(Value):
    """How a step is judged: its metrics, its times, and what an unfinished verdict leads to.

    Without `duration` it is computed from the traffic when the step begins, and `at_most` of the
    criticality's own bounds it. `judge.horizon` is filled in from either.
    """

    judge: JudgeConfig
    measures: tuple[Measure, ...]
    thresholds: tuple[ThresholdRule, ...] = ()
    duration: timedelta | None = None
    at_most: timedelta | None = None
    inconclusive: VerdictAction
    no_data: VerdictAction
    provider_error: VerdictAction
    hold_for: timedelta

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.judge.interval)

    @property
    def at_least(self) -> timedelta:
        """How soon a passing look may end the step."""
        if not self.judge.early_promotion:
            return self.duration or timedelta(0)
        return timedelta(seconds=self.judge.bake_seconds)

    def __str__(self) -> str:
        if self.duration is None:
            return "watch for as long as the traffic needs"
        return f"watch for {write_duration(self.duration)}"


class Bake(Value):
    """The watch after 100 %: nothing is beside the new version, so thresholds alone are kept."""

    duration: timedelta
    interval: timedelta
    measures: tuple[Measure, ...]
    thresholds: tuple[ThresholdRule, ...]
    inconclusive: VerdictAction
    no_data: VerdictAction
    provider_error: VerdictAction
    hold_for: timedelta

    def __str__(self) -> str:
        return f"bake for {write_duration(self.duration)}"


class HealthWatch(Value):
    """So many failed health checks in a row, one each *every*, fail the new version."""

    every: timedelta
    failures: int


class LadderStep(Value):
    """One step of the ladder; exactly one field is set, except that a pause may be endless."""

    header_route: HeaderRoute | None = None
    weight: Percent | None = None
    analysis: Analysis | None = None
    bake: Bake | None = None
    flag: FlagChange | None = None
    synthetic: Synthetic | None = None
    mirror: Percent | None = None
    pause: timedelta | None = None
    until_promoted: bool = False

    def __str__(self) -> str:
        if self.pause is not None or self.until_promoted:
            return "pause" + (
                f" {write_duration(self.pause)}" if self.pause else " until promoted"
            )
        told = {
            "route": self.header_route,
            "copies of": None if self.mirror is None else f"{self.mirror}%",
            "set flag": self.flag,
        }
        for verb, what in told.items():
            if what is not None:
                return f"{verb} {what}"
        return (
            f"{self.weight}%" if self.weight is not None else str(self.watched or self.synthetic)
        )

    @property
    def watched(self) -> Analysis | Bake | None:
        """What watches the canary in this step, if anything does."""
        return self.analysis or self.bake


class DataRule(Value):
    """A query that must return the one number *expect*."""

    name: str
    query: str
    expect: int


class Systems(Value):
    """The outside systems of one environment."""

    artifacts: Provider
    platform: Provider
    router: Provider
    metrics: Provider
    database: Provider | None = None
    flags: Provider | None = None
    journeys: Provider | None = None


class Promotion(Value):
    """One build into one environment, step by step."""

    target: Target
    artifact: Artifact
    source: Provider
    systems: Systems
    steps: tuple[LadderStep, ...]
    data_checks: tuple[DataRule, ...] = ()
    health: HealthWatch | None = None
    guard: Bake | None = None
    """What is kept while the ladder waits at a weight: the service's own thresholds."""
    affinity: Affinity | None = None
    masking: Masking | None = None

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Everything that any step measures, each once."""
        watched = (step.watched for step in self.steps)
        found = (m for each in watched if each is not None for m in each.measures)
        return tuple({measure.name: measure for measure in found}.values())

    @property
    def flags(self) -> tuple[str, ...]:
        """The keys of the flags that any step moves, each once, in the order of the steps."""
        return tuple(dict.fromkeys(step.flag.key for step in self.steps if step.flag is not None))

    def __str__(self) -> str:
        return f"{self.artifact.version} to {self.target}"


class ReadinessRule(Value):
    """Who must say go before a release enters an environment, and what reopens the question.

    *people* maps the names of those who may speak to the roles that they speak for; `accounts`
    are those by which an identity token is traced to one of them. `asked_by` are the humans who
    asked for the release, as far as they are known: they fill no role.
    """

    environment: str
    roles: tuple[str, ...]
    people: dict[str, tuple[str, ...]]
    before: timedelta
    escalation: EscalationRule
    reopen_on: tuple[Aspect, ...]
    identity: Assurance = Assurance.ASSERTED
    accounts: dict[str, str] = {}
    asked_by: tuple[str, ...] = ()


class PlannedRunbook(Value):
    """The runbook that people go by, and the content address that it is."""

    name: str
    digest: Digest


class Stage(Value):
    """One environment: its gate, then its promotions in the order of their dependencies."""

    environment: str
    gate: GateRule | None
    promotions: tuple[Promotion, ...]
    terms: tuple[GateTerms, ...] = ()
    """Of the gates that its policy names, those of approval included."""
    patience: timedelta | None = None
    """How long any other gate may stay closed; None where no policy guards the stage."""
    waiving: WaiverGuard = WaiverGuard()
    """How those must be known who waive one of its gates."""
    readiness: ReadinessRule | None = None
    created_from: EnvironmentPlan | None = Field(default=None, exclude_if=lambda it: it is None)
    """How the environment is created when its gates are open; None where it stands by itself.

    Left out where it is None: reviews that are under way know their plan by its digest.
    """


class Plan(Value):
    """All that a release will do, decided before anything is touched."""

    name: str
    summary: str
    ticket: str | None
    stages: tuple[Stage, ...]
    budget: HarmBudget | None = None
    runbook: PlannedRunbook | None = None

    @property
    def digest(self) -> str:
        """What approvers approve: any change of artifact, order, step or rule changes it."""
        return digest_of(self.model_dump_json())

    @property
    def promotions(self) -> tuple[Promotion, ...]:
        return tuple(promotion for stage in self.stages for promotion in stage.promotions)

    @property
    def standing(self) -> tuple[Promotion, ...]:
        """Those into environments that are there before the release is, and serve something."""
        stages = (stage for stage in self.stages if stage.created_from is None)
        return tuple(promotion for stage in stages for promotion in stage.promotions)
