"""Which revision a ledger is at, and what is refused; both databases in the contract suite."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import activities.ledger
from activities.ledger.upgrading import (
    LedgerAhead,
    _scripts,
    is_current,
    newest,
    revision_of,
    upgrade,
)


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_new_ledger_is_brought_to_the_newest_revision_once(connection):
    assert revision_of(connection) is None
    assert not is_current(connection, place="here")

    upgrade(connection, place="here")
    upgrade(connection, place="here")

    assert revision_of(connection) == newest()
    assert is_current(connection, place="here")


def test_a_ledger_of_a_newer_build_is_refused_and_left_alone(connection):
    upgrade(connection, place="here")
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for used in (is_current, upgrade):
        with pytest.raises(LedgerAhead, match=r"ledger here is at revision 9999.*at least as new"):
            used(connection, place="here")

    assert revision_of(connection) == "9999"


def test_revisions_are_one_line_and_each_file_is_named_by_its_own():
    folder = Path(activities.ledger.__file__).parent / "migrations" / "versions"
    files = {file.name for file in folder.glob("*.py")}

    line = list(_scripts().walk_revisions())

    assert len(_scripts().get_heads()) == 1
    assert {Path(script.path).name for script in line} == files
    assert [s.revision for s in line if not Path(s.path).name.startswith(f"{s.revision}_")] == []
