import json

import pytest
from pydantic import ValidationError

from workflows.domain.spec import StrategySpec, StrategyStep


def refusal(model, document):
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(document), strict=True, by_name=False)
    return [error["msg"].removeprefix("Value error, ") for error in caught.value.errors()]


def analysis(**fields):
    step = {"templates": [{"templateName": "golden"}], "duration": "10s", "interval": "5s"}
    return {"analysis": {**step, **fields}}


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            {},
            "a step has exactly one of setHeaderRoute, setWeight, analysis, pause; this one has 0",
        ),
        (
            {"setWeight": 5, "pause": {}},
            "a step has exactly one of setHeaderRoute, setWeight, analysis, pause; this one has 2",
        ),
        (analysis(interval="11s"), "interval must be more than 0s and at most duration"),
        (analysis(interval="0s"), "interval must be more than 0s and at most duration"),
        (analysis(minDuration="11s"), "minDuration must be at most duration"),
        (analysis(interval="19ms"), "more than 500 looks: make interval longer"),
    ],
)
def test_a_step_that_cannot_be_meant_is_refused(step, said):
    assert refusal(StrategyStep, step) == [said]


@pytest.mark.parametrize("weights", [[50], [100, 100], [100, 50], [50, 100, 20]])
def test_a_strategy_ends_with_all_traffic_and_only_there(weights):
    steps = [{"setWeight": weight} for weight in weights]

    assert refusal(StrategySpec, {"steps": steps})[0].startswith("setWeight: 100 must be the last")


def test_weights_only_grow():
    steps = [{"setWeight": weight} for weight in (50, 10, 100)]

    assert refusal(StrategySpec, {"steps": steps}) == [
        "weights only grow; these are [50, 10, 100]"
    ]
