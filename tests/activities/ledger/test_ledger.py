"""What a ledger says where its database cannot be used."""

import traceback

import pytest
from sqlalchemy import create_engine

from activities.ledger import ledger, open_ledger
from workflows.domain.errors import Unavailable

CANARY = "canary-of-the-ledger"


def test_a_ledger_that_is_away_is_opened_and_unavailable_when_used():
    away = open_ledger(f"postgresql+psycopg://app:{CANARY}@127.0.0.1:1/ledger")

    with pytest.raises(Unavailable, match="does not answer: OperationalError") as absence:
        away.page("release/shop/abc")

    assert "app:***@127.0.0.1:1/ledger" in str(absence.value)
    assert CANARY not in "".join(traceback.format_exception(absence.value))
    assert absence.value.__context__ is None


def test_a_login_that_cannot_be_leased_is_told_as_it_is():
    def no_login():
        raise Unavailable("vault: sealed")

    away = open_ledger("postgresql+psycopg://127.0.0.1:1/ledger", sign_in=no_login)

    with pytest.raises(Unavailable, match="vault: sealed"):
        away.open_leases("release/shop/abc")


def test_a_file_that_cannot_be_made_is_unavailable(tmp_path):
    nowhere = open_ledger(f"sqlite:///{tmp_path / 'missing' / 'ledger.db'}")

    with pytest.raises(Unavailable, match=r"missing/ledger\.db does not answer"):
        nowhere.open_leases("release/shop/abc")


def test_a_pool_without_a_free_connection_is_unavailable(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'ledger.db'}", pool_size=1, max_overflow=0)
    crowded = ledger(engine.execution_options())
    crowded.prepare()
    engine.pool._timeout = 0.01

    with engine.connect(), pytest.raises(Unavailable, match="stayed busy"):
        crowded.open_leases("release/shop/abc")

    crowded.dispose()


def test_a_kind_of_database_it_cannot_live_in_is_named():
    class Elsewhere:
        class dialect:  # noqa: N801 - as SQLAlchemy spells it
            name = "mysql"

    with pytest.raises(ValueError, match="mysql is not a database"):
        ledger(Elsewhere())
