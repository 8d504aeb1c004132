"""Release and catalog to plan: every reference resolved, everything decided before the start."""

from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from workflows.domain.canary.harm import HarmBudget, LostFigure
from workflows.domain.environments.binding import created_from, uncreatable
from workflows.domain.errors import PolicyViolated
from workflows.domain.gates.gates import gate_terms
from workflows.domain.journeys.plan import compile_synthetic
from workflows.domain.readiness.readiness import readiness_rule, unready
from workflows.domain.readiness.runbooks import missing_runbooks, planned_runbook
from workflows.domain.release.flags import change_of
from workflows.domain.release.misfits import misfits, strategy_of
from workflows.domain.release.plan import (
    DataRule,
    GateRule,
    HeaderRoute,
    HealthWatch,
    LadderStep,
    Plan,
    Promotion,
    RoleNeed,
    Stage,
    Systems,
)
from workflows.domain.spec import (
    Catalog,
    EnvironmentSpec,
    PolicySpec,
    ReleaseEnvironment,
    ReleaseSpec,
    ServiceRelease,
    ServiceSpec,
    StrategySpec,
    StrategyStep,
)
from workflows.domain.values import Artifact, Target
from workflows.domain.watching.analyses import compile_analysis, compile_bake, compile_guard
from workflows.domain.watching.objectives import missing_slos
from workflows.domain.watching.silences import masking


def compile_plan(name: str, release: ReleaseSpec, catalog: Catalog) -> Plan:
    """Resolve every reference of *release* in *catalog*.

    Raises:
        PolicyViolated: a reference names nothing, dependencies run in a circle, or a gate could
            never open; the message names all problems, one a line.
    """
    problems = list(_missing(release, catalog)) or list(misfits(release, catalog))
    if problems:
        raise PolicyViolated("\n".join(problems))
    services = _in_order(release.services)
    stages = tuple(
        Stage(
            environment=stop.name,
            gate=_gate(stop.name, catalog),
            promotions=tuple(_promotion(service, stop, catalog) for service in services),
            terms=gate_terms(policy, catalog.people) if policy is not None else (),
            patience=policy.approvals.expire_after if policy is not None else None,
            readiness=readiness_rule(stop.name, catalog),
            created_from=created_from(stop.name, catalog),
        )
        for stop in release.environments
        for policy in (_policy(stop.name, catalog),)
    )
    change = release.change
    return Plan(
        name=name,
        summary=change.summary,
        ticket=change.ticket,
        stages=stages,
        budget=_budget(release),
        runbook=planned_runbook(release, catalog),
    )


def _budget(release: ReleaseSpec) -> HarmBudget | None:
    if (written := release.rollback.harm_budget) is None:
        return None
    lost = written.lost
    return HarmBudget(
        failed_requests=written.failed_requests,
        lost=LostFigure(metric=lost.metric, amount=lost.amount) if lost else None,
    )


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
    if len(catalog.risk_models) > 1:
        problems.append(f"RiskModel: one counts, not {', '.join(sorted(catalog.risk_models))}")
    problems += [
        f"{use.where}: {_unknown('SLO', use.slo, catalog.slos)}"
        for use in missing_slos(release, catalog)
    ]
    return [*problems, *missing_runbooks(release, catalog), *unready(release, catalog)]


def _missing_for(stop: ReleaseEnvironment, catalog: Catalog) -> list[str]:
    environment = catalog.environments.get(stop.name)
    if environment is None:
        return [_unknown("Environment", stop.name, catalog.environments)]
    problems = [*uncreatable(stop.name, catalog)]
    policy = environment.policy_ref
    if policy is not None and policy not in catalog.policies:
        problems.append(_unknown("Policy", policy, catalog.policies))
    elif policy is not None:
        problems += _unmanned(policy, catalog)
    strategy = stop.strategy_ref or environment.strategy_ref
    if strategy not in catalog.strategies:
        return [*problems, _unknown("Strategy", strategy, catalog.strategies)]
    unknown = sorted({*catalog.strategies[strategy].templates} - {*catalog.analysis_templates})
    return problems + [
        _unknown("AnalysisTemplate", template, catalog.analysis_templates) for template in unknown
    ]


def _unmanned(policy: str, catalog: Catalog) -> list[str]:
    """Gates that could never open, because the catalog holds too few people of a role."""
    return [
        f"Policy {policy!r} needs {rule.count} of role {rule.role!r}; the catalog knows {holders}"
        for rule in catalog.policies[policy].approvals.require or ()
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


def _policy(environment: str, catalog: Catalog) -> PolicySpec | None:
    name = catalog.environments[environment].policy_ref
    return catalog.policies[name] if name is not None else None


def _gate(environment: str, catalog: Catalog) -> GateRule | None:
    """The gate of a policy that asks the same in every case; a matrix is asked at admission."""
    policy = _policy(environment, catalog)
    if policy is None or (asked := policy.approvals.require) is None:
        return None
    needs = tuple(RoleNeed(role=rule.role, count=rule.count) for rule in asked)
    return gate_rule(environment, needs, catalog)


def gate_rule(
    environment: str, needs: tuple[RoleNeed, ...], catalog: Catalog, *, rows: tuple[str, ...] = ()
) -> GateRule | None:
    """The gate that *needs* make of an environment that a policy guards; None asks nobody."""
    policy = _policy(environment, catalog)
    if policy is None or not needs:
        return None
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
        rows=rows,
    )


def _promotion(service: ServiceRelease, stop: ReleaseEnvironment, catalog: Catalog) -> Promotion:
    environment = catalog.environments[stop.name]
    known = catalog.services[service.name]
    _, strategy = strategy_of(stop, catalog)
    target = Target(service=service.name, environment=stop.name)
    checks = known.data_checks if environment.database else ()
    digest = service.artifact.digest
    return Promotion(
        target=target,
        artifact=Artifact(service=service.name, version=service.version, digest=digest),
        source=known.builds,
        systems=_systems(environment),
        steps=tuple(_steps(strategy, catalog, known, service)),
        data_checks=tuple(DataRule(name=c.name, query=c.query, expect=c.expect) for c in checks),
        guard=compile_guard(known, catalog),
        health=HealthWatch(every=known.health.every, failures=known.health.failures),
        affinity=strategy.affinity.affinity if strategy.affinity else None,
        masking=masking(known.expected_alerts, environment.alerts, target=target, version=digest),
    )


def _systems(environment: EnvironmentSpec) -> Systems:
    return Systems(
        artifacts=environment.artifacts,
        platform=environment.platform,
        router=environment.router,
        metrics=environment.metrics,
        database=environment.database,
        flags=environment.flags,
        journeys=environment.journeys,
    )


def _steps(
    strategy: StrategySpec, catalog: Catalog, known: ServiceSpec, service: ServiceRelease
) -> Iterator[LadderStep]:
    """The steps that mean something for *service*: another one's flags and journeys do not."""
    for step in strategy.steps:
        if step.set_flag is not None:
            if (change := change_of(service.flags, step.set_flag)) is not None:
                yield LadderStep(flag=change)
        elif step.synthetic is not None:
            synthetic = compile_synthetic(step.synthetic, catalog.journeys)
            ours = tuple(j for j in synthetic.journeys if j.service == service.name)
            if ours:
                yield LadderStep(synthetic=synthetic.model_copy(update={"journeys": ours}))
        else:
            yield _step(step, catalog, known)


def _step(step: StrategyStep, catalog: Catalog, service: ServiceSpec) -> LadderStep:
    if step.set_header_route is not None:
        (match,) = step.set_header_route.match
        route = HeaderRoute(header=match.header_name, value=match.header_value.exact)
        return LadderStep(header_route=route)
    if step.set_weight is not None:
        return LadderStep(weight=step.set_weight)
    if step.mirror is not None:
        return LadderStep(mirror=step.mirror)
    if step.analysis is not None:
        return LadderStep(analysis=compile_analysis(step.analysis, catalog, service))
    if step.bake is not None:
        return LadderStep(bake=compile_bake(step.bake, catalog, service))
    pause = step.pause.duration if step.pause is not None else None
    return LadderStep(pause=pause, until_promoted=pause is None)
