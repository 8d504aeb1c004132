"""The plan of a release: ordered stages, the promotions in each, the steps of each."""

from datetime import timedelta
from typing import Literal

from workflows.domain.canary.verdict import MetricRule
from workflows.domain.durations import write_duration
from workflows.domain.values import (
    Artifact,
    Percent,
    Provider,
    Target,
    Value,
    digest_of,
)

VerdictAction = Literal["rollback", "hold"]


class RoleNeed(Value):
    """So many different people of one role."""

    role: str
    count: int


class GateRule(Value):
    """Who must approve an environment, and how long they have; *people* maps names to roles."""

    environment: str
    needs: tuple[RoleNeed, ...]
    people: dict[str, tuple[str, ...]]
    open_for: timedelta


class HeaderRoute(Value):
    """Requests whose *header* is exactly *value* go to the canary."""

    header: str
    value: str

    def __str__(self) -> str:
        return f"{self.header}: {self.value}"


class Analysis(Value):
    """How a step is judged: its metrics, its times, and what an unfinished verdict leads to."""

    metrics: tuple[MetricRule, ...]
    duration: timedelta
    interval: timedelta
    at_least: timedelta
    inconclusive: VerdictAction
    no_data: VerdictAction
    provider_error: VerdictAction
    hold_for: timedelta


class LadderStep(Value):
    """One step of the ladder; exactly one field is set, except that a pause may be endless."""

    header_route: HeaderRoute | None = None
    weight: Percent | None = None
    analysis: Analysis | None = None
    pause: timedelta | None = None
    until_promoted: bool = False

    def __str__(self) -> str:
        if self.header_route is not None:
            return f"route {self.header_route}"
        if self.weight is not None:
            return f"{self.weight}%"
        if self.analysis is not None:
            return f"watch for {write_duration(self.analysis.duration)}"
        if self.pause is None:
            return "pause until promoted"
        return f"pause {write_duration(self.pause)}"


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


class Promotion(Value):
    """One build into one environment, step by step."""

    target: Target
    artifact: Artifact
    source: Provider
    systems: Systems
    steps: tuple[LadderStep, ...]
    data_checks: tuple[DataRule, ...] = ()

    def __str__(self) -> str:
        return f"{self.artifact.version} to {self.target}"


class Stage(Value):
    """One environment: its gate, then its promotions in the order of their dependencies."""

    environment: str
    gate: GateRule | None
    promotions: tuple[Promotion, ...]


class Plan(Value):
    """All that a release will do, decided before anything is touched."""

    name: str
    summary: str
    ticket: str | None
    stages: tuple[Stage, ...]

    @property
    def digest(self) -> str:
        """What approvers approve: any change of artifact, order, step or rule changes it."""
        return digest_of(self.model_dump_json())

    @property
    def promotions(self) -> tuple[Promotion, ...]:
        return tuple(promotion for stage in self.stages for promotion in stage.promotions)
