"""Without an answer there is a plan all the same; tests/engine/test_plan.py has the answers."""

import pytest
from temporalio.exceptions import ApplicationError, TimeoutError, TimeoutType

from starters.planning.measuring import _why, measure
from tests.builders import an_order
from workflows.domain.admission.admission import admit


def test_without_temporal_every_target_says_why(monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    plan = admit(an_order()).plan

    (found,) = measure(plan.promotions).values()

    assert found.traffic is None
    assert found.why_not.startswith("Temporal at 127.0.0.1:1 cannot be reached")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (
            TimeoutError("late", type=TimeoutType.SCHEDULE_TO_START, last_heartbeat_details=()),
            "no worker answers on the queue `traffic`: `lockgate doctor`",
        ),
        (ApplicationError("no such router", type="TargetMissing"), "no such router"),
        (ValueError("odd"), "odd"),
    ],
)
def test_each_way_to_get_no_answer_is_told(cause, words):
    assert _why(cause, "traffic") == words
