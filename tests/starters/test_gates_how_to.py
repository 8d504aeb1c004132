"""What the pages on matrices and gates show is what Lockgate reads."""

import re
from itertools import product
from pathlib import Path

from starters.files.documents import read_documents
from tests.architecture.sources import ROOT
from workflows.domain.gates.matrix import CLASSES, RISKS, Case, matrix_problems, rule_on

HOW_TO = ROOT / "docs/how-to"


def yaml_of(page):
    return re.findall(r"```yaml\n(.*?)```", (HOW_TO / page).read_text("utf-8"), re.DOTALL)


def policy_of(text, tmp_path):
    path = Path(tmp_path / "policy.yaml")
    path.write_text(text, encoding="utf-8")
    reading = read_documents(path)
    assert reading.problems == ()
    (document,) = reading.documents
    return document.model.spec


def test_the_sample_matrix_has_one_row_for_each_case(tmp_path):
    """By the proof of lint, and by asking for every case."""
    (text,) = yaml_of("decision-matrix.md")
    matrix = policy_of(text, tmp_path).decision_matrix

    assert list(matrix_problems(matrix, ("production",))) == []
    rows = {
        (change_class, risk): rule_on(
            "prod-sox",
            matrix,
            Case(
                change_class=change_class,
                risk=risk,
                environment="production",
                data_class="internal",
            ),
        )
        for change_class, risk in product(CLASSES, RISKS)
    }
    assert len(rows) == 12
    assert rows["standard", "unassessed"].row == "prod-sox#4"
    assert sum(need.count for need in rows["emergency", "low"].needs) == 2


def test_the_terms_of_the_page_on_gates_are_read(tmp_path):
    (matrix,) = yaml_of("decision-matrix.md")
    (gates,) = yaml_of("gates-and-waivers.md")

    spec = policy_of(f"{matrix.rstrip()}\n{gates}", tmp_path)

    assert [gate.name for gate in spec.gates] == ["tests", "coverage"]
    assert spec.gates[0].waiver.approvers == 2
    assert spec.gates[1].advisory
