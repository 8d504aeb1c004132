"""What the tables hold, and what each database is told to refuse."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, create_mock_engine, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from activities.ledger.tables import (
    AUDIT_RECORD,
    CHAIN_HEADS,
    LEASES,
    Moment,
    create_schema,
    has_schema,
    metadata,
)

NOON = datetime(2026, 3, 1, 12, 0, 0, 7, tzinfo=UTC)
ROW = {
    "chain": "release/shop/abc",
    "position": 1,
    "key": "a",
    "at": NOON,
    "action": "shift_traffic",
    "sentence": "did a",
    "outcome": "done",
    "detail": "",
    "previous": "sha256:0",
    "hash": "sha256:1",
}


@pytest.fixture
def connection(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def recorded(connection):
    create_schema(connection)
    connection.execute(insert(AUDIT_RECORD).values(ROW))
    return connection


def statements_for(url):
    said = []
    engine = create_mock_engine(
        url,
        lambda statement, *_, **__: said.append(str(statement.compile(dialect=engine.dialect))),
    )
    metadata.create_all(engine, checkfirst=False)
    return "\n".join(said)


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


def test_an_open_lease_has_no_moment_of_closing(connection):
    create_schema(connection)
    lease = {"accessor": "one", "release": "r", "role": "read", "opened_at": NOON}

    connection.execute(insert(LEASES).values(lease))

    row = connection.execute(select(LEASES)).one()
    assert (row.opened_at, row.closed_at) == (NOON, None)


def test_the_schema_is_there_once_every_table_is(connection):
    assert not has_schema(connection)
    create_schema(connection)
    assert has_schema(connection)

    LEASES.drop(connection)

    assert not has_schema(connection)


def test_what_is_missing_is_made_beside_what_is_there(recorded):
    CHAIN_HEADS.drop(recorded)

    create_schema(recorded)

    assert has_schema(recorded)
    assert recorded.execute(select(AUDIT_RECORD.c.key)).scalars().all() == ["a"]


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("UPDATE audit_record SET sentence = 'nothing'", "UPDATE"),
        ("DELETE FROM audit_record", "DELETE"),
        ("INSERT OR REPLACE INTO audit_record SELECT * FROM audit_record", "REPLACE"),
    ],
)
def test_sqlite_refuses_to_change_what_was_recorded(recorded, statement, refused):
    with pytest.raises(IntegrityError, match=f"append-only: {refused} refused"):
        recorded.execute(text(statement))

    assert recorded.execute(select(AUDIT_RECORD.c.sentence)).scalars().all() == ["did a"]


@pytest.mark.parametrize("same", [{"position": 2}, {"key": "b"}])
def test_a_key_and_a_position_are_taken_once_in_a_chain(recorded, same):
    with pytest.raises(IntegrityError):
        recorded.execute(insert(AUDIT_RECORD).values(ROW | same))

    recorded.execute(insert(AUDIT_RECORD).values(ROW | same | {"chain": "release/other/1"}))


def test_postgresql_is_told_to_refuse_every_way_to_change_the_record():
    said = statements_for("postgresql+psycopg://")

    assert "BEFORE UPDATE OR DELETE ON audit_record" in said
    assert "BEFORE TRUNCATE ON audit_record" in said
    assert "the audit record is append-only: % refused" in said.replace("%%", "%")
    assert "RAISE(ABORT" not in said


def test_sqlite_is_told_nothing_of_postgresql_s_language():
    said = statements_for("sqlite://")

    assert "plpgsql" not in said
    assert said.count("RAISE(ABORT") == 3
    assert "WITHOUT ROWID" in said
