"""What people write about an analysis, and what is measured, judged and kept for it."""

from datetime import timedelta

import pytest

from workflows.domain.canary.config import Criticality
from workflows.domain.canary.measures import ERRORS, LATENCY, REQUESTS, MeasureKind
from workflows.domain.spec import AnalysisStep, BakeStep, Catalog, ServiceSpec
from workflows.domain.watching.analyses import compile_analysis, compile_bake

CONVERSION = {
    "name": "conversion",
    "type": "ratio",
    "numerator": {"series": "orders_total", "labels": {"outcome": "paid"}, "armLabel": "version"},
    "denominator": {"series": "visits_total"},
    "direction": "decrease",
}
ERROR_RATE = {"name": "error-rate", "type": "errorRatio"}
P99 = {"name": "p99", "type": "latencyQuantile", "quantile": 0.99}
ORDERS = {"name": "orders", "type": "count", "numerator": {"series": "orders_total"}}
QUEUE = {"name": "queue", "type": "gauge", "gauge": {"series": "queue_length"}}
TOO_SLOW = {"name": "too-slow", "type": "latencyQuantile", "quantile": 0.9, "above": 500}
TOO_FEW = {"name": "too-few", "type": "gauge", "gauge": {"series": "ready"}, "below": 2}


def a_service(**changes):
    return ServiceSpec.model_validate(
        {"owner": "shop", "builds": {"type": "fake", "connection": "x"}, **changes}
    )


def a_catalog(**templates):
    return Catalog.model_validate({"analysisTemplates": templates})


def compiled(*templates, service=None, kind=AnalysisStep, into=compile_analysis, **step):
    named = {f"t{number}": template for number, template in enumerate(templates)}
    refs = [{"templateName": name} for name in named]
    return into(
        kind.model_validate({"templates": refs, **step}),
        a_catalog(**named),
        service or a_service(),
    )


def baked(*templates, service=None, **step):
    step = {"duration": "1h", **step}
    return compiled(*templates, service=service, kind=BakeStep, into=compile_bake, **step)


def a_template(*metrics, **more):
    return {"metrics": list(metrics or [ERROR_RATE]), **more}


def metric_of(metric, **service):
    (found,) = compiled(a_template(metric), service=a_service(**service)).judge.metrics
    return found


def test_a_step_has_its_own_times():
    found = compiled(a_template(), duration="10m", interval="30s")

    assert (found.judge.interval, found.judge.horizon) == (30, 600)
    assert (found.duration, found.interval) == (timedelta(minutes=10), timedelta(seconds=30))
    assert str(found) == "watch for 10m"


def test_without_a_duration_the_criticality_bounds_what_the_traffic_needs():
    hours = {"low": 1, "normal": 2, "high": 6, "critical": 24}
    for criticality, longest in hours.items():
        found = compiled(a_template(), service=a_service(criticality=criticality))
        assert found.duration is None
        assert found.at_most == timedelta(hours=longest)
        assert found.judge.horizon == longest * 3600
        assert found.judge.criticality is Criticality(criticality)
    assert str(found) == "watch for as long as the traffic needs"


def test_what_an_author_allows_bounds_it_instead():
    assert compiled(a_template(), maxDuration="40m").at_most == timedelta(minutes=40)


def test_only_a_least_duration_lets_a_stage_pass_early():
    late = compiled(a_template(), duration="30m")
    early = compiled(a_template(), duration="30m", minDuration="5m")

    assert (late.judge.early_promotion, late.at_least) == (False, timedelta(minutes=30))
    assert (early.judge.early_promotion, early.at_least) == (True, timedelta(minutes=5))


def test_a_scaled_judge_keeps_what_the_author_gave_in_hours_and_minutes():
    found = compiled(a_template(timeScale=0.01), duration="30m", minDuration="5m").judge

    assert found.time_scale == 0.01
    assert found.burn_in == pytest.approx(1.2)
    assert (found.interval, found.horizon, found.bake_seconds) == (60, 1800, 300)
    assert compiled(a_template(timeScale=0.01)).at_most == timedelta(seconds=72)


@pytest.mark.parametrize(
    ("metric", "kind", "fields"),
    [
        (ERROR_RATE, "ratio", {"numerator": "errors", "denominator": "requests"}),
        (P99, "histogram", {"field": "latency", "quantile": 0.99}),
        (
            CONVERSION,
            "ratio",
            {
                "numerator": 'orders_total{outcome="paid"}',
                "denominator": "visits_total",
                "direction": "decrease",
            },
        ),
        (ORDERS, "count", {"numerator": "orders_total", "denominator": ""}),
        (QUEUE, "gauge", {"field": "queue_length"}),
    ],
)
def test_each_type_is_found_in_windows_under_its_own_names(metric, kind, fields):
    found = metric_of(metric)

    assert found.type == kind
    assert {name: getattr(found, name) for name in fields} == fields


def test_every_figure_is_measured_once_and_requests_and_errors_always():
    """What a release costs is counted in each stage, whatever it compares."""
    found = compiled(a_template(CONVERSION, ORDERS), a_template(P99, QUEUE, ERROR_RATE))

    assert found.measures[:2] == (REQUESTS, ERRORS)
    assert LATENCY in found.measures
    names = [measure.name for measure in found.measures]
    assert sorted(names) == sorted(set(names))
    paid = next(m for m in found.measures if m.name.startswith("orders_total{"))
    assert (paid.kind, paid.arm_label) == (MeasureKind.COUNTER, "version")
    assert next(m for m in found.measures if m.name == "queue_length").kind is MeasureKind.GAUGE
    assert compiled(a_template(QUEUE)).measures[:2] == (REQUESTS, ERRORS)


@pytest.mark.parametrize(
    ("metric", "normal", "critical"),
    [
        (ERROR_RATE, (0.10, 1.0), (0.10, 0.3)),
        (P99, (0.05, 0.25), (0.05, 0.10)),
        (CONVERSION, (0.01, 0.10), (0.01, 0.03)),
        (QUEUE, (0.05, 0.25), (0.05, 0.10)),
    ],
)
def test_the_criticality_decides_how_much_worse_is_looked_for(metric, normal, critical):
    for criticality, expected in (("normal", normal), ("critical", critical)):
        found = metric_of(metric, criticality=criticality)
        assert (found.tolerance, found.margin) == pytest.approx(expected)


def test_what_an_author_writes_counts_before_the_criticality():
    written = {**ERROR_RATE, "compare": {"tolerance": 0.2, "margin": 0.7, "weight": 3}}

    found = metric_of(written)

    assert (found.tolerance, found.margin, found.weight) == (0.2, 0.7, 3)
    assert metric_of({**ERROR_RATE, "compare": {"tolerance": 0}}).tolerance == 0


def test_a_margin_that_nobody_wrote_lies_well_beyond_the_tolerance():
    wide = {**P99, "compare": {"tolerance": 0.4}}

    assert metric_of(wide).margin == pytest.approx(0.8)


def test_templates_together_are_as_strict_as_the_strictest_of_them():
    found = compiled(
        a_template(alpha=0.1, beta=0.01, holdTimeout={"after": "10m"}),
        a_template(
            P99,
            alpha=0.02,
            beta=0.2,
            verdictActions={"inconclusive": "hold", "noData": "rollback"},
        ),
    )

    assert [metric.name for metric in found.judge.metrics] == ["error-rate", "p99"]
    assert (found.judge.alpha, found.judge.beta) == (0.02, 0.01)
    assert found.hold_for == timedelta(minutes=10)
    assert (found.inconclusive, found.no_data, found.provider_error) == (
        "hold",
        "rollback",
        "hold",
    )


def test_thresholds_of_the_service_and_of_every_template_are_kept_and_measured():
    service = a_service(thresholds=[TOO_FEW])

    found = compiled(a_template(thresholds=[TOO_SLOW]), service=service)

    few, slow = found.thresholds
    assert (few.name, few.type, few.field, few.limit, few.worse) == (
        "too-few",
        "gauge",
        "ready",
        2,
        "below",
    )
    assert (slow.type, slow.field, slow.quantile, slow.limit, slow.worse) == (
        "quantile",
        "latency",
        0.9,
        500,
        "above",
    )
    assert {"ready", "latency"} <= {measure.name for measure in found.measures}


def test_a_threshold_has_a_span_and_the_least_samples():
    rate = {"name": "e", "type": "errorRatio", "above": 0.05, "for": "2m", "minSamples": 7}

    (rule,) = compiled(a_template(thresholds=[rate])).thresholds

    assert (rule.numerator, rule.denominator) == ("errors", "requests")
    assert (rule.limit, rule.lasts, rule.min_samples) == (0.05, 120, 7)


@pytest.mark.parametrize(
    ("given", "limit", "worse"), [("above", 0, "above"), ("below", 0, "below")]
)
def test_a_limit_of_nothing_is_a_limit(given, limit, worse):
    rule = {**QUEUE, given: 0}

    (found,) = compiled(a_template(thresholds=[rule])).thresholds

    assert (found.limit, found.worse) == (limit, worse)


def test_a_bake_keeps_thresholds_and_compares_nothing():
    found = baked(
        a_template(CONVERSION, thresholds=[TOO_SLOW], verdictActions={"noData": "rollback"}),
        service=a_service(thresholds=[TOO_FEW]),
        interval="30s",
    )

    assert [rule.name for rule in found.thresholds] == ["too-few", "too-slow"]
    assert [m.name for m in found.measures] == ["requests", "errors", "ready", "latency"]
    assert (found.duration, found.interval) == (timedelta(hours=1), timedelta(seconds=30))
    assert (found.inconclusive, found.no_data, found.provider_error) == (
        "hold",
        "rollback",
        "hold",
    )
    assert str(found) == "bake for 1h"


def test_a_bake_without_templates_holds_when_it_sees_nothing():
    found = baked(service=a_service(thresholds=[TOO_FEW]))

    assert (found.no_data, found.provider_error) == ("hold", "hold")
    assert found.hold_for == timedelta(minutes=30)
    assert [rule.name for rule in found.thresholds] == ["too-few"]
