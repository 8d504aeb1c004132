import json

import pytest
from pydantic import ValidationError

from workflows.domain.spec.matrix import DecisionMatrix, MatrixRule


def read(*rules, inputs=("class", "risk")):
    document = json.dumps({"inputs": inputs, "rules": rules})
    return DecisionMatrix.model_validate_json(document, strict=True, by_alias=True, by_name=False)


def refusal(*rules, inputs=("class", "risk")):
    with pytest.raises(ValidationError) as caught:
        read(*rules, inputs=inputs)
    return [error["msg"] for error in caught.value.errors() if error["type"] != "too_short"]


def test_one_value_is_as_good_as_a_list_of_it():
    assert read({"risk": "low", "require": []}) == read({"risk": ["low"], "require": []})


def test_an_input_that_is_left_out_stands_for_every_value():
    (rule,) = read({"risk": "low", "require": []}).rules

    assert rule.conditions["class"] is None
    assert rule.conditions["risk"] == ("low",)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"risk": "low"}, "give either require or reclassify"),
        ({"risk": "low", "require": [], "reclassify": "normal"}, "give either require or"),
        ({"reclassify": "normal", "retrospective": "3d"}, "belongs to the row that reclassify"),
        ({"risk": "lwo", "require": []}, "Input should be 'low'"),
        ({"dataClass": "public", "require": []}, "row 1 goes by dataClass, which inputs does"),
        ({"risk": [], "require": []}, None),
    ],
)
def test_a_row_that_does_not_decide_is_refused(rule, said):
    assert said is None or any(said in message for message in refusal(rule))
    with pytest.raises(ValidationError):
        read(rule)


def test_the_schema_for_editors_allows_one_value_and_a_list():
    options = MatrixRule.model_json_schema(by_alias=True)["properties"]["risk"]["anyOf"]

    assert [option["type"] for option in options] == ["string", "array", "null"]
