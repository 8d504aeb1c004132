from copy import deepcopy
from datetime import timedelta

import pytest
from pydantic import ValidationError

from workflows.domain.slo.spec import Sli, Slo


def source(query="x"):
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}


SLO = {
    "apiVersion": "openslo/v1",
    "kind": "SLO",
    "metadata": {"name": "orders", "displayName": "Orders", "labels": {"team": ["shop"]}},
    "spec": {
        "description": "Orders are served",
        "service": "checkout",
        "indicator": {
            "metadata": {"name": "orders-served"},
            "spec": {"ratioMetric": {"counter": True, "good": source(), "total": source()}},
        },
        "timeWindow": [{"duration": "4w", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"displayName": "most", "target": 0.99}],
        "alertPolicies": ["page-somebody"],
    },
}


def changed(path, value):
    document = deepcopy(SLO)
    place = document
    *names, last = path.split("/")
    for name in names:
        place = place[int(name) if name.isdecimal() else name]
    if value is None:
        place.pop(last)
    else:
        place[int(last) if last.isdecimal() else last] = value
    return document


def test_an_objective_is_read_as_openslo_writes_it():
    slo = Slo.model_validate(SLO)

    assert slo.spec.objectives[0].fraction == 0.99
    assert slo.spec.time_window[0].duration == timedelta(weeks=4)


def test_a_target_in_percent_is_a_hundredth():
    slo = Slo.model_validate(changed("spec/objectives/0", {"targetPercent": 99.5}))

    assert slo.spec.objectives[0].fraction == pytest.approx(0.995)


RATIO = "spec/indicator/spec/ratioMetric"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("apiVersion", "openslo/v2alpha1", "openslo/v1"),
        ("spec/surprise", 1, "surprise"),
        ("spec/objectives/0", {"target": 0.9, "targetPercent": 90}, "either target"),
        ("spec/objectives/0", {"displayName": "none"}, "either target"),
        ("spec/objectives/0", {"target": 99}, "less than 1"),
        ("spec/objectives/0", {"target": 0.9, "compositeWeight": 1}, "composite"),
        ("spec/objectives/0", {"target": 0.9, "indicatorRef": "x"}, "composite"),
        ("spec/objectives/0", {"target": 0.9, "timeSliceWindow": "5m"}, "has no timeSliceWindow"),
        ("spec/objectives/0", {"target": 0.9, "timeSliceWindow": "5 min"}, "not a duration"),
        ("spec/budgetingMethod", "Timeslices", "needs timeSliceWindow"),
        ("spec/budgetingMethod", "RatioTimeslices", "expected Occurrences or Timeslices"),
        ("spec/indicatorRef", "x", "either indicator or indicatorRef"),
        ("spec/indicator", None, "either indicator or indicatorRef"),
        (f"{RATIO}/bad", source(), "either good or bad"),
        (f"{RATIO}/good", None, "either good or bad"),
        (f"{RATIO}/total", None, "and total"),
        (f"{RATIO}/raw", source(), "already computed"),
        (f"{RATIO}/good/metricSource/type", "Datadog", "expected type: Prometheus, found Datadog"),
        (f"{RATIO}/good/metricSource", {"metricSourceRef": "thanos"}, "metricSourceRef does not"),
        (f"{RATIO}/good/metricSource/spec", {"promql": "x"}, "expected `query`.*found promql"),
        ("spec/indicator/spec/thresholdMetric", source(), "either a ratioMetric or a threshold"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(path, value, said):
    with pytest.raises(ValidationError, match=said):
        Slo.model_validate(changed(path, value))


def test_an_indicator_may_stand_in_a_document_of_its_own():
    sli = Sli.model_validate(
        {
            "apiVersion": "openslo/v1",
            "kind": "SLI",
            "metadata": {"name": "depth"},
            "spec": {"thresholdMetric": source("max(depth)")},
        }
    )

    assert sli.spec.threshold_metric.metric_source.query == "max(depth)"
