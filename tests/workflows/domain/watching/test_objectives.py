from copy import deepcopy

import pytest

from tests.builders import CANARY, a_catalog, a_release, a_service
from tests.workflows.domain.slo.test_spec import SLO, changed, source
from workflows.domain.admission.admission import admit
from workflows.domain.canary.evidence import events
from workflows.domain.canary.windows import ArmWindow
from workflows.domain.canonical import content_digest
from workflows.domain.errors import PolicyViolated
from workflows.domain.release.needs import needed
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.planning import compile_plan
from workflows.domain.slo.compiled import BURNS
from workflows.domain.spec import Catalog, Release

BAKE = {"bake": {"duration": "10m", "interval": "10s", "templates": []}}
GOOD = source('sum(rate(http_requests_total{code!~"5.."}[5m]))')
RATIO = {"counter": True, "good": GOOD, "total": source("http_requests_total")}
ORDERS = changed("spec/indicator/spec/ratioMetric", RATIO)
DEPTH = changed("spec/indicator/spec", {"thresholdMetric": source("max(queue_depth)")})
DEPTH["spec"]["objectives"] = [{"target": 0.9, "op": "lte", "value": 40}]


def catalog(*, slos=(ORDERS,), of_service=(), metrics=(), type="prometheus", steps=CANARY, **more):
    """A catalog with *slos*, kept by the service and compared by *metrics*."""
    document = a_catalog(services=("checkout",), environments=("production",), steps=steps)
    document["services"]["checkout"]["slos"] = list(of_service)
    document["analysisTemplates"]["golden"]["metrics"] += metrics
    metering = {"type": type, "connection": "production"}
    document["environments"]["production"]["metrics"] = metering
    document["slos"] = {one["metadata"]["name"]: deepcopy(one) for one in slos}
    return {**document, **more}


def plan(**more):
    release = Release.model_validate(a_release(a_service("checkout")))
    return compile_plan("shop", release.spec, Catalog.model_validate(catalog(**more)))


def refusal(**more):
    with pytest.raises(PolicyViolated) as caught:
        plan(**more)
    return str(caught.value).splitlines()


def slo_metric(name="ledger", slo="orders", **more):
    return {"name": name, "type": "slo", "sloRef": slo, **more}


def watched(found):
    (promotion,) = found.promotions
    return [step.watched for step in promotion.steps if step.watched is not None]


def test_an_slo_is_compared_by_its_bad_events_as_errors_are():
    analysis = watched(plan(metrics=[slo_metric()]))[0]

    errors, ledger = analysis.judge.metrics
    assert (ledger.name, ledger.type, ledger.direction) == ("ledger", "ratio", "increase")
    assert (ledger.numerator, ledger.denominator) == ("orders.good", "orders.total")
    assert ledger.tolerance == errors.tolerance == 0.1
    assert ledger.margin == 1.0
    arm = ArmWindow(values={"orders.good": 97, "orders.total": 100})
    assert events(ledger, arm) == 3


def test_what_an_slo_needs_is_measured_for_one_version():
    measures = {m.name: m.query for m in watched(plan(metrics=[slo_metric()]))[0].measures}

    assert measures["orders.good"] == 'http_requests_total{arm="$arm",code!~"5.."}'
    assert measures["orders.total"] == 'http_requests_total{arm="$arm"}'
    assert {"requests", "errors"} <= set(measures)


def test_a_value_is_compared_as_a_gauge_whatever_the_router_calls_its_own_figures():
    named_latency = deepcopy(DEPTH)
    named_latency["metadata"]["name"] = "latency"
    analysis = watched(plan(slos=[named_latency], metrics=[slo_metric(slo="latency")]))[0]

    ledger = analysis.judge.metrics[1]
    assert (ledger.type, ledger.field, ledger.tolerance) == ("gauge", "latency.value", 0.05)
    assert ledger.margin == 0.25


def test_a_value_bounded_from_both_sides_is_worse_either_way():
    both = deepcopy(DEPTH)
    both["spec"]["objectives"].append({"target": 0.9, "op": "gte", "value": 3})

    analysis = watched(plan(slos=[both], metrics=[slo_metric()]))[0]

    assert analysis.judge.metrics[1].direction == "both"
    assert [rule.worse for rule in analysis.thresholds] == ["above", "below"]


def test_tolerance_and_margin_may_be_written():
    compare = {"tolerance": 0.2, "margin": 0.6, "weight": 2}
    ledger = watched(plan(metrics=[slo_metric(compare=compare)]))[0].judge.metrics[1]

    assert (ledger.tolerance, ledger.margin, ledger.weight) == (0.2, 0.6, 2)


def test_a_services_limits_are_kept_in_every_stage_and_in_the_bake():
    stages = watched(plan(of_service=["orders"], steps=(*CANARY, BAKE)))

    assert len(stages) == 3
    for stage in stages:
        assert [rule.name for rule in stage.thresholds] == [
            f"orders-burn-{burn.rate:g}x" for burn in BURNS
        ]
        assert {"orders.good", "orders.total"} <= {m.name for m in stage.measures}


def test_what_service_and_metric_both_keep_is_kept_once():
    analysis = watched(plan(of_service=["orders"], metrics=[slo_metric()]))[0]

    assert len(analysis.thresholds) == len(BURNS)


def test_all_that_cannot_be_kept_is_named_with_its_place_before_the_start():
    templated = changed(
        "spec/indicator/spec/ratioMetric/total", source("sum(rate(x[$__interval]))")
    )
    strict = changed("spec/objectives/0/target", 0.05)
    strict["metadata"]["name"] = "strict"

    said = refusal(
        slos=[templated, strict],
        of_service=["orders"],
        metrics=[slo_metric(), slo_metric("s", "strict")],
    )

    assert [line.split(": ")[0] for line in said] == [
        "Service 'checkout'",
        "AnalysisTemplate 'golden', metric 'ledger'",
        "AnalysisTemplate 'golden', metric 's'",
    ]
    assert "without variables of a dashboard" in said[0]
    assert "set thresholds instead" in said[2]


def test_references_to_slos_that_are_not_there_are_named():
    said = refusal(slos=[DEPTH], of_service=["order"], metrics=[slo_metric(slo="odrers")])

    assert said == [
        "Service 'checkout': SLO 'order' is not in the catalog, which has orders",
        (
            "AnalysisTemplate 'golden', metric 'ledger': SLO 'odrers' is not in the catalog, "
            "which has orders"
        ),
    ]


@pytest.mark.parametrize("type", ["exposition", "cloudwatch"])
def test_a_source_that_cannot_be_asked_queries_is_refused_with_a_remedy(type):
    said = refusal(of_service=["orders"], metrics=[slo_metric()], type=type)

    assert len(said) == 2
    assert said[0] == (
        f"Environment 'production': metrics {type}/production cannot be asked the queries of SLO "
        "'orders', which Service 'checkout' keeps; use metrics of type prometheus there, or write "
        "a ratio or gauge and thresholds in its place"
    )


def test_an_environment_where_nothing_is_measured_asks_no_queries():
    steps = ({"setWeight": 100},)

    assert watched(plan(of_service=["orders"], type="exposition", steps=steps)) == []


def by_reference():
    document = changed("spec/indicator", None)
    document["spec"]["indicatorRef"] = "served"
    served = {**SLO, "kind": "SLI", "metadata": {"name": "served"}}
    served["spec"] = {"ratioMetric": RATIO}
    return document, {"served": served, "other": {**served, "metadata": {"name": "other"}}}


def test_a_release_carries_its_slos_with_their_indicators_and_no_others():
    document, slis = by_reference()
    beside = Catalog.model_validate(catalog(slos=[document], of_service=["orders"], slis=slis))
    release = Release.model_validate(a_release(a_service("checkout"))).spec

    part = needed(release, beside)

    assert (set(part.slos), set(part.slis)) == ({"orders"}, {"served"})
    assert compile_plan("shop", release, part) == compile_plan("shop", release, beside)
    assert not needed(release, Catalog.model_validate(catalog(slos=[document]))).slos


def test_an_order_with_an_slo_is_admitted_as_it_was_sent():
    """Durations go over the wire as OpenSLO writes them."""
    document, slis = by_reference()
    release = a_release(a_service("checkout"))
    spec = Catalog.model_validate(catalog(slos=[document], of_service=["orders"], slis=slis))
    sent = spec.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)

    order = ReleaseOrder(
        name="shop",
        release=release,
        catalog=sent,
        manifest_digest=content_digest(release),
        catalog_digest=content_digest(sent),
        requested_by="carl",
    )

    assert sent["slos"]["orders"]["spec"]["timeWindow"] == [{"duration": "4w", "isRolling": True}]
    assert len(watched(admit(order).plan)) == 2
