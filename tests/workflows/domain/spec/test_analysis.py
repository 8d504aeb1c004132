import json

import pytest
from pydantic import ValidationError

from workflows.domain.spec.analysis import AnalysisTemplateSpec, MetricSpec, ThresholdSpec

ORDERS, VISITS = {"series": "orders_total"}, {"series": "visits_total"}


def refusal(model, document):
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(document), strict=True, by_name=False)
    return [error["msg"].removeprefix("Value error, ") for error in caught.value.errors()]


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (
            {"type": "errorRatio", "quantile": 0.95},
            "quantile does not belong to errorRatio",
        ),
        ({"type": "latencyQuantile"}, "quantile is required for latencyQuantile"),
        ({"type": "ratio", "numerator": ORDERS}, "denominator is required for ratio"),
        ({"type": "ratio", "denominator": VISITS}, "numerator is required for ratio"),
        ({"type": "count"}, "numerator is required for count"),
        (
            {"type": "count", "numerator": ORDERS, "denominator": VISITS},
            "denominator does not belong to count",
        ),
        ({"type": "gauge", "numerator": ORDERS}, "numerator does not belong to gauge"),
        ({"type": "gauge"}, "gauge is required for gauge"),
        ({"type": "errorRatio", "gauge": ORDERS}, "gauge does not belong to errorRatio"),
    ],
)
def test_each_type_has_its_own_parts(figure, said):
    assert refusal(MetricSpec, {"name": "m", **figure}) == [said]


@pytest.mark.parametrize("quantile", [0.49, 0.9999])
def test_a_quantile_that_a_histogram_cannot_tell_is_refused(quantile):
    metric = {"name": "p", "type": "latencyQuantile", "quantile": quantile}

    assert len(refusal(MetricSpec, metric)) == 1


@pytest.mark.parametrize(
    "compare", [{"margin": 0.1, "tolerance": 0.1}, {"margin": 0.1, "tolerance": 0.2}]
)
def test_a_margin_lies_beyond_what_is_tolerated(compare):
    metric = {"name": "e", "type": "errorRatio", "compare": compare}

    assert refusal(MetricSpec, metric) == ["margin must be more than tolerance"]


@pytest.mark.parametrize("limit", [{}, {"above": 1, "below": 0}])
def test_a_threshold_has_one_limit(limit):
    rule = {"name": "e", "type": "errorRatio", **limit}

    assert refusal(ThresholdSpec, rule) == ["give either above or below"]


def test_a_count_has_no_limit_of_its_own():
    """How much is counted depends on the share of the traffic, which changes from step to step."""
    rule = {"name": "orders", "type": "count", "numerator": ORDERS, "below": 1}

    assert refusal(ThresholdSpec, rule) == [
        "a threshold is of type errorRatio, latencyQuantile, ratio or gauge"
    ]


def test_a_comparison_compares_something():
    assert len(refusal(AnalysisTemplateSpec, {"metrics": []})) == 1


@pytest.mark.parametrize("action", ["noData", "providerError"])
def test_silence_is_not_something_to_go_on_watching_for(action):
    actions = {"metrics": [{"name": "e", "type": "errorRatio"}]}
    actions["verdictActions"] = {action: "extend"}

    assert refusal(AnalysisTemplateSpec, actions) == ["Input should be 'rollback' or 'hold'"]


def test_what_nobody_decided_is_cautious():
    actions = AnalysisTemplateSpec.model_validate(
        {"metrics": [{"name": "e", "type": "errorRatio"}]}
    ).verdict_actions

    assert (actions.inconclusive, actions.no_data, actions.provider_error) == (
        "extend",
        "hold",
        "hold",
    )
