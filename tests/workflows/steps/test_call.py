"""What a failed ask becomes inside a story; calls themselves are tested in tests/engine."""

import asyncio

import pytest
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    TimeoutError,
    TimeoutType,
)

from workflows.domain.errors import ReleaseError, Unavailable
from workflows.ports.secrets import RevokeLeases
from workflows.steps.call import _restored

ASK = RevokeLeases(release="release/shop/1")


def failed(cause):
    error = ActivityError(
        "activity failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="worker",
        activity_type="revoke_leases",
        activity_id="1",
        retry_state=None,
    )
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("kind", sorted(ReleaseError.kinds))
def test_every_kind_of_error_comes_back_as_itself(kind):
    restored = _restored(failed(ApplicationError("what and where", type=kind)), ASK)

    assert type(restored) is ReleaseError.kinds[kind]
    assert str(restored) == "what and where"


def test_an_ask_that_ran_out_of_time_names_the_last_failure():
    cause = TimeoutError(
        "activity timeout", type=TimeoutType.SCHEDULE_TO_CLOSE, last_heartbeat_details=[]
    )
    cause.__cause__ = ApplicationError("vault is sealed", type="Unavailable")

    restored = _restored(failed(cause), ASK)

    assert isinstance(restored, Unavailable)
    assert str(restored).startswith(str(ASK))
    assert "vault is sealed" in str(restored)


def test_a_bug_behind_a_port_counts_as_an_ask_that_was_never_answered():
    """Else it would end the story there and then, in the middle of a rollback as well."""
    restored = _restored(failed(ApplicationError("'lease'", type="KeyError")), ASK)

    assert isinstance(restored, Unavailable)
    assert str(restored) == f"{ASK}: no answer: KeyError: 'lease'"


def test_a_cancel_is_a_cancel():
    assert isinstance(_restored(failed(CancelledError("cancelled")), ASK), asyncio.CancelledError)
