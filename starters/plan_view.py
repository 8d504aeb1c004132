"""A plan as people and programs read it before the start: everything decided, nothing hidden."""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import JsonValue

from workflows.domain.canary.config import MetricConfig
from workflows.domain.durations import write_duration
from workflows.domain.names import release_id
from workflows.domain.order import ReleaseOrder
from workflows.domain.plan import Analysis, Bake, GateRule, LadderStep, Plan, Promotion, Stage
from workflows.domain.values import short


def plan_as_json(order: ReleaseOrder, plan: Plan, *, start: str) -> dict[str, JsonValue]:
    """The plan of *order*; *start* is the command that would start it. Durations are text."""
    most = longest(plan)
    return {
        "name": plan.name,
        "summary": plan.summary,
        "ticket": plan.ticket,
        "requestedBy": order.requested_by,
        "workflowId": release_id(order.name, order.manifest_digest),
        "manifestDigest": order.manifest_digest,
        "catalogDigest": order.catalog_digest,
        "decisionDigest": plan.digest,
        "stages": [_stage(stage, order.requested_by) for stage in plan.stages],
        "takesAtLeast": write_duration(shortest(plan)),
        "takesAtMost": None if most is None else write_duration(most),
        "start": start,
    }


def shortest(plan: Plan) -> timedelta:
    """How long the steps of *plan* take if every look passes and every gate opens at once.

    Copying, installing and starting come on top: how long they take is not decided, but found out.
    """
    steps = (step for promotion in plan.promotions for step in promotion.steps)
    return sum((_least(step) for step in steps), timedelta(0))


def longest(plan: Plan) -> timedelta | None:
    """How long gates and steps may take at most; None if one waits until somebody promotes."""
    steps = [step for promotion in plan.promotions for step in promotion.steps]
    if any(step.until_promoted for step in steps):
        return None
    gates = (stage.gate.open_for for stage in plan.stages if stage.gate is not None)
    return sum((_most(step) for step in steps), sum(gates, timedelta(0)))


def plan_as_text(order: ReleaseOrder, plan: Plan, *, start: str) -> str:
    """The same for reading: plain text, one fact a line."""
    ticket = f", {plan.ticket}" if plan.ticket else ""
    lines = [
        f"{plan.name}: {plan.summary}{ticket}",
        f"  asked for by  {order.requested_by}",
        f"  workflow id   {release_id(order.name, order.manifest_digest)}",
        f"  manifest      {order.manifest_digest}",
        f"  catalog       {order.catalog_digest}",
        f"  decision      {plan.digest}   (what approvals are bound to)",
    ]
    for position, stage in enumerate(plan.stages, start=1):
        lines += ["", f"{position}. {stage.environment}", *_stage_lines(stage, order.requested_by)]
    most = longest(plan)
    end = "without an end"
    if most is not None:
        end = f"at most {write_duration(most)} with gates and holds"
    lines += [
        "",
        f"takes at least {write_duration(shortest(plan))}, {end}; installing comes on top",
        f"start it with: {start}",
    ]
    return "\n".join(lines)


def _least(step: LadderStep) -> timedelta:
    if step.analysis is not None:
        return step.analysis.at_least
    return step.bake.duration if step.bake is not None else step.pause or timedelta(0)


def _most(step: LadderStep) -> timedelta:
    watched = step.watched
    if watched is None:
        return step.pause or timedelta(0)
    lasts = watched.duration or timedelta(0)
    if isinstance(watched, Analysis) and "extend" in _actions(watched):
        lasts = max(lasts, watched.at_most or timedelta(0))
    elif isinstance(watched, Analysis) and watched.duration is None:
        lasts = watched.at_most or timedelta(0)
    holds = _actions(watched) & {"hold", "extend"}
    return lasts + (watched.hold_for if holds else timedelta(0))


def _actions(watched: Analysis | Bake) -> set[str]:
    return {watched.inconclusive, watched.no_data, watched.provider_error}


def _stage(stage: Stage, requested_by: str) -> dict[str, JsonValue]:
    return {
        "environment": stage.environment,
        "gate": None if stage.gate is None else _gate(stage.gate, requested_by),
        "promotions": [_promotion(promotion) for promotion in stage.promotions],
    }


def _gate(gate: GateRule, requested_by: str) -> dict[str, JsonValue]:
    return {
        "needs": [
            {
                "role": need.role,
                "count": need.count,
                "people": [*_voters(gate, need.role, requested_by)],
            }
            for need in gate.needs
        ],
        "cannotApprove": requested_by,
        "openFor": write_duration(gate.open_for),
    }


def _voters(gate: GateRule, role: str, requested_by: str) -> list[str]:
    return [name for name, roles in gate.people.items() if role in roles and name != requested_by]


def _promotion(promotion: Promotion) -> dict[str, JsonValue]:
    systems = promotion.systems
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
        "steps": [step_text(step) for step in promotion.steps],
        "dataChecks": [
            {"name": rule.name, "query": rule.query, "expect": rule.expect}
            for rule in promotion.data_checks
        ],
    }


def _stage_lines(stage: Stage, requested_by: str) -> Iterator[str]:
    if stage.gate is None:
        yield "   gate      none: nobody has to approve"
    else:
        yield from _gate_lines(stage.gate, requested_by)
    for promotion in stage.promotions:
        systems = promotion.systems
        build = promotion.artifact
        copied = f"copied from {promotion.source} to {systems.artifacts}"
        yield f"   {build.service:<9} {build.version}  {short(build.digest)}  {copied}"
        if promotion.data_checks:
            checks = ", ".join(f"{rule.name} = {rule.expect}" for rule in promotion.data_checks)
            yield f"   {'':<9} then in {systems.database}: {checks}"
    (first, *_) = stage.promotions  # an environment has one strategy and one set of systems
    systems = first.systems
    yield f"   runs on   {systems.platform}, behind {systems.router}, seen by {systems.metrics}"
    for position, step in enumerate(first.steps, start=1):
        yield f"   {'steps' if position == 1 else '':<9} {position:>2}. {step_text(step)}"


def _gate_lines(gate: GateRule, requested_by: str) -> Iterator[str]:
    for position, need in enumerate(gate.needs):
        people = ", ".join(_voters(gate, need.role, requested_by))
        yield f"   {'' if position else 'gate':<9} {need.role} x {need.count}: {people}"
    yield f"   {'':<9} within {write_duration(gate.open_for)}, else denied"
    yield f"   {'':<9} {requested_by} asks for it and cannot approve it"


def step_text(step: LadderStep) -> str:
    """What *step* does, for instance `25 % of the traffic`."""
    if step.header_route is not None:
        return f"requests with {step.header_route} go to the canary"
    if step.weight is not None:
        return f"{step.weight} % of the traffic"
    if step.analysis is not None:
        return _analysis_text(step.analysis)
    if step.bake is not None:
        return f"{step.bake}, a look each {write_duration(step.bake.interval)}"
    return str(step)


def _analysis_text(analysis: Analysis) -> str:
    looks = f"a look each {write_duration(analysis.interval)}"
    metrics = ", ".join(_metric_text(metric) for metric in analysis.judge.metrics)
    limits = "".join(f"; {rule}" for rule in analysis.thresholds)
    return f"{_span_text(analysis)}, {looks}: {metrics}{limits}"


def _span_text(analysis: Analysis) -> str:
    if analysis.duration is None:
        most = write_duration(analysis.at_most or timedelta(0))
        return f"watch as long as the traffic needs, at most {most}"
    least, most = write_duration(analysis.at_least), write_duration(analysis.duration)
    return f"watch {most if least == most else f'{least} to {most}'}"


def _metric_text(metric: MetricConfig) -> str:
    worse = {"increase": "more", "decrease": "less", "both": "other"}[metric.direction]
    quantile = f" p{100 * metric.quantile:g}" if metric.type == "histogram" else ""
    return f"{metric.name}{quantile} not {100 * metric.tolerance:g} % {worse}"
