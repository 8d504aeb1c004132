import asyncio

import pytest
from temporalio.exceptions import (
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    TerminatedError,
)

from workflows.domain.errors import ReleaseError, Stopped
from workflows.steps.child import restored


def failed(cause):
    error = ChildWorkflowError(
        "child failed",
        namespace="default",
        workflow_id="release/shop/1/production/checkout",
        run_id="1",
        workflow_type="PromotionWorkflow",
        initiated_event_id=1,
        started_event_id=2,
        retry_state=None,
    )
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("kind", sorted(ReleaseError.kinds))
def test_every_kind_of_error_comes_back_as_itself(kind):
    found = restored(failed(ApplicationError("why", type=kind)))

    assert type(found) is ReleaseError.kinds[kind]
    assert str(found) == "why"


def test_a_terminated_child_stops_its_release():
    found = restored(failed(TerminatedError("terminated")))

    assert isinstance(found, Stopped)
    assert str(found) == "release/shop/1/production/checkout was terminated"


def test_a_child_that_ended_for_any_other_reason_stops_its_release():
    found = restored(failed(ApplicationError("'route'", type="KeyError")))

    assert isinstance(found, Stopped)
    assert "KeyError: 'route'" in str(found)


def test_a_cancel_is_a_cancel():
    assert isinstance(restored(failed(CancelledError("cancelled"))), asyncio.CancelledError)
