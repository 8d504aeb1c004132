from datetime import UTC, date, datetime, timedelta

import pytest

from workflows.domain.calendar.fiscal import FiscalSpec, YearEndSpec, closes, periods
from workflows.domain.calendar.spans import Span

LAST_SATURDAY = YearEndSpec(month=1, weekday="SA")
YEAR = Span(start_at=datetime(2026, 2, 10, tzinfo=UTC), end_at=datetime(2027, 2, 10, tzinfo=UTC))


def test_the_last_and_the_nearest_day_of_a_month():
    nearest = YearEndSpec(month=1, weekday="SA", rule="nearest")

    assert LAST_SATURDAY.of(2026) == date(2026, 1, 31)
    assert LAST_SATURDAY.of(2025) == date(2025, 1, 25)
    assert nearest.of(2025) == date(2025, 2, 1)
    assert nearest.of(2027) == date(2027, 1, 30)


@pytest.mark.parametrize("rule", ["last", "nearest"])
@pytest.mark.parametrize("pattern", ["4-4-5", "4-5-4", "5-4-4"])
def test_years_follow_each_other_without_a_gap_and_have_52_or_53_weeks(rule, pattern):
    spec = FiscalSpec(pattern=pattern, year_end=YearEndSpec(month=1, weekday="SA", rule=rule))
    last = periods(spec, 2019)[-1][2]

    for year in range(2020, 2040):
        found = periods(spec, year)
        weeks = [((end - start).days + 1) // 7 for _, start, end in found]
        assert found[0][1] == last + timedelta(days=1)
        assert sum(weeks) in {52, 53}
        assert "-".join(map(str, weeks[:3])) == pattern
        assert weeks[-1] == int(pattern[-1]) + sum(weeks) - 52
        last = found[-1][2]


def test_a_quarter_is_closed_by_the_days_of_its_zone():
    spec = FiscalSpec(year_end=LAST_SATURDAY, before=timedelta(days=1), after=timedelta(hours=36))

    first, *_ = found = list(closes(spec, "America/New_York", YEAR))

    assert [span.summary for span in found] == [
        "FY2027 Q1 close",
        "FY2027 Q2 close",
        "FY2027 Q3 close",
        "FY2027 Q4 close",
    ]
    assert first.start_at == datetime(2026, 5, 2, 4, tzinfo=UTC)  # 2 May 00:00 in New York
    assert first.end_at == datetime(2026, 5, 4, 16, tzinfo=UTC)


@pytest.mark.parametrize(("which", "count"), [("period", 12), ("quarter", 4), ("year", 1)])
def test_it_is_about_the_closes_that_are_asked_for(which, count):
    spec = FiscalSpec(year_end=LAST_SATURDAY, closes=which)

    assert len(list(closes(spec, "UTC", YEAR))) == count
