"""From an analysis as people write it to what is measured, judged and kept."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from workflows.domain.canary.config import Criticality, JudgeConfig, MetricConfig, scaled
from workflows.domain.canary.measures import (
    ERRORS,
    LATENCY,
    REQUESTS,
    Measure,
    MeasureKind,
    Selector,
)
from workflows.domain.canary.thresholds import ThresholdRule
from workflows.domain.canary.tiers import TIERS, looked_for
from workflows.domain.release.plan import Analysis, Bake, VerdictAction
from workflows.domain.slo.compiled import CompiledSlo
from workflows.domain.spec import (
    AnalysisStep,
    AnalysisTemplateSpec,
    BakeStep,
    Catalog,
    FigureSpec,
    MetricSpec,
    SeriesSpec,
    ServiceSpec,
    ThresholdSpec,
)
from workflows.domain.watching.objectives import compared, objective, objectives


def compile_analysis(step: AnalysisStep, catalog: Catalog, service: ServiceSpec) -> Analysis:
    """Templates merge: all metrics, the least alpha, the strictest action, the shortest hold."""
    used = [catalog.analysis_templates[ref.template_name] for ref in step.templates]
    criticality = Criticality(service.criticality)
    metrics = tuple(metric for template in used for metric in template.metrics)
    thresholds = _thresholds(used, service)
    slos = _slos(used, catalog, service)
    duration = step.duration if isinstance(step.duration, timedelta) else None
    scale = min(template.time_scale for template in used)
    longest = step.max_duration or timedelta(seconds=TIERS[criticality].cap * scale)
    judge = JudgeConfig(
        interval=step.interval.total_seconds(),
        horizon=(duration or longest).total_seconds(),
        criticality=criticality,
        metrics=tuple(_metric(metric, criticality, catalog) for metric in metrics),
        alpha=min(template.alpha for template in used),
        beta=min(template.beta for template in used),
        early_promotion=step.min_duration is not None,
    )
    judge = judge if scale == 1 else scaled(judge, scale)
    if step.min_duration is not None:
        judge = judge.model_copy(update={"bake": step.min_duration.total_seconds()})
    return Analysis(
        judge=judge,
        measures=_measures([*metrics, *thresholds], slos),
        thresholds=_rules(thresholds, slos),
        duration=duration,
        at_most=longest,
        inconclusive=_strictest([t.verdict_actions.inconclusive for t in used]),
        no_data=_strictest([t.verdict_actions.no_data for t in used]),
        provider_error=_strictest([t.verdict_actions.provider_error for t in used]),
        hold_for=min(template.hold_timeout.after for template in used),
    )


def compile_bake(step: BakeStep, catalog: Catalog, service: ServiceSpec) -> Bake:
    """The thresholds of the service and of the templates, and what silence leads to."""
    used = [catalog.analysis_templates[ref.template_name] for ref in step.templates]
    defaults = [template.verdict_actions for template in used]
    thresholds = _thresholds(used, service)
    slos = _slos(used, catalog, service)
    return Bake(
        duration=step.duration,
        interval=step.interval,
        measures=_measures(thresholds, slos),
        thresholds=_rules(thresholds, slos),
        inconclusive="hold",
        no_data=_strictest([actions.no_data for actions in defaults]),
        provider_error=_strictest([actions.provider_error for actions in defaults]),
        hold_for=min((t.hold_timeout.after for t in used), default=timedelta(minutes=30)),
    )


def compile_guard(service: ServiceSpec, catalog: Catalog) -> Bake | None:
    """The service's own thresholds, for as long as a ladder waits somewhere."""
    if not service.thresholds:
        return None
    step = BakeStep(duration=_GUARDED_AT_ONCE, interval=_GUARD_INTERVAL)
    return compile_bake(step, catalog, service)


# A guard that saw nothing to turn back for is begun anew, so that its history stays short.
_GUARDED_AT_ONCE, _GUARD_INTERVAL = timedelta(hours=4), timedelta(seconds=10)


def _thresholds(
    used: Sequence[AnalysisTemplateSpec], service: ServiceSpec
) -> tuple[ThresholdSpec, ...]:
    return (*service.thresholds, *(rule for template in used for rule in template.thresholds))


def _slos(
    used: Sequence[AnalysisTemplateSpec], catalog: Catalog, service: ServiceSpec
) -> tuple[CompiledSlo, ...]:
    """Those of the service and of the metrics that are compared: all keep their limits."""
    named = (*service.slos, *(name for template in used for name in template.slos))
    return objectives(named, catalog)


def _rules(
    thresholds: Sequence[ThresholdSpec], slos: Sequence[CompiledSlo]
) -> tuple[ThresholdRule, ...]:
    return (
        *(_threshold(rule) for rule in thresholds),
        *(rule for slo in slos for rule in slo.thresholds),
    )


def _metric(metric: MetricSpec, criticality: Criticality, catalog: Catalog) -> MetricConfig:
    config, tolerance = _figure(metric, catalog), metric.compare.tolerance
    if tolerance is None:
        # The bad events of an objective are errors: a tenth more of them is noise.
        kind = "errorRatio" if config.type == "ratio" else "gauge"
        tolerance = _TOLERANCES[kind if metric.type == "slo" else metric.type]
    config = config.model_copy(update={"tolerance": tolerance})
    margin = metric.compare.margin
    if margin is None:
        margin = max(looked_for(criticality, config), 2 * tolerance)
    return config.model_copy(update={"margin": margin})


def _figure(metric: MetricSpec, catalog: Catalog) -> MetricConfig:
    if metric.slo_ref is not None:
        return compared(metric, objective(metric.slo_ref, catalog))
    return MetricConfig(
        name=metric.name,
        type=_TYPES[metric.type],
        quantile=metric.quantile or 0.99,
        direction=metric.direction,
        weight=metric.compare.weight,
        **_fields(metric),
    )


# What never turns back: a tenth more errors is noise, a tenth fewer orders is not.
_TOLERANCES = {"errorRatio": 0.10, "latencyQuantile": 0.05, "gauge": 0.05, "ratio": 0.01}
_TOLERANCES["count"] = 0.10


_TYPES = {
    "errorRatio": "ratio",
    "latencyQuantile": "histogram",
    "ratio": "ratio",
    "gauge": "gauge",
    "count": "count",
}


def _fields(figure: FigureSpec) -> dict[str, str]:
    """Under which names the figure stands in a window."""
    match figure.type:
        case "errorRatio":
            return {"numerator": ERRORS.name, "denominator": REQUESTS.name}
        case "latencyQuantile":
            return {"field": LATENCY.name}
        case "ratio":
            return {
                "numerator": _called(figure.numerator),
                "denominator": _called(figure.denominator),
            }
        case "count":
            return {"numerator": _called(figure.numerator)}
        case _:
            return {"field": _called(figure.gauge)}


def _called(series: SeriesSpec | None) -> str:
    """The name of a series in windows: its own, with its labels, so that it is one of a kind."""
    return "" if series is None else str(_selector(series))


def _selector(series: SeriesSpec) -> Selector:
    return Selector(series=series.series, labels=series.labels)


def _measures(figures: Sequence[FigureSpec], slos: Sequence[CompiledSlo]) -> tuple[Measure, ...]:
    """What must be read for *figures*; requests and errors always, for what a release costs."""
    found = [REQUESTS, ERRORS, *(m for figure in figures for m in _of(figure))]
    found += [measure for slo in slos for measure in slo.measures]
    return tuple({measure.name: measure for measure in found}.values())


def _of(figure: FigureSpec) -> Iterator[Measure]:
    if figure.type == "latencyQuantile":
        yield LATENCY
    for series in (figure.numerator, figure.denominator):
        if series is not None:
            yield _measure(series, MeasureKind.COUNTER)
    if figure.gauge is not None:
        yield _measure(figure.gauge, MeasureKind.GAUGE)


def _measure(series: SeriesSpec, kind: MeasureKind) -> Measure:
    return Measure(
        name=_called(series), kind=kind, selector=_selector(series), arm_label=series.arm_label
    )


def _threshold(rule: ThresholdSpec) -> ThresholdRule:
    fields = _fields(rule)
    return ThresholdRule(
        name=rule.name,
        type="quantile" if rule.type == "latencyQuantile" else _RULES[rule.type],
        numerator=fields.get("numerator", ""),
        denominator=fields.get("denominator", ""),
        field=fields.get("field", ""),
        quantile=rule.quantile or 0.99,
        limit=rule.above if rule.above is not None else rule.below or 0.0,
        worse="above" if rule.above is not None else "below",
        lasts=rule.lasts.total_seconds(),
        min_samples=rule.min_samples,
    )


_RULES = {"errorRatio": "ratio", "ratio": "ratio", "gauge": "gauge"}


def _strictest(actions: Sequence[VerdictAction]) -> VerdictAction:
    for action in ("rollback", "hold"):
        if action in actions:
            return action
    return "extend" if actions else "hold"
