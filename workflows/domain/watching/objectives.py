"""The SLOs that a release keeps: whose they are, what they compile to, and what is in the way."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from workflows.domain.canary.config import MetricConfig
from workflows.domain.errors import Refused
from workflows.domain.slo.compiled import CompiledSlo, compiled
from workflows.domain.spec import Catalog, MetricSpec, ReleaseSpec, StrategySpec

ASKS_QUERIES = "prometheus"
"""The type of metrics that can be asked a query, which is what an objective is written in."""


class Use(NamedTuple):
    """An SLO where a document refers to it."""

    slo: str
    where: str


def objective(name: str, catalog: Catalog) -> CompiledSlo:
    """What the SLO *name* of *catalog* means for a release.

    Raises:
        Refused: it cannot be kept; the message says why.
    """
    return compiled(catalog.slos[name], catalog.slis)


def objectives(names: Iterable[str], catalog: Catalog) -> tuple[CompiledSlo, ...]:
    """The SLOs of these names, each once.

    Raises:
        Refused: one of them cannot be kept.
    """
    return tuple(objective(name, catalog) for name in dict.fromkeys(names))


def compared(metric: MetricSpec, slo: CompiledSlo) -> MetricConfig:
    """*slo* as the judge compares it, under the name of *metric*; how much is worse is not set.

    Its objectives differ in what they ask of one figure, which is compared once: as worse either
    way, where one objective bounds it from above and another from below.
    """
    figure = slo.metrics[0]
    one_way = len({each.direction for each in slo.metrics}) == 1
    return MetricConfig(
        name=metric.name,
        type=figure.type,
        numerator=figure.numerator,
        denominator=figure.denominator,
        complement=figure.complement,
        field=figure.field,
        direction=figure.direction if one_way else "both",
        weight=metric.compare.weight,
    )


def missing_slos(release: ReleaseSpec, catalog: Catalog) -> Iterator[Use]:
    """The references to SLOs that are not in the catalog."""
    return (use for use in _uses(release, catalog) if use.slo not in catalog.slos)


def objective_problems(release: ReleaseSpec, catalog: Catalog) -> Iterator[str]:
    """Why the SLOs of *release* cannot be kept, or not where it goes; references must resolve."""
    uses = tuple(_uses(release, catalog))
    for use in uses:
        try:
            objective(use.slo, catalog)
        except Refused as refused:
            yield f"{use.where}: {refused}"
    for stop in release.environments:
        strategy = catalog.strategies[_strategy(stop.strategy_ref, stop.name, catalog)]
        metrics = catalog.environments[stop.name].metrics
        if metrics.type == ASKS_QUERIES or not _watches(strategy):
            continue
        for use in (*_of_services(release, catalog), *_of_templates(strategy.templates, catalog)):
            yield (
                f"Environment {stop.name!r}: metrics {metrics} cannot be asked the queries of SLO "
                f"{use.slo!r}, which {use.where} keeps; use metrics of type {ASKS_QUERIES} there, "
                "or write a ratio or gauge and thresholds in its place"
            )


def _uses(release: ReleaseSpec, catalog: Catalog) -> Iterator[Use]:
    """Every reference to an SLO that *release* leads to, as far as its own references do."""
    strategies = {
        _strategy(stop.strategy_ref, stop.name, catalog)
        for stop in release.environments
        if stop.strategy_ref is not None or stop.name in catalog.environments
    }
    templates = {
        name
        for strategy in strategies
        if strategy in catalog.strategies
        for name in catalog.strategies[strategy].templates
    }
    yield from _of_services(release, catalog)
    yield from _of_templates(sorted(templates), catalog)


def _strategy(written: str | None, environment: str, catalog: Catalog) -> str:
    return written or catalog.environments[environment].strategy_ref


def _of_services(release: ReleaseSpec, catalog: Catalog) -> Iterator[Use]:
    for service in release.services:
        if service.name in catalog.services:
            for name in catalog.services[service.name].slos:
                yield Use(name, f"Service {service.name!r}")


def _of_templates(names: Iterable[str], catalog: Catalog) -> Iterator[Use]:
    for template in dict.fromkeys(names):
        if template in catalog.analysis_templates:
            for metric in catalog.analysis_templates[template].metrics:
                if metric.slo_ref is not None:
                    where = f"AnalysisTemplate {template!r}, metric {metric.name!r}"
                    yield Use(metric.slo_ref, where)


def _watches(strategy: StrategySpec) -> bool:
    """Whether anything is measured: what is not measured need not be asked."""
    return any(step.analysis is not None or step.bake is not None for step in strategy.steps)
