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


def bake(duration="10s", **fields):
    return {"bake": {"duration": duration, "interval": "5s", **fields}}


VERBS = "setHeaderRoute, setWeight, analysis, synthetic, setFlag, mirror, bake, pause"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({}, f"a step has exactly one of {VERBS}; this one has 0"),
        ({"setWeight": 5, "pause": {}}, f"a step has exactly one of {VERBS}; this one has 2"),
        (analysis(interval="11s"), "interval must be at most duration"),
        (analysis(interval="0s"), "interval must be more than 0s"),
        (analysis(minDuration="11s"), "minDuration must be at most duration"),
        (analysis(maxDuration="9s"), "maxDuration must be at least duration"),
        (analysis(interval="1ms"), "more than 5000 looks: make interval longer"),
        (bake(interval="11s"), "interval must be more than 0s and at most duration"),
        (bake(interval="0s"), "interval must be more than 0s and at most duration"),
        (bake(interval="1ms"), "more than 5000 looks: make interval longer"),
    ],
)
def test_a_step_that_cannot_be_meant_is_refused(step, said):
    assert refusal(StrategyStep, step) == [said]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"interval": "0s"}, "interval must be more than 0s"),
        ({"interval": "11s", "maxDuration": "10s"}, "interval must be at most maxDuration"),
        ({"minDuration": "11s", "maxDuration": "10s"}, "minDuration must be at most maxDuration"),
        (
            {"interval": "1ms", "maxDuration": "10s"},
            "more than 5000 looks: make interval longer",
        ),
    ],
)
def test_a_step_that_lasts_as_long_as_it_needs_has_times_that_fit_too(fields, said):
    assert refusal(StrategyStep, analysis(duration="auto", **fields)) == [said]


def test_without_a_duration_a_step_lasts_as_long_as_it_needs():
    step = StrategyStep.model_validate({"analysis": {"templates": [{"templateName": "golden"}]}})

    assert step.analysis.duration == "auto"


@pytest.mark.parametrize("percent", [0, 101])
def test_a_mirror_copies_a_share_of_the_traffic(percent):
    assert len(refusal(StrategyStep, {"mirror": percent})) == 1


@pytest.mark.parametrize("weights", [[50], [100, 100], [100, 50], [50, 100, 20]])
def test_a_strategy_ends_with_all_traffic_and_only_there(weights):
    steps = [{"setWeight": weight} for weight in weights]

    assert refusal(StrategySpec, {"steps": steps})[0].startswith("setWeight: 100 must be the last")


def test_weights_only_grow():
    steps = [{"setWeight": weight} for weight in (50, 10, 100)]

    assert refusal(StrategySpec, {"steps": steps}) == [
        "weights only grow; these are [50, 10, 100]"
    ]


def test_a_bake_comes_after_all_traffic_and_nothing_else_does():
    whole = {"setWeight": 100}

    baked = StrategySpec.model_validate({"steps": [{"setWeight": 5}, whole, bake()]})
    assert baked.steps[-1].bake is not None
    for steps in ([bake(), whole], [whole, bake(), {"pause": {}}], [bake()]):
        said = refusal(StrategySpec, {"steps": steps})
        assert said[0].startswith("setWeight: 100 must be the last step but for a bake")


def test_copies_are_sent_before_any_user_is():
    steps = [{"setWeight": 5}, {"mirror": 10}, {"setWeight": 100}]

    assert refusal(StrategySpec, {"steps": steps})[0].startswith(
        "mirror comes before the first setWeight"
    )


@pytest.mark.parametrize(
    ("affinity", "said"),
    [
        ({"by": "header"}, "by header: needs the `name` of the header, and no `lasts`"),
        (
            {"by": "cookie", "name": "user", "lasts": "1h"},
            "by cookie: needs the `name` of the cookie, and no `lasts`",
        ),
        ({"by": "router"}, "by router: needs `lasts`, and no `name`: the cookie is the router's"),
    ],
)
def test_an_affinity_that_cannot_be_kept_is_refused(affinity, said):
    whole = {"steps": [{"setWeight": 100}], "affinity": affinity}

    assert any(said in told for told in refusal(StrategySpec, whole))


def test_a_strategy_knows_the_templates_and_journeys_of_its_steps():
    strategy = StrategySpec.model_validate(
        {
            "steps": [
                {"synthetic": {"journeys": ["buy", "sell"]}},
                analysis(),
                {"setWeight": 100},
                bake(templates=[{"templateName": "calm"}]),
            ]
        }
    )

    assert strategy.templates == ("golden", "calm")
    assert strategy.journeys == ("buy", "sell")
