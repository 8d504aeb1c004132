"""Release and catalog to plan: every reference resolved, everything decided before the start."""

from collections.abc import Collection
from datetime import timedelta
from graphlib import CycleError, TopologicalSorter

from workflows.domain.canary.verdict import MetricRule
from workflows.domain.errors import PolicyViolated
from workflows.domain.plan import (
    Analysis,
    DataRule,
    GateRule,
    HeaderRoute,
    LadderStep,
    Plan,
    Promotion,
    RoleNeed,
    Stage,
    Systems,
    VerdictAction,
)
from workflows.domain.spec import (
    AnalysisStep,
    AnalysisTemplateSpec,
    Catalog,
    EnvironmentSpec,
    PolicySpec,
    ReleaseEnvironment,
    ReleaseSpec,
    ServiceRelease,
    StrategySpec,
    StrategyStep,
)
from workflows.domain.values import Artifact, Target


def compile_plan(name: str, release: ReleaseSpec, catalog: Catalog) -> Plan:
    """Resolve every reference of *release* in *catalog*.

    Raises:
        PolicyViolated: a reference names nothing, dependencies run in a circle, or a gate could
            never open; the message names all problems, one a line.
    """
    problems = list(_missing(release, catalog))
    if problems:
        raise PolicyViolated("\n".join(problems))
    services = _in_order(release.services)
    stages = tuple(
        Stage(
            environment=stop.name,
            gate=_gate(stop.name, catalog),
            promotions=tuple(_promotion(service, stop, catalog) for service in services),
        )
        for stop in release.environments
    )
    change = release.change
    return Plan(name=name, summary=change.summary, ticket=change.ticket, stages=stages)


def _missing(release: ReleaseSpec, catalog: Catalog) -> list[str]:
    names = [service.name for service in release.services]
    stops = [stop.name for stop in release.environments]
    problems = [f"services: {name!r} is named twice" for name in _twice(names)]
    problems += [f"environments: {name!r} is named twice" for name in _twice(stops)]
    for service in release.services:
        if service.name not in catalog.services:
            problems.append(_unknown("Service", service.name, catalog.services))
        problems += [
            f"services.{service.name}.dependsOn: {other!r} is not a service of this release"
            for other in service.depends_on
            if other not in names
        ]
    for stop in release.environments:
        problems += _missing_for(stop, catalog)
    return problems


def _missing_for(stop: ReleaseEnvironment, catalog: Catalog) -> list[str]:
    environment = catalog.environments.get(stop.name)
    if environment is None:
        return [_unknown("Environment", stop.name, catalog.environments)]
    problems = []
    policy = environment.policy_ref
    if policy is not None and policy not in catalog.policies:
        problems.append(_unknown("Policy", policy, catalog.policies))
    elif policy is not None:
        problems += _unmanned(policy, catalog)
    strategy = stop.strategy_ref or environment.strategy_ref
    if strategy not in catalog.strategies:
        return [*problems, _unknown("Strategy", strategy, catalog.strategies)]
    templates = {
        ref.template_name
        for step in catalog.strategies[strategy].steps
        if step.analysis is not None
        for ref in step.analysis.templates
    }
    unknown = sorted(templates - set(catalog.analysis_templates))
    return problems + [
        _unknown("AnalysisTemplate", template, catalog.analysis_templates) for template in unknown
    ]


def _unmanned(policy: str, catalog: Catalog) -> list[str]:
    """Gates that could never open, because the catalog holds too few people of a role."""
    return [
        f"Policy {policy!r} needs {rule.count} of role {rule.role!r}; the catalog knows {holders}"
        for rule in catalog.policies[policy].approvals.require
        if (holders := sum(rule.role in p.roles for p in catalog.people.values())) < rule.count
    ]


def _unknown(kind: str, name: str, known: Collection[str]) -> str:
    listed = ", ".join(sorted(known)) or "none at all"
    return f"{kind} {name!r} is not in the catalog, which has {listed}"


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _in_order(services: tuple[ServiceRelease, ...]) -> tuple[ServiceRelease, ...]:
    """Dependencies first; among the free ones, the order in which they were written."""
    written = [service.name for service in services]
    sorter = TopologicalSorter({service.name: service.depends_on for service in services})
    try:
        sorter.prepare()
    except CycleError as error:
        raise PolicyViolated(
            f"dependsOn runs in a circle: {' -> '.join(error.args[1])}"
        ) from error
    free: list[str] = []
    order: list[ServiceRelease] = []
    while sorter.is_active():
        free = sorted([*free, *sorter.get_ready()], key=written.index)
        order.append(services[written.index(free[0])])
        sorter.done(free.pop(0))
    return tuple(order)


def _gate(environment: str, catalog: Catalog) -> GateRule | None:
    policy_ref = catalog.environments[environment].policy_ref
    if policy_ref is None:
        return None
    policy: PolicySpec = catalog.policies[policy_ref]
    needs = tuple(RoleNeed(role=r.role, count=r.count) for r in policy.approvals.require)
    asked = {need.role for need in needs}
    people = {
        name: roles
        for name, person in sorted(catalog.people.items())
        if (roles := tuple(role for role in person.roles if role in asked))
    }
    return GateRule(
        environment=environment,
        needs=needs,
        people=people,
        open_for=policy.approvals.expire_after,
    )


def _promotion(service: ServiceRelease, stop: ReleaseEnvironment, catalog: Catalog) -> Promotion:
    environment: EnvironmentSpec = catalog.environments[stop.name]
    known = catalog.services[service.name]
    strategy: StrategySpec = catalog.strategies[stop.strategy_ref or environment.strategy_ref]
    checks = known.data_checks if environment.database else ()
    return Promotion(
        target=Target(service=service.name, environment=stop.name),
        artifact=Artifact(
            service=service.name, version=service.version, digest=service.artifact.digest
        ),
        source=known.builds,
        systems=Systems(
            artifacts=environment.artifacts,
            platform=environment.platform,
            router=environment.router,
            metrics=environment.metrics,
            database=environment.database,
        ),
        steps=tuple(_step(step, catalog) for step in strategy.steps),
        data_checks=tuple(DataRule(name=c.name, query=c.query, expect=c.expect) for c in checks),
    )


def _step(step: StrategyStep, catalog: Catalog) -> LadderStep:
    if step.set_header_route is not None:
        (match,) = step.set_header_route.match
        route = HeaderRoute(header=match.header_name, value=match.header_value.exact)
        return LadderStep(header_route=route)
    if step.set_weight is not None:
        return LadderStep(weight=step.set_weight)
    if step.analysis is not None:
        return LadderStep(analysis=_analysis(step.analysis, catalog))
    pause = step.pause.duration if step.pause is not None else None
    return LadderStep(pause=pause, until_promoted=pause is None)


def _analysis(step: AnalysisStep, catalog: Catalog) -> Analysis:
    """Templates merge: all metrics, the strictest action, the shortest hold.

    Each metric's alpha is divided by the number of metrics and of looks (Bonferroni), so that the
    whole step fails a healthy canary with at most the alpha that its author wrote.
    """
    used = [catalog.analysis_templates[ref.template_name] for ref in step.templates]
    looks = -(-step.duration // step.interval)  # rounded up: the last look ends the step
    shares = looks * sum(len(template.metrics) for template in used)
    return Analysis(
        metrics=tuple(
            MetricRule(
                name=metric.name,
                type=metric.type,
                quantile=metric.quantile,
                max_increase=metric.compare.max_increase,
                alpha=metric.compare.alpha / shares,
                min_samples=metric.min_samples,
            )
            for template in used
            for metric in template.metrics
        ),
        duration=step.duration,
        interval=step.interval,
        at_least=step.duration if step.min_duration is None else step.min_duration,
        inconclusive=_strictest([t.verdict_actions.inconclusive for t in used]),
        no_data=_strictest([t.verdict_actions.no_data for t in used]),
        provider_error=_strictest([t.verdict_actions.provider_error for t in used]),
        hold_for=min(_hold(template) for template in used),
    )


def _hold(template: AnalysisTemplateSpec) -> timedelta:
    return template.hold_timeout.after


def _strictest(actions: list[VerdictAction]) -> VerdictAction:
    return "rollback" if "rollback" in actions else "hold"
