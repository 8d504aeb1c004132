import json

import pytest
from pydantic import ValidationError

from workflows.domain.spec.release import RollbackSpec


def read(budget):
    document = json.dumps({"harmBudget": budget})
    return RollbackSpec.model_validate_json(document, strict=True, by_name=False).harm_budget


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ({}, "Value error, give failedRequests, lost or both: this budget bounds nothing"),
        ({"failedRequests": -1}, "Input should be greater than or equal to 0"),
        ({"lost": {"metric": "orders", "amount": 0}}, "Input should be greater than 0"),
        ({"lost": {"metric": "orders"}}, "Field required"),
    ],
)
def test_a_budget_that_bounds_nothing_is_refused(budget, said):
    with pytest.raises(ValidationError) as caught:
        read(budget)

    assert [error["msg"] for error in caught.value.errors()] == [said]


def test_a_budget_may_allow_no_failure_at_all():
    assert read({"failedRequests": 0}).failed_requests == 0


def test_without_a_budget_nothing_bounds_a_release():
    assert RollbackSpec().harm_budget is None
