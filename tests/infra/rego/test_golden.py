"""Our engine answers as Open Policy Agent does, case by case."""

import json
from pathlib import Path

import pytest

from infra.rego.evaluation import evaluated
from tests.infra.rego.cases import CASES, RELEASE

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_it_answers_as_opa_does(name):
    files = {"case.rego": f"package lockgate\n\n{CASES[name]}\n"}

    found = evaluated({"files": files, "package": "lockgate", "input": RELEASE})["said"]

    said = {effect: [message["value"] for message in told] for effect, told in found.items()}
    assert {k: ordered(v) for k, v in said.items()} == {
        k: ordered(v) for k, v in GOLDEN["answers"][name].items()
    }


def test_every_case_has_an_answer_of_opas_own():
    assert set(GOLDEN["answers"]) == set(CASES)
    assert "opa-golib-python-bindings 0.4.4" in GOLDEN["provenance"]


def ordered(values):
    return sorted(json.dumps(value, sort_keys=True) for value in values)
