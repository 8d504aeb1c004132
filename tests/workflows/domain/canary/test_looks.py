from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canary.looks import until_next_look

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
spans = st.timedeltas(min_value=timedelta(milliseconds=1), max_value=timedelta(days=366))


@given(interval=spans, duration=spans, elapsed=spans)
def test_within_its_time_a_step_looks_at_its_interval_and_never_more_often(
    interval, duration, elapsed
):
    rest = until_next_look(interval=interval, duration=duration, elapsed=elapsed)

    assert rest >= interval
    if elapsed <= duration:
        assert rest == interval


def looks(held):
    """How many looks there are at a step of a minute that is *held*."""
    elapsed, count = timedelta(0), 0
    while elapsed < held:
        elapsed += until_next_look(interval=SECOND, duration=MINUTE, elapsed=elapsed)
        count += 1
    return count


def test_a_hold_of_any_length_fits_into_a_history():
    assert looks(DAY) < 600
    assert looks(366 * DAY) < 1200


def test_in_the_first_hours_harm_is_seen_within_minutes():
    held = timedelta(hours=8)

    assert until_next_look(interval=SECOND, duration=MINUTE, elapsed=held) <= 5 * MINUTE
