"""A plan for programs, before the start: everything decided, and what the traffic can tell."""

from pydantic import JsonValue

from starters.planning.measuring import Measured
from starters.planning.plan_ruling import rollback_text, ruling_as_json
from starters.planning.plan_steps import step_as_json
from starters.planning.preview import Preview, alert_text, criticality, expected_alerts, voters
from workflows.domain.durations import write_duration
from workflows.domain.environments.order import EnvironmentPlan
from workflows.domain.names import release_id
from workflows.domain.release.plan import GateRule, Promotion, Stage


def plan_as_json(preview: Preview) -> dict[str, JsonValue]:
    """The plan for programs; durations are text, and seconds where they were computed."""
    order, plan, most = preview.order, preview.plan, preview.longest
    return {
        "name": plan.name,
        "summary": plan.summary,
        "ticket": plan.ticket,
        "requestedBy": order.requested_by,
        "workflowId": release_id(order.name, order.manifest_digest),
        "manifestDigest": order.manifest_digest,
        "catalogDigest": order.catalog_digest,
        "decisionDigest": None if preview.unread else preview.admission.decision_digest,
        "harmBudget": None if plan.budget is None else plan.budget.model_dump(mode="json"),
        "stages": [_stage(stage, preview) for stage in plan.stages],
        "takesAtLeast": write_duration(preview.shortest),
        "takesAtMost": None if most is None else write_duration(most),
        "rollback": rollback_text(order),
        "notAssessed": preview.unread or None,
        "denials": [*preview.admission.denials],
        "ruling": ruling_as_json(preview.admission),
        "start": preview.start,
    }


def _stage(stage: Stage, preview: Preview) -> dict[str, JsonValue]:
    requested_by = preview.order.requested_by
    return {
        "environment": stage.environment,
        "createdFrom": None if stage.created_from is None else _made(stage.created_from),
        "gate": None if stage.gate is None else _gate(stage.gate, requested_by),
        "promotions": [_promotion(promotion, preview) for promotion in stage.promotions],
    }


def _made(plan: EnvironmentPlan) -> dict[str, JsonValue]:
    blueprint = plan.blueprint
    return {
        "template": blueprint.template,
        "digest": blueprint.digest,
        "planDigest": plan.digest,
        "parameters": dict(blueprint.parameters),
        "at": str(plan.provider),
        "team": plan.team,
        "ttl": write_duration(plan.lease.ttl),
    }


def _gate(gate: GateRule, requested_by: str) -> dict[str, JsonValue]:
    return {
        "needs": [
            {
                "role": need.role,
                "count": need.count,
                "people": [*voters(gate, need.role, requested_by)],
            }
            for need in gate.needs
        ],
        "cannotApprove": requested_by,
        "barred": dict(gate.barred),
        "identity": str(gate.identity),
        "openFor": write_duration(gate.open_for),
    }


def _promotion(promotion: Promotion, preview: Preview) -> dict[str, JsonValue]:
    systems, health = promotion.systems, promotion.health
    return {
        "service": promotion.target.service,
        "version": promotion.artifact.version,
        "digest": promotion.artifact.digest,
        "from": str(promotion.source),
        "to": str(systems.artifacts),
        "platform": str(systems.platform),
        "router": str(systems.router),
        "metrics": str(systems.metrics),
        "database": None if systems.database is None else str(systems.database),
        "traffic": _traffic(preview.traffic_of(promotion)),
        "criticality": criticality(promotion),
        "health": None
        if health is None
        else {"every": write_duration(health.every), "failures": health.failures},
        "affinity": None if promotion.affinity is None else str(promotion.affinity),
        "expectedAlerts": [alert_text(rule) for rule in expected_alerts(promotion)],
        "steps": [step_as_json(step) for step in preview.steps_of(promotion)],
        "dataChecks": [
            {"name": rule.name, "query": rule.query, "expect": rule.expect}
            for rule in promotion.data_checks
        ],
    }


def _traffic(measured: Measured) -> dict[str, JsonValue]:
    traffic = measured.traffic
    return {
        "known": traffic is not None,
        "requestsPerSecond": None if traffic is None else traffic.rps,
        "failedShare": None if traffic is None else traffic.ratio("errors", "requests"),
        "servesNothing": measured.first,
        "reason": measured.why_not,
    }
