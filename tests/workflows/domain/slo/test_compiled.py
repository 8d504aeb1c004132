import pytest

from tests.workflows.domain.slo.test_spec import RATIO, SLO, changed, source
from workflows.domain.canary.measures import MeasureKind
from workflows.domain.canary.thresholds import first_crossed
from workflows.domain.canary.windows import ArmWindow, JudgeWindow
from workflows.domain.errors import Refused
from workflows.domain.slo.compiled import Burn, compiled
from workflows.domain.slo.spec import Sli, Slo

GOOD = 'sum(rate(http_requests_total{code!~"5.."}[5m]))'
TOTAL = "sum(rate(http_requests_total[5m]))"


def ratio(part="good", query=GOOD, total=TOTAL, **objective):
    document = changed(RATIO, {"counter": True, part: source(query), "total": source(total)})
    document["spec"]["objectives"] = [objective or {"target": 0.99}]
    return document


def slo(document, *slis, **more):
    indicators = {sli.metadata.name: sli for sli in slis}
    return compiled(Slo.model_validate(document), indicators, **more)


def gauge(**objective):
    document = changed("spec/indicator/spec", {"thresholdMetric": source("max(depth) / 2")})
    document["spec"]["objectives"] = [{"target": 0.9, **objective}]
    return document


def windows(step, *counts):
    """Windows of *step* seconds with 1000 events each, of which so many were bad."""
    return [
        JudgeWindow(
            at=step * number,
            canary=ArmWindow(values={"orders.good": 1000 - bad, "orders.total": 1000}),
            baseline=None,
        )
        for number, bad in enumerate(counts, 1)
    ]


def test_queries_become_counters_of_one_version():
    good, total = slo(ratio()).measures

    assert (good.name, good.kind) == ("orders.good", MeasureKind.COUNTER)
    assert good.query == 'http_requests_total{arm="$arm",code!~"5.."}'
    assert total.query == 'http_requests_total{arm="$arm"}'


def test_the_label_of_the_version_may_have_another_name():
    (_, total) = slo(ratio(), arm_label="version").measures

    assert total.query == 'http_requests_total{version="$arm"}'


def test_a_query_that_says_itself_where_the_version_goes_is_left_alone():
    (_, total) = slo(ratio(total='sum(http_requests_total{pod=~"$arm-.*"})')).measures

    assert total.query == 'http_requests_total{pod=~"$arm-.*"}'


def test_the_budget_is_what_the_target_leaves_and_burns_fast_or_slowly():
    fast, slow = slo(ratio(target=0.99)).thresholds

    assert (fast.name, fast.complement) == ("orders-burn-14.4x", True)
    assert (fast.limit, slow.limit) == (pytest.approx(0.144), pytest.approx(0.06))
    assert (fast.lasts, fast.newest) == (300, 30)


def test_a_burning_canary_crosses_and_one_within_its_budget_does_not():
    rules = slo(ratio(target=0.99)).thresholds

    assert first_crossed(rules, windows(30, *[200] * 10)).rule == "orders-burn-14.4x"
    assert first_crossed(rules, windows(30, *[80] * 10)).rule == "orders-burn-6x"
    assert first_crossed(rules, windows(30, *[10] * 10)) is None


def test_a_burst_that_is_over_does_not_turn_back():
    rules = slo(ratio(target=0.99), burns=[Burn(14.4, 300, 30)]).thresholds

    assert first_crossed(rules, windows(30, 1000, 1000, *[0] * 8)) is None


def test_one_failure_among_few_is_no_burning_budget():
    fast, slow = slo(ratio(target=0.999)).thresholds

    assert (fast.min_samples, slow.min_samples) == (209, 500)


def test_bad_events_are_compared_also_where_good_ones_are_counted():
    (bad,) = slo(ratio("bad", 'x{code="500"}', "x")).metrics
    (good,) = slo(ratio()).metrics

    assert (bad.numerator, bad.direction) == ("orders.bad", "increase")
    assert bad.base_rate == pytest.approx(0.01)
    assert (good.numerator, good.direction) == ("orders.good", "increase")
    assert (bad.complement, good.complement) == (False, True)
    assert good.base_rate == pytest.approx(0.01)


def test_bad_events_are_not_turned_around():
    rules = slo(ratio("bad", 'x{code="500"}', "x")).thresholds

    assert [(rule.numerator, rule.complement) for rule in rules] == [("orders.bad", False)] * 2


def test_a_bad_slice_is_a_crossing():
    document = ratio(target=0.9, timeSliceTarget=0.95, timeSliceWindow="1m")
    document["spec"]["budgetingMethod"] = "Timeslices"

    (rule,) = slo(document).thresholds

    assert (rule.name, rule.lasts, rule.limit) == ("orders-slice", 60, pytest.approx(0.05))


def test_a_value_that_must_be_kept_is_a_gauge_and_its_limit():
    found = slo(gauge(op="lte", value=3))

    (measure,) = found.measures
    assert (measure.kind, measure.query) == (MeasureKind.GAUGE, 'max(depth{arm="$arm"}) / 2')
    (rule,) = found.thresholds
    assert (rule.type, rule.field, rule.limit, rule.worse) == ("gauge", "orders.value", 3, "above")
    (metric,) = found.metrics
    assert (metric.type, metric.direction, metric.base_rate) == ("gauge", "increase", 3)


def test_a_value_that_must_be_reached_is_worse_below():
    assert slo(gauge(op="gt", value=3)).thresholds[0].worse == "below"


def test_an_indicator_is_found_by_its_name():
    document = changed("spec/indicator", None)
    document["spec"]["indicatorRef"] = "served"
    sli = Sli.model_validate(
        {
            "apiVersion": "openslo/v1",
            "kind": "SLI",
            "metadata": {"name": "served"},
            "spec": SLO["spec"]["indicator"]["spec"],
        }
    )

    assert slo(document, sli).measures[0].query == 'x{arm="$arm"}'
    with pytest.raises(Refused, match=r"'served' is no SLI.*known are: none"):
        slo(document)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (ratio(query="good / total"), "events are counted from a counter"),
        (ratio(query="sum(rate(x[$__rate_interval]))"), "variables of a dashboard"),
        (ratio(query='x{arm="blue"}'), "matcher of 'arm' already"),
        (ratio(target=0.8), "cannot burn 6 times too fast"),
        (gauge(), "needs op and value"),
    ],
)
def test_what_a_release_cannot_keep_is_refused(document, said):
    with pytest.raises(Refused, match=said):
        slo(document)
