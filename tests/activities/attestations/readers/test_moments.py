"""Moments as formats write them; nonsense is no moment."""

from datetime import UTC, datetime

import pytest

from activities.attestations.readers.moments import epoch, latest, moment

NINE = datetime(2026, 11, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("2026-11-10T09:00:00Z", NINE),
        ("2026-11-10T10:00:00+01:00", NINE),
        ("2026-11-10T09:00:00", NINE),
        (" 2026-11-10T09:00:00Z ", NINE),
        ("yesterday", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("", None),
        (None, None),
    ],
)
def test_iso_moments(written, found):
    assert moment(written) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (str(int(NINE.timestamp())), NINE),
        (str(int(NINE.timestamp() * 1000)), NINE),
        ("0", None),
        ("nan", None),
        ("inf", None),
        ("1e300", None),
        (None, None),
    ],
)
def test_seconds_or_milliseconds(written, found):
    assert epoch(written) == found


def test_the_latest_of_those_there_are():
    assert latest([None, NINE, None]) == NINE
    assert latest([None]) is None
