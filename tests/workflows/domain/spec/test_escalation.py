import pytest
from pydantic import ValidationError

from workflows.domain.spec.escalation import EscalateTo


@pytest.mark.parametrize("who", [{}, {"role": "sre", "person": "ana"}])
def test_a_level_asks_either_a_role_or_a_person(who):
    with pytest.raises(ValidationError, match="either role or person"):
        EscalateTo(**who, after="1h")


def test_a_level_has_a_span_that_a_timer_can_keep():
    with pytest.raises(ValidationError, match="greater than or equal"):
        EscalateTo(role="sre", after="10ms")
