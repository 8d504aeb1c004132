from datetime import timedelta

import pytest
from pydantic import ValidationError

from workflows.domain.spec.approvals import ApprovalsSpec


def test_a_gate_is_open_for_a_day_unless_it_says_otherwise():
    assert ApprovalsSpec().expire_after == timedelta(hours=24)


@pytest.mark.parametrize("require", [[], [{"role": "sre", "count": 0}], [{"role": "sre"}] * 11])
def test_a_gate_asks_for_somebody_and_not_for_everybody(require):
    with pytest.raises(ValidationError):
        ApprovalsSpec.model_validate({"require": require})
