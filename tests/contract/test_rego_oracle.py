"""Real Open Policy Agent answers as the golden answers say, which our engine is held to."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.infra.rego.cases import CASES, RELEASE

ROOT = Path(__file__).parents[2]
OPA = ROOT / ".venv-opa" / "bin" / "python"
GOLDEN = ROOT / "tests" / "infra" / "rego" / "golden.json"
ORACLE = Path(__file__).with_name("opa_answers.py")


@pytest.fixture(scope="module")
def answers():
    if not OPA.exists():
        pytest.skip("no Open Policy Agent for this platform: tools/setup says why")
    asked = json.dumps({"cases": CASES, "input": RELEASE})
    said = subprocess.run([OPA, ORACLE], input=asked, capture_output=True, text=True, check=True)
    return json.loads(said.stdout)


@pytest.mark.parametrize("name", CASES)
def test_opa_answers_as_the_golden_answers_say(answers, name):
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))["answers"]

    assert answers[name] == golden[name]
