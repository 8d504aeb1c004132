"""The dossier that an admission makes: what those who say go or no-go have to know."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import JsonValue

from workflows.domain.admission.admission import Admission
from workflows.domain.canonical import content_digest
from workflows.domain.readiness.dossier import Dossier, Section, section
from workflows.domain.readiness.readiness import ReadinessSubject
from workflows.domain.release.plan import Plan, Stage
from workflows.domain.release.status import RollbackView
from workflows.domain.spec.gates import RUNBOOK
from workflows.domain.spec.readiness import Aspect
from workflows.domain.values import Value, short

_UNASSESSED = "nothing was read of the change: its class and risk are unknown"


def subject_of(
    admission: Admission,
    environment: str,
    *,
    release: str,
    before: ReadinessSubject | None = None,
) -> ReadinessSubject:
    """What a review of *environment* is about, by this *admission* of *release*.

    *before* is what it was about by the ruling before this one: a slot that has come as it was
    told is no change.
    """
    plan = admission.plan
    stage = next(stage for stage in plan.stages if stage.environment == environment)
    calendar, due_at = _calendar(admission, environment, before)
    sections = (
        section(Aspect.MANIFEST, tuple(_manifest(plan, stage)), content=plan.digest),
        _risk(admission),
        _evidence(admission, environment),
        _runbook(admission, environment),
        _rules(admission, environment),
        calendar,
    )
    return ReadinessSubject(
        dossier=Dossier(
            release=release,
            name=plan.name,
            environment=environment,
            decision_digest=admission.decision_digest,
            sections=sections,
        ),
        due_at=due_at,
    )


def _manifest(plan: Plan, stage: Stage) -> Iterator[str]:
    yield f"{plan.summary} ({plan.ticket})" if plan.ticket else plan.summary
    for promotion in stage.promotions:
        steps = ", ".join(str(step) for step in promotion.steps) or "all traffic at once"
        build = f"{promotion.artifact.version} ({short(promotion.artifact.digest)})"
        yield f"{promotion.target}: {build}: {steps}"
    if (made := stage.created_from) is not None:
        template = f"{made.blueprint.template} ({short(made.blueprint.digest)})"
        yield f"{stage.environment} is created from {template} and torn down at the end"
    if stage.gate is not None:
        needs = ", ".join(f"{need.count} of {need.role}" for need in stage.gate.needs)
        yield f"approval needs {needs or 'nobody'}"


def _risk(admission: Admission) -> Section:
    """Told with the hour's own points; they come and go, and change nothing that was decided."""
    told: list[str] = []
    content: list[JsonValue] = []
    if (ruled := admission.change_class) is not None:
        told.append(f"class {ruled}")
        content.append(ruled.material.model_dump(mode="json"))
    if (risk := admission.risk) is not None:
        told += [f"risk {risk}", *(f"{point}" for point in risk.points if point.points)]
        content.append(risk.material.model_dump(mode="json"))
    return section(Aspect.RISK, told or [_UNASSESSED], content=content_digest(content))


def _evidence(admission: Admission, environment: str) -> Section:
    """Every gate that goes by the ruling; what it went by is named by its content address."""
    gates = [g for g in admission.gates if g.environment == environment and g.gate != RUNBOOK]
    told = [
        f"{gate.gate}: {'met' if gate.met else f'not met: {gate.reason}'}"
        + (f" ({', '.join(short(one) for one in gate.evidence)})" if gate.evidence else "")
        for gate in gates
    ]
    content: JsonValue = [[gate.gate, gate.met, *gate.evidence] for gate in gates]
    nothing = ["no criterion is asked for"]
    return section(Aspect.EVIDENCE, told or nothing, content=content_digest(content))


def _runbook(admission: Admission, environment: str) -> Section:
    told = [
        f"{ruling.runbook} ({short(ruling.digest)}), {ruling.title}, by {ruling.author}: "
        f"{ruling.state}, {ruling.why}"
        for ruling in admission.runbooks
        if ruling.environment == environment
    ]
    plan = admission.plan
    if not told and plan.runbook is not None:
        told.append(f"{plan.runbook.name} ({short(plan.runbook.digest)})")
    told.append(f"turning back is safe until {RollbackView().until}")
    if plan.budget is not None and plan.budget.failed_requests is not None:
        told.append(f"it turns back once {plan.budget.failed_requests} requests have failed")
    return section(
        Aspect.RUNBOOK, told or ["no runbook"], content=_digest(plan.runbook, plan.budget)
    )


def _rules(admission: Admission, environment: str) -> Section:
    rows = [row for row in admission.rows if row.case.environment == environment]
    told = [
        f"{row.row} decides: "
        + (", ".join(f"{need.count} of {need.role}" for need in row.needs) or "nobody need agree")
        for row in rows
    ]
    nothing = ["no decision matrix"]
    return section(Aspect.RULES, told or nothing, content=_digest(*rows))


def _calendar(
    admission: Admission, environment: str, before: ReadinessSubject | None
) -> tuple[Section, datetime | None]:
    """When it could start, and what keeps it from starting sooner; None where nothing does."""
    rulings = admission.slot.environments if admission.slot is not None else ()
    ruling = next((one for one in rulings if one.environment == environment), None)
    if ruling is None or ruling.open or ruling.next_open is None:
        due_at = before.due_at if before is not None else None
        told = before.dossier.of(Aspect.CALENDAR) if before is not None else None
        if ruling is not None and ruling.open and due_at and told and due_at <= ruling.at:
            return told, due_at
        barred = [str(one) for one in ruling.closed_by] if ruling is not None else []
        reason = "it could start at once" if not barred else "no slot is known yet"
        return section(Aspect.CALENDAR, [reason, *barred]), None
    at = ruling.next_open
    told_lines = [f"it could start at {at:%Y-%m-%d %H:%MZ}: {ruling.reason}"]
    told_lines += [str(one) for one in ruling.closed_by]
    content: JsonValue = [at.isoformat(), *(str(one) for one in ruling.closed_by)]
    return section(Aspect.CALENDAR, told_lines, content=content_digest(content)), at


def _digest(*parts: Value | None) -> str:
    return content_digest([part.model_dump(mode="json") if part else None for part in parts])
