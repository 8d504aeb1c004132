import pytest
from pydantic import ValidationError

from workflows.domain.spec.readiness import Aspect, ReadinessReviewSpec


def test_a_review_reopens_by_itself_on_all_that_was_decided_on_and_not_on_the_calendar():
    written = ReadinessReviewSpec.model_validate({"roles": ["sre"]})

    assert set(Aspect) - set(written.reopen_on) == {Aspect.CALENDAR}


@pytest.mark.parametrize(
    "wrong", [{"roles": []}, {"roles": ["sre", "sre"]}, {"roles": ["sre"], "reopenOn": ["moon"]}]
)
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValidationError):
        ReadinessReviewSpec.model_validate(wrong)
