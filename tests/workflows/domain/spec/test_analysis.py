import json

import pytest
from pydantic import ValidationError

from workflows.domain.spec import KINDS


def refusal(model, document):
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(document), strict=True, by_name=False)
    return [error["msg"].removeprefix("Value error, ") for error in caught.value.errors()]


def test_a_quantile_belongs_to_latencies_alone():
    metric = {"name": "e", "compare": {"maxIncrease": 0.1}}
    document = {
        "apiVersion": "lockgate.dev/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {"name": "golden"},
        "spec": {
            "metrics": [
                {**metric, "type": "errorRatio", "quantile": 0.95},
                {**metric, "type": "latencyQuantile"},
            ]
        },
    }

    said = refusal(KINDS["AnalysisTemplate"], document)

    assert said[:2] == ["quantile is required for latencyQuantile, and only allowed there"] * 2
