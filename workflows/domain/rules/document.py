"""The input of rules: everything that is known of a release, as one document."""

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, JsonValue
from pydantic.alias_generators import to_camel

from workflows.domain.admission.change import ClassRuling
from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.criteria import CriterionResult
from workflows.domain.readiness.runbooks import RunbookRuling
from workflows.domain.release.plan import GateRule, Plan, Promotion, Stage
from workflows.domain.risk.score import RiskScore
from workflows.domain.spec import Catalog, Release
from workflows.domain.values import View


class PlannedNeed(View):
    role: str
    """Who holds it may give the approval."""
    count: int
    """So many different people of it."""


class PlannedGate(View):
    needs: tuple[PlannedNeed, ...]
    """Who must approve, before any rule asks for more."""
    open_for_seconds: float
    """How long they have."""


class PlannedPromotion(View):
    service: str
    """The service that is promoted."""
    version: str
    """What people call the build."""
    digest: str
    """The build itself, by its content address."""
    platform: str
    """What runs it, as `type/connection`."""
    router: str
    """What splits its traffic, as `type/connection`."""
    weights: tuple[int, ...]
    """The shares of traffic that it takes, step by step, in percent."""
    metrics: tuple[str, ...]
    """What its analyses compare, each once."""
    watched_seconds: float
    """How long it is watched at least by steps with a given duration."""
    waits_for_people: bool
    """Whether a step waits until somebody promotes."""


class PlannedStage(View):
    environment: str
    """Where."""
    gate: PlannedGate | None
    """Who must approve it; null where nobody has to."""
    promotions: tuple[PlannedPromotion, ...]
    """What, dependencies first."""
    created_from: str | None = None
    """The `EnvironmentTemplate` it is created from for this release; null where it stands."""


class PlanView(View):
    digest: str
    """The content address of the compiled plan."""
    stages: tuple[PlannedStage, ...]
    """The environments, one after the other."""


class PolicyInput(View):
    """What rules see as `input`. What nobody assessed is null, never left out."""

    environment: str
    """The environment that is ruled on; rules are asked once for each that their policy guards."""
    at: AwareDatetime
    """When the facts were read: the only clock there is."""
    requested_by: str
    """Who asks for the release."""
    release: Release
    """The release document, with its defaults filled in."""
    plan: PlanView
    """What would be done."""
    catalog: Catalog
    """The documents that the release needs, without the texts of files."""
    facts: Facts
    """What was read from the world."""
    change_class: ClassRuling
    """Standard, normal or emergency, and why."""
    risk: RiskScore
    """How much it risks, point by point."""
    criteria: tuple[CriterionResult, ...] = ()
    """Of each criterion that a policy sets: whether the evidence meets it, and why."""
    runbooks: tuple[RunbookRuling, ...] = ()
    """Of each environment whose approval waits for the runbook's review."""


def plan_view(plan: Plan) -> PlanView:
    """The plan as rules see it: what it does, without the ways in which it is done."""
    return PlanView(digest=plan.digest, stages=tuple(_stage(stage) for stage in plan.stages))


def _stage(stage: Stage) -> PlannedStage:
    return PlannedStage(
        environment=stage.environment,
        gate=None if stage.gate is None else _gate(stage.gate),
        promotions=tuple(_promotion(promotion) for promotion in stage.promotions),
        created_from=stage.created_from.blueprint.template if stage.created_from else None,
    )


def _gate(gate: GateRule) -> PlannedGate:
    needs = tuple(PlannedNeed(role=need.role, count=need.count) for need in gate.needs)
    return PlannedGate(needs=needs, open_for_seconds=gate.open_for.total_seconds())


def _promotion(promotion: Promotion) -> PlannedPromotion:
    watched = [step.watched for step in promotion.steps if step.watched is not None]
    judges = (step.analysis.judge for step in promotion.steps if step.analysis is not None)
    return PlannedPromotion(
        service=promotion.target.service,
        version=promotion.artifact.version,
        digest=promotion.artifact.digest,
        platform=str(promotion.systems.platform),
        router=str(promotion.systems.router),
        weights=tuple(step.weight for step in promotion.steps if step.weight is not None),
        metrics=tuple(dict.fromkeys(m.name for judge in judges for m in judge.metrics)),
        watched_seconds=sum(w.duration.total_seconds() for w in watched if w.duration),
        waits_for_people=any(step.until_promoted for step in promotion.steps),
    )


def as_document(value: BaseModel) -> JsonValue:
    """*value* as JSON, with every field in camelCase as in files, whatever kind of model it is of.

    Names that are content, such as those of services, stay as they are.
    """
    return _renamed(value, value.model_dump(mode="json", by_alias=True))


def _renamed(value: object, dumped: Any) -> JsonValue:
    if isinstance(value, BaseModel) and isinstance(dumped, dict):
        fields = type(value).model_fields
        keys = {name: fields[name].serialization_alias or name for name in fields}
        return {
            to_camel(key): _renamed(getattr(value, name), dumped[key])
            for name, key in keys.items()
            if key in dumped
        }
    if isinstance(value, Mapping) and isinstance(dumped, dict):
        return {key: _renamed(value.get(key), found) for key, found in dumped.items()}
    if isinstance(value, tuple | list) and isinstance(dumped, list):
        return [_renamed(one, found) for one, found in zip(value, dumped, strict=True)]
    found: JsonValue = dumped
    return found
