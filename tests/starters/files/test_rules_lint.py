"""Rules are looked over when a catalog is read, with the file and line of what is wrong."""

import pytest

from starters.files.catalog import read_catalog
from starters.files.sample_files import write_sample

POLICY = """
---
apiVersion: lockgate.dev/v1alpha1
kind: Policy
metadata: {name: ruled}
spec:
  approvals: {require: [{role: ROLE}]}
  rules: {files: [rules/prod.rego]}
"""


@pytest.fixture
def problems(tmp_path):
    write_sample(tmp_path)
    folder = tmp_path / "catalog"
    (folder / "rules").mkdir()
    people = (folder / "people.yaml").read_text()
    role = people.split("roles: [")[1].split("]")[0].split(",")[0]

    def found(rules, *, more=""):
        (folder / "policies.yaml").write_text(POLICY.replace("ROLE", role) + more)
        if rules is not None:
            (folder / "rules" / "prod.rego").write_text(rules)
        return [
            (problem.place.file.rpartition("/")[2], problem.place.line, problem.message)
            for problem in read_catalog(folder).problems
        ]

    return found


def test_rules_in_order_are_no_problem(problems):
    assert problems('package lockgate\n\ndeny contains "x" if input.environment == "y"\n') == []


def test_what_cannot_be_parsed_is_named_where_it_stands(problems):
    assert problems("package lockgate\n\ndeny contains x {\n") == [
        ("prod.rego", 3, "`if` keyword is required before rule body")
    ]


def test_a_field_that_no_input_has_is_named_with_the_nearest(problems):
    assert problems('package lockgate\n\ndeny contains "x" if input.enviroment == "y"\n') == [
        ("prod.rego", 3, "reads input.enviroment, which no input has; did you mean environment?")
    ]


def test_a_package_that_says_nothing_is_named_at_the_policy(problems):
    assert problems("package other\n\nx := 1\n") == [
        (
            "policies.yaml",
            8,
            "package lockgate of these files defines none of deny, warn, require",
        )
    ]


def test_a_file_that_is_missing_is_one_problem(problems):
    assert len(problems(None)) == 1
