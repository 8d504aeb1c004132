from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workflows.domain.calendar.spans import Span, gaps, merged, without

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = Span(start_at=NOON, end_at=NOON + 24 * HOUR)


def span(start, end):
    return Span(start_at=NOON + start * HOUR, end_at=NOON + end * HOUR)


some = st.lists(
    st.tuples(st.integers(-4, 26), st.integers(1, 9)).map(lambda p: span(p[0], p[0] + p[1]))
)


def test_a_span_without_length_is_none():
    with pytest.raises(ValidationError, match="not after its start"):
        span(1, 1)


def test_its_end_is_not_part_of_it():
    assert span(0, 1).covers(NOON)
    assert not span(0, 1).covers(NOON + HOUR)
    assert not span(0, 1).overlaps(NOON + HOUR, NOON + HOUR)
    assert not span(0, 1).overlaps(NOON - HOUR, NOON)


def test_an_interval_without_length_is_its_one_moment():
    assert span(0, 1).overlaps(NOON, NOON)


@given(some)
def test_every_hour_is_covered_by_the_union_or_by_a_gap_and_never_by_both(spans):
    free = list(gaps(spans, DAY))

    for hour in range(24):
        at = NOON + hour * HOUR
        covered = any(one.covers(at) for one in spans)
        assert any(one.covers(at) for one in merged(spans)) == covered
        assert any(one.covers(at) for one in free) != covered


@given(some)
def test_what_is_left_of_a_day_is_what_was_not_taken(taken):
    left = list(without(DAY, taken))

    for hour in range(24):
        at = NOON + hour * HOUR
        assert any(s.covers(at) for s in left) != any(s.covers(at) for s in taken)


def test_spans_that_touch_are_one():
    assert merged([span(2, 3), span(0, 2)]) == [span(0, 3)]


def test_what_two_share_is_never_less_than_nothing():
    assert span(0, 2).shared(NOON + HOUR, NOON + 9 * HOUR) == HOUR
    assert span(0, 2).shared(NOON + 5 * HOUR, NOON + 9 * HOUR) == timedelta(0)
