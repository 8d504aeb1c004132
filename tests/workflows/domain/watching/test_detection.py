from datetime import UTC, datetime, timedelta

from workflows.domain.canary.watch import Cause
from workflows.domain.values import Target
from workflows.domain.watching.detection import Detection

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
FOUND = Detection(
    target=Target(service="checkout", environment="production"),
    cause=Cause.JUDGE,
    metric="error-rate",
    reason="error-rate +240 %",
    requests=900,
    failed=40,
    exposed_at=NOON,
    decided_at=NOON + timedelta(seconds=75),
    back_at=NOON + timedelta(seconds=77.5),
)


def test_it_is_a_sentence():
    assert str(FOUND) == (
        "error-rate +240 %; found 75.0 s after the first users met it, back at 0 % 2.5 s later; "
        "900 requests on the new version, 40 failed"
    )


def test_programs_read_the_times_as_seconds():
    written = FOUND.model_dump(mode="json", by_alias=True)

    assert (written["secondsToDetect"], written["secondsToGoBack"]) == (75.0, 2.5)


def test_who_is_not_back_has_no_time_of_it():
    open_ = FOUND.model_copy(update={"back_at": None})

    assert open_.seconds_to_go_back is None
    assert "back at" not in str(open_)
