import pytest
from pydantic import ValidationError

from workflows.domain.spec.policy import PolicySpec

SRE = {"role": "sre", "count": 1}
MATRIX = {
    "inputs": ["risk"],
    "rules": [
        {"risk": "low", "require": []},
        {"risk": ["medium", "high", "unassessed"], "require": [SRE, {"role": "product"}]},
    ],
}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({}, "nothing says who must agree"),
        ({"approvals": {"require": [SRE]}, "decisionMatrix": MATRIX}, "both say who must agree"),
    ],
)
def test_a_policy_says_in_one_way_who_must_agree(spec, said):
    with pytest.raises(ValidationError, match=said):
        PolicySpec.model_validate(spec)


def test_whoever_any_row_asks_is_asked():
    """The order must bring along everybody who may have to agree, whatever the risk turns out."""
    policy = PolicySpec.model_validate({"decisionMatrix": MATRIX})

    assert [rule.role for rule in policy.asked] == ["sre", "product"]
