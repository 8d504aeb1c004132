"""What of a release, its strategies and its environments does not fit together."""

from collections.abc import Iterator

from workflows.domain.journeys.problems import synthetic_problems
from workflows.domain.release.flags import FlagLadder
from workflows.domain.release.flags import problems as flag_problems
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.spec import Catalog, ReleaseEnvironment, ReleaseSpec, StrategySpec
from workflows.domain.traffic.route import CAN, Capability, Route
from workflows.domain.watching.objectives import objective_problems
from workflows.domain.watching.silences import silence_problems


def misfits(release: ReleaseSpec, catalog: Catalog) -> Iterator[str]:
    """Every problem of flags, budgets, metrics, SLOs, journeys and alerts; references resolve."""
    yield from _of_flags(release, catalog)
    yield from _of_budget(release, catalog)
    yield from objective_problems(release, catalog)
    used = dict(strategy_of(stop, catalog) for stop in release.environments)
    for name, strategy in used.items():
        yield from _of_metrics(name, strategy, catalog)
    for stop in release.environments:
        yield from _of_router(stop, catalog)
        yield from _of_journeys(stop, catalog)
        yield from _of_alerts(release, stop, catalog)


def strategy_of(stop: ReleaseEnvironment, catalog: Catalog) -> tuple[str, StrategySpec]:
    """The strategy by which *stop* is released, and its name."""
    name = stop.strategy_ref or catalog.environments[stop.name].strategy_ref
    return name, catalog.strategies[name]


def _of_flags(release: ReleaseSpec, catalog: Catalog) -> Iterator[str]:
    flags = {service.name: service.flags for service in release.services if service.flags}
    ladders = []
    for stop in release.environments:
        name, strategy = strategy_of(stop, catalog)
        steps = tuple(step.set_flag for step in strategy.steps if step.set_flag is not None)
        provider = catalog.environments[stop.name].flags
        ladder = FlagLadder(environment=stop.name, strategy=name, provider=provider, steps=steps)
        ladders.append(ladder)
    yield from flag_problems(flags, ladders)


def _of_router(stop: ReleaseEnvironment, catalog: Catalog) -> Iterator[str]:
    """What the strategy asks of the environment's router, and that type of router cannot do."""
    name, strategy = strategy_of(stop, catalog)
    router = catalog.environments[stop.name].router
    asked = Route(
        header=HeaderRoute(header="x", value="1")
        if any(step.set_header_route for step in strategy.steps)
        else None,
        mirror=max((step.mirror or 0 for step in strategy.steps), default=0),
        affinity=strategy.affinity.affinity if strategy.affinity else None,
    )
    if lacking := asked.needs - CAN.get(router.type, frozenset(Capability)):
        offered = ", ".join(sorted(CAN[router.type])) or "shares alone"
        yield (
            f"environments.{stop.name}: Strategy {name!r} asks for {', '.join(sorted(lacking))}, "
            f"which router {router} cannot do; it offers {offered}: `lockgate strategy router` "
            "compares routers"
        )


def _of_metrics(name: str, strategy: StrategySpec, catalog: Catalog) -> Iterator[str]:
    """Plans, verdicts and evidence tell the metrics of a step apart by their names alone."""
    for number, step in enumerate(strategy.steps, start=1):
        known: dict[str, str] = {}
        for ref in step.analysis.templates if step.analysis is not None else ():
            for metric in catalog.analysis_templates[ref.template_name].metrics:
                if metric.name in known:
                    yield (
                        f"Strategy {name!r}, step {number}: metric {metric.name!r} is in "
                        f"{known[metric.name]} and in {ref.template_name}; call one of them "
                        "otherwise"
                    )
                known[metric.name] = ref.template_name


def _of_journeys(stop: ReleaseEnvironment, catalog: Catalog) -> Iterator[str]:
    name, strategy = strategy_of(stop, catalog)
    header = None
    for number, step in enumerate(strategy.steps, start=1):
        if step.set_header_route is not None:
            header = step.set_header_route.match[0].header_name
        if step.synthetic is not None:
            yield from synthetic_problems(
                f"Strategy {name!r}, step {number}",
                wanted=step.synthetic.journeys,
                known=catalog.journeys,
                header=header,
                entrance=catalog.environments[stop.name].journeys,
            )


def _of_alerts(release: ReleaseSpec, stop: ReleaseEnvironment, catalog: Catalog) -> Iterator[str]:
    alerts = catalog.environments[stop.name].alerts
    if alerts is None:
        return
    for service in release.services:
        expected = catalog.services[service.name].expected_alerts
        yield from silence_problems(expected, alerts, where=f"Service {service.name!r}")


def _of_budget(release: ReleaseSpec, catalog: Catalog) -> Iterator[str]:
    """A lost figure that no analysis of the release compares would never be counted."""
    budget = release.rollback.harm_budget
    if budget is None or budget.lost is None:
        return
    templates = {
        name for stop in release.environments for name in strategy_of(stop, catalog)[1].templates
    }
    ratios = {
        metric.name
        for name in templates
        for metric in catalog.analysis_templates[name].metrics
        if metric.type == "ratio"
    }
    if budget.lost.metric not in ratios:
        listed = ", ".join(sorted(ratios)) or "none"
        yield (
            f"rollback.harmBudget.lost: {budget.lost.metric!r} is no metric of type ratio that "
            f"the strategies of this release compare; there are: {listed}"
        )
