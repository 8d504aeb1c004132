"""The owner's way to the ledger's schema, without Temporal and without a pool."""

import pytest
from sqlalchemy import create_engine, text

from activities.ledger.upgrading import newest
from infra.settings import SETTINGS_VARIABLE
from workers.main import run


@pytest.fixture
def place(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    file = tmp_path / "settings.toml"
    file.write_text(
        f"[vault]\naddress = 'http://127.0.0.1:1'\napproles = '{tmp_path}'\n"
        f"[ledger]\nurl = '{url}'\n"
    )
    monkeypatch.setenv(SETTINGS_VARIABLE, str(file))
    return url


def test_it_says_what_the_ledger_is_at_and_changes_nothing(place, capsys):
    assert run(["ledger", "current"]) == 0
    assert run(["ledger", "current"]) == 0

    said = f"{place}: revision none, this build knows {newest()}\n"
    assert capsys.readouterr().out == said * 2


def test_it_brings_the_ledger_to_the_newest_revision_and_says_from_where(place, capsys):
    assert run(["ledger", "upgrade"]) == 0

    told = capsys.readouterr().out
    assert told == f"{place}: revision {newest()}, this build knows {newest()}; it was none\n"


def test_a_ledger_of_a_newer_build_is_told_and_left_alone(place, capsys):
    run(["ledger", "upgrade"])
    engine = create_engine(place)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    assert run(["ledger", "upgrade"]) == 2
    assert "is at revision 9999" in capsys.readouterr().err


def test_a_ledger_that_is_away_is_to_be_tried_again(tmp_path, monkeypatch, capsys):
    file = tmp_path / "settings.toml"
    file.write_text(
        f"[vault]\naddress = 'http://127.0.0.1:1'\napproles = '{tmp_path}'\n"
        "[ledger]\nurl = 'postgresql+psycopg://app@127.0.0.1:1/ledger'\n"
    )
    monkeypatch.setenv(SETTINGS_VARIABLE, str(file))

    assert run(["ledger", "current"]) == 75
    assert "does not answer" in capsys.readouterr().err


def test_a_verb_it_does_not_know_is_wrong_usage(place):
    with pytest.raises(SystemExit, match="2"):
        run(["ledger", "downgrade"])
