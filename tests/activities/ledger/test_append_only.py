"""What a table refuses once its rows are to stay; PostgreSQL's side runs in the contract suite."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from activities.ledger.append_only import _rules, keep_rows


@pytest.fixture
def kept():
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(
            text("CREATE TABLE kept (a TEXT, b TEXT, PRIMARY KEY (a), UNIQUE (b)) WITHOUT ROWID")
        )
        connection.execute(text("INSERT INTO kept VALUES ('1', 'x')"))
        keep_rows(connection, "kept", unique=(("a",), ("b",)))
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("UPDATE kept SET b = 'y'", "UPDATE"),
        ("DELETE FROM kept", "DELETE"),
        ("INSERT OR REPLACE INTO kept VALUES ('1', 'y')", "REPLACE"),
        ("INSERT OR REPLACE INTO kept VALUES ('2', 'x')", "REPLACE"),
    ],
)
def test_sqlite_refuses_to_change_a_row_that_is_kept(kept, statement, refused):
    with pytest.raises(IntegrityError, match=f"kept is append-only: {refused} refused"):
        kept.execute(text(statement))

    assert kept.execute(text("SELECT a, b FROM kept")).all() == [("1", "x")]


def test_another_row_is_added_all_the_same(kept):
    kept.execute(text("INSERT INTO kept VALUES ('2', 'y')"))

    assert kept.execute(text("SELECT count(*) FROM kept")).scalar_one() == 2


def test_postgresql_is_told_to_refuse_every_way_to_change_a_row():
    (said,) = _rules("postgresql", "kept", (("a",),))

    assert "BEFORE UPDATE OR DELETE ON kept" in said
    assert "BEFORE TRUNCATE ON kept" in said
    assert "RAISE(ABORT" not in said
