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
from workflows.domain.plan import Analysis, Bake, VerdictAction
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


def compile_analysis(step: AnalysisStep, catalog: Catalog, service: ServiceSpec) -> Analysis:
    """Templates merge: all metrics, the least alpha, the strictest action, the shortest hold."""
    used = [catalog.analysis_templates[ref.template_name] for ref in step.templates]
    criticality = Criticality(service.criticality)
    metrics = tuple(metric for template in used for metric in template.metrics)
    thresholds = _thresholds(used, service)
    duration = step.duration if isinstance(step.duration, timedelta) else None
    scale = min(template.time_scale for template in used)
    longest = step.max_duration or timedelta(seconds=TIERS[criticality].cap * scale)
    judge = JudgeConfig(
        interval=step.interval.total_seconds(),
        horizon=(duration or longest).total_seconds(),
        criticality=criticality,
        metrics=tuple(_metric(metric, criticality) for metric in metrics),
        alpha=min(template.alpha for template in used),
        beta=min(template.beta for template in used),
        early_promotion=step.min_duration is not None,
    )
    judge = judge if scale == 1 else scaled(judge, scale)
    if step.min_duration is not None:
        judge = judge.model_copy(update={"bake": step.min_duration.total_seconds()})
    return Analysis(
        judge=judge,
        measures=_measures([*metrics, *thresholds]),
        thresholds=tuple(_threshold(rule) for rule in thresholds),
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
    return Bake(
        duration=step.duration,
        interval=step.interval,
        measures=_measures(thresholds),
        thresholds=tuple(_threshold(rule) for rule in thresholds),
        inconclusive="hold",
        no_data=_strictest([actions.no_data for actions in defaults]),
        provider_error=_strictest([actions.provider_error for actions in defaults]),
        hold_for=min((t.hold_timeout.after for t in used), default=timedelta(minutes=30)),
    )


def _thresholds(
    used: Sequence[AnalysisTemplateSpec], service: ServiceSpec
) -> tuple[ThresholdSpec, ...]:
    return (*service.thresholds, *(rule for template in used for rule in template.thresholds))


def _metric(metric: MetricSpec, criticality: Criticality) -> MetricConfig:
    compare, tolerance = metric.compare, metric.compare.tolerance
    config = MetricConfig(
        name=metric.name,
        type=_TYPES[metric.type],
        quantile=metric.quantile or 0.99,
        direction=metric.direction,
        tolerance=_TOLERANCES[metric.type] if tolerance is None else tolerance,
        weight=compare.weight,
        **_fields(metric),
    )
    looked = looked_for(criticality, config)
    margin = max(looked, 2 * config.tolerance) if compare.margin is None else compare.margin
    return config.model_copy(update={"margin": margin})


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


def _measures(figures: Sequence[FigureSpec]) -> tuple[Measure, ...]:
    """What must be read for *figures*; requests and errors always, for what a release costs."""
    found = [REQUESTS, ERRORS, *(m for figure in figures for m in _of(figure))]
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
