import pytest
from pydantic import ValidationError

from workflows.domain.spec.gates import GateSpec
from workflows.domain.spec.policy import PolicySpec

WAIVER = {"roles": ["security"]}


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ({"name": "approval", "waiver": WAIVER}, "approval cannot be waived: who must agree"),
        ({"name": "window", "waiver": WAIVER}, "a freeze has an override of its own"),
        ({"name": "approval", "timeout": "1h"}, "said in approvals.expireAfter"),
        ({"name": "window", "advisory": True}, "window cannot be advisory"),
        ({"name": "tests", "every": "0s"}, "greater than datetime"),
        ({"name": "tests", "waiver": {"roles": ["sre"], "approvers": 1}}, "greater than or equal"),
        ({"name": "tests", "waiver": {"roles": []}}, "at least 1 item"),
    ],
)
def test_terms_that_its_gate_cannot_have_are_refused(gate, said):
    with pytest.raises(ValidationError, match=said):
        GateSpec.model_validate(gate)


def test_a_gate_has_one_set_of_terms():
    document = {
        "approvals": {"require": [{"role": "sre"}]},
        "gates": [{"name": "tests"}, {"name": "tests", "advisory": True}],
    }

    with pytest.raises(ValidationError, match="named twice: tests"):
        PolicySpec.model_validate(document)
