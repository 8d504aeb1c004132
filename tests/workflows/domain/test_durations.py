from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from workflows.domain.durations import LONGEST, Duration, parse_duration, write_duration

spans = st.timedeltas(timedelta(0), LONGEST).map(
    lambda span: timedelta(milliseconds=span // timedelta(milliseconds=1))
)


@given(spans)
def test_what_is_written_is_read_back(span):
    assert parse_duration(write_duration(span)) == span


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("30s", timedelta(seconds=30)),
        ("1h30m", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("0s", timedelta(0)),
    ],
)
def test_units_are_read(written, span):
    assert parse_duration(written) == span


@pytest.mark.parametrize("written", ["", "30", "3x", "m", "1m1h", "-5s", "1.5h", "٣s", " 5s"])
def test_what_is_not_a_duration_is_refused(written):
    with pytest.raises(ValueError, match="is not a duration such as 30s"):
        parse_duration(written)


@pytest.mark.parametrize("written", ["367d", "99999999999d", f"{'9' * 5000}s"])
def test_more_than_a_year_is_a_slip_of_the_pen(written):
    with pytest.raises(ValueError, match="is longer than 366d"):
        parse_duration(written)


def test_a_number_without_a_unit_is_no_duration():
    with pytest.raises(ValidationError, match="valid duration"):
        TypeAdapter(Duration).validate_json("30", strict=True)
