"""A plan as people read it before the start: everything decided, nothing hidden."""

from collections.abc import Iterator

from starters.planning.plan_ruling import rollback_text, ruling_lines, stage_ruling_lines
from starters.planning.plan_steps import step_text
from starters.planning.preview import Preview, alert_text, criticality, expected_alerts, voters
from workflows.domain.canary.harm import HarmBudget
from workflows.domain.durations import write_duration
from workflows.domain.environments.order import EnvironmentPlan
from workflows.domain.names import release_id
from workflows.domain.people.identity import Assurance
from workflows.domain.release.plan import GateRule, Promotion, Stage
from workflows.domain.values import short


def plan_as_text(preview: Preview) -> str:
    """The same for reading: plain text, one fact a line."""
    order, plan, most = preview.order, preview.plan, preview.longest
    ticket = f", {plan.ticket}" if plan.ticket else ""
    lines = [
        f"{plan.name}: {plan.summary}{ticket}",
        f"  asked for by  {order.requested_by}",
        f"  workflow id   {release_id(order.name, order.manifest_digest)}",
        f"  manifest      {order.manifest_digest}",
        f"  catalog       {order.catalog_digest}",
        f"  decision      {_decision(preview)}",
        *ruling_lines(preview.admission, unread=preview.unread),
        *_budget_lines(plan.budget),
        *_unmeasured(preview),
    ]
    for position, stage in enumerate(plan.stages, start=1):
        lines += ["", f"{position}. {stage.environment}", *_stage_lines(stage, preview)]
    end = "without an end"
    if most is not None:
        end = f"at most {write_duration(most)} with gates and holds"
    lines += [
        "",
        f"takes at least {write_duration(preview.shortest)}, {end}; installing comes on top",
        f"rollback: {rollback_text(order)}",
        _next_line(preview),
    ]
    return "\n".join(lines)


def _decision(preview: Preview) -> str:
    if preview.unread:
        return "not known before the facts are"
    return f"{preview.admission.decision_digest}   (what approvals are bound to)"


def _next_line(preview: Preview) -> str:
    if preview.admission.denials:
        return "denied: it would end at once, without a change"
    return f"start it with: {preview.start}"


def _budget_lines(budget: HarmBudget | None) -> Iterator[str]:
    if budget is None:
        return
    parts = []
    if budget.failed_requests is not None:
        parts.append(f"{budget.failed_requests} failed requests")
    if budget.lost is not None:
        parts.append(f"{budget.lost.amount:g} lost of {budget.lost.metric}")
    yield f"  harm budget   {', '.join(parts)}; crossing it turns back at once"


def _unmeasured(preview: Preview) -> Iterator[str]:
    """Why nobody knows the traffic: each reason once, with the targets where they differ."""
    reasons: dict[str, list[str]] = {}
    for promotion in preview.plan.promotions:
        if why := preview.traffic_of(promotion).why_not:
            reasons.setdefault(why, []).append(str(promotion.target))
    for why, targets in reasons.items():
        where = "" if len(targets) == len(preview.plan.promotions) else f" of {', '.join(targets)}"
        yield f"  traffic{where} not measured: {why}"


def _stage_lines(stage: Stage, preview: Preview) -> Iterator[str]:
    requested_by = preview.order.requested_by
    if stage.gate is None:
        yield "   gate      none: nobody has to approve"
    else:
        yield from _gate_lines(stage.gate, requested_by)
    if stage.created_from is not None:
        yield from _made_lines(stage.created_from)
    yield from stage_ruling_lines(preview.admission, stage.environment)
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
    for promotion in stage.promotions:
        yield f"   {promotion.target.service:<9} {'; '.join(_watch_facts(promotion, preview))}"
    yield from _ladders(stage, preview)


def _made_lines(plan: EnvironmentPlan) -> Iterator[str]:
    """What is created once the gates are open, and how long it lives if the release does."""
    blueprint = plan.blueprint
    chosen = ", ".join(f"{name}={value}" for name, value in blueprint.parameters.items())
    given = f" with {chosen}" if chosen else ""
    text = short(blueprint.digest)
    yield f"   created   from {blueprint.template} {text} at {plan.provider}{given}"
    lives = write_duration(plan.lease.ttl)
    yield f"   {'':<9} for this release alone; torn down when it ends, or after {lives}"


def _watch_facts(promotion: Promotion, preview: Preview) -> Iterator[str]:
    """What is watched of a service through all steps, and how much traffic it has."""
    measured = preview.traffic_of(promotion)
    if measured.traffic is not None:
        yield f"serves {measured.traffic}"
    elif measured.first:
        yield "serves nothing yet: the first version takes all traffic at once, without steps"
    if (tier := criticality(promotion)) is not None:
        yield f"criticality {tier}"
    if (health := promotion.health) is not None:
        every = write_duration(health.every)
        yield f"{health.failures} failed health checks in a row, one each {every}, turn back"
    if promotion.affinity is not None:
        yield str(promotion.affinity)
    if rules := expected_alerts(promotion):
        yield f"silenced: {', '.join(alert_text(rule) for rule in rules)}"


def _ladders(stage: Stage, preview: Preview) -> Iterator[str]:
    """The steps, once for all services where they are the same, else service by service."""
    ladders: dict[tuple[str, ...], list[str]] = {}
    for promotion in stage.promotions:
        texts = tuple(step_text(step) for step in preview.steps_of(promotion))
        ladders.setdefault(texts, []).append(promotion.target.service)
    for texts, services in ladders.items():
        if len(ladders) > 1:
            yield f"   steps of {', '.join(services)}"
        for position, text in enumerate(texts, start=1):
            label = "steps" if position == 1 and len(ladders) == 1 else ""
            yield f"   {label:<9} {position:>2}. {text}"


def _gate_lines(gate: GateRule, requested_by: str) -> Iterator[str]:
    for position, need in enumerate(gate.needs):
        people = ", ".join(voters(gate, need.role, requested_by))
        yield f"   {'' if position else 'gate':<9} {need.role} x {need.count}: {people}"
    yield f"   {'':<9} within {write_duration(gate.open_for)}, else denied"
    barred = gate.barred.items() or [(requested_by, "asked for this release")]
    for name, did in barred:
        yield f"   {'':<9} {name} {did} and cannot approve it"
    if gate.identity is Assurance.PROVEN:
        yield f"   {'':<9} each vote is proven by a token for this one decision"
    else:
        yield f"   {'':<9} names are asserted, not proven: the policy says so"
