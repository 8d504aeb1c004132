from pathlib import Path

import pytest

from starters.files.catalog import read_catalog
from tests.starters.files.test_references import GUARDED

POLICY = """\
spec:
  approvals: {{require: [{{role: sre}}]}}
  criteria: [{{name: tests, evidence: test-result}}]
  gates:
  - {gate}
"""


@pytest.fixture
def said(spoil):
    """What lint says of a policy with this gate, without the file's name."""

    def said(gate):
        spoil("catalog/rules.yaml", GUARDED, POLICY.format(gate=gate))
        return [str(p).partition(":")[2] for p in read_catalog(Path("catalog")).problems]

    return said


@pytest.mark.parametrize(
    ("gate", "problem"),
    [
        (
            "{name: test}",
            "32:12: spec.gates[0].name: test is no criterion of this policy; did you mean tests?",
        ),
        (
            "{name: tests, waiver: {roles: [sre], approvers: 3}}",
            (
                "32:35: spec.gates[0].waiver.roles: takes 3 people, and ana, ben in the catalog "
                "may waive"
            ),
        ),
        (
            "{name: tests, escalateTo: [{role: srx, after: 1h}]}",
            "32:39: spec.gates[0].escalateTo[0].role: role srx is nobody in the catalog",
        ),
        (
            "{name: window, escalateTo: [{person: zoe, after: 1h}]}",
            "32:42: spec.gates[0].escalateTo[0].person: person zoe is nobody in the catalog",
        ),
    ],
)
def test_terms_that_nobody_could_keep_are_named_where_they_stand(said, gate, problem):
    assert said(gate) == [problem]


@pytest.mark.parametrize(
    "gate",
    [
        "{name: approval, owner: sre}",
        "{name: tests, stableFor: 10m, waiver: {roles: [sre]}}",
        "{name: readiness, escalateTo: [{person: ana, after: 1h}]}",
    ],
)
def test_terms_that_can_be_kept_are_in_order(said, gate):
    assert said(gate) == []
