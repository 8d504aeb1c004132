"""Moments as each database keeps them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from activities.ledger.schema import Moment

NOON = datetime(2026, 3, 1, 12, 0, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_a_moment_of_any_zone_comes_back_as_the_same_moment_in_utc(dialect):
    berlin = NOON.astimezone(timezone(timedelta(hours=2)))
    kind = Moment()

    stored = kind.process_bind_param(berlin, dialect)
    found = kind.process_result_value(stored, dialect)

    assert (found, found.tzinfo) == (NOON, UTC)


def test_sqlite_is_given_no_zone_and_postgresql_is_given_utc():
    kind = Moment()

    assert kind.process_bind_param(NOON, sqlite.dialect()).tzinfo is None
    assert kind.process_bind_param(NOON, postgresql.dialect()).tzinfo is UTC


def test_a_session_of_another_zone_is_read_in_utc():
    """PostgreSQL answers in the zone of the session."""
    berlin = NOON.astimezone(timezone(timedelta(hours=2)))

    assert Moment().process_result_value(berlin, postgresql.dialect()).tzinfo is UTC


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_no_moment_stays_none(dialect):
    assert Moment().process_bind_param(None, dialect) is None
    assert Moment().process_result_value(None, dialect) is None
