import pytest
from typer.testing import CliRunner

from starters.cli import app
from tests.starters.files.test_references import GUARDED

MATRIX = """\
spec:
  decisionMatrix:
    inputs: [risk]
    rules:
    - {risk: low, require: []}
    - {risk: [medium, high, unassessed], require: [{role: sre}]}
"""


def test_a_waiver_is_passed_on_as_typed(typed):
    code, asked = typed(
        "gates.waive", "waive", "shop", "--gate", "tests", "--reason", "flaky", "--by", "ana"
    )

    assert code == 0
    assert asked["args"] == ("shop",)
    assert (asked["gate"], asked["reason"], asked["lasts"]) == ("tests", "flaky", "1h")


def test_a_waiver_needs_a_gate_and_a_reason(typed):
    assert typed("gates.waive", "waive", "shop", "--gate", "tests")[0] == 2
    assert typed("gates.waive", "waive", "shop", "--reason", "flaky")[0] == 2


def test_figures_are_of_the_last_quarter_unless_asked_otherwise(typed):
    assert typed("gates.report", "metrics", "gates")[1]["last"] == "90d"


class TestRender:
    @pytest.fixture
    def lockgate(self):
        return lambda *words: CliRunner().invoke(app, words)

    @pytest.fixture(autouse=True)
    def matrix(self, spoil):
        spoil("catalog/rules.yaml", GUARDED, MATRIX)

    def test_the_page_names_rows_and_people(self, lockgate):
        result = lockgate("matrix", "render", "catalog")

        assert result.exit_code == 0
        assert "| guarded#2 | medium, high, unassessed | sre x 1 |  |" in result.output
        assert "| sre | ana, ben |" in result.output

    def test_the_page_for_browsers(self, lockgate):
        result = lockgate("matrix", "render", "catalog", "--format", "html")

        assert result.output.startswith("<!doctype html>")

    def test_a_policy_that_is_not_there_is_named_with_those_that_are(self, lockgate):
        result = lockgate("matrix", "render", "catalog", "--policy", "guardd")

        assert result.exit_code != 0
        assert "did you mean guarded?" in str(result.exception)

    def test_a_matrix_with_gaps_has_no_page(self, lockgate, spoil):
        spoil("catalog/rules.yaml", ", unassessed]", "]")

        result = lockgate("matrix", "render", "catalog")

        assert result.exit_code != 0
        assert "no row stands for risk unassessed" in str(result.exception)
