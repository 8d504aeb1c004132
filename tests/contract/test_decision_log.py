"""What is promised of rulings that are kept, on SQLite, on PostgreSQL, and of their fake."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from activities.decision_log import DecisionLogActivities
from activities.ledger import open_ledger
from tests.fakes.decision_log import FakeDecisionLog
from tests.workflows.domain.admission.test_recorded import STEEP, a_decision
from tests.workflows.domain.rules.ruled import NOON
from workflows.domain.admission.recorded import Verdict
from workflows.domain.errors import Diverged, TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.decision_log import ListDecisions, ReadDecision, RecordDecision

HOUR = timedelta(hours=1)


def place(kind, request, tmp_path):
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    postgres = request.getfixturevalue("postgres")
    return f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/{postgres.database()}"


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def port(request, tmp_path):
    if request.param == "fake":
        yield FakeDecisionLog()
        return
    ledger = open_ledger(place(request.param, request, tmp_path))
    yield DecisionLogActivities(ledger)
    ledger.dispose()


def keep(port, decision):
    return port.record_decision(RecordDecision(decision=decision)).digest


def listed(port, **asked):
    return port.list_decisions(ListDecisions(**asked)).decisions


def test_a_ruling_is_read_back_as_it_was_made(port):
    decision = a_decision()

    digest = keep(port, decision)

    assert digest == decision.digest
    assert port.read_decision(ReadDecision(digest=digest)) == decision


def test_the_same_ruling_is_kept_once(port):
    assert keep(port, a_decision()) == keep(port, a_decision())
    assert len(listed(port)) == 1


def test_the_newest_are_listed_first_and_no_more_than_asked_for(port):
    for hours in (0, 2, 1):
        keep(port, a_decision(at=NOON + hours * HOUR))

    assert [entry.at - NOON for entry in listed(port, limit=2)] == [2 * HOUR, HOUR]


def test_the_rulings_of_one_name_can_be_asked_for(port):
    keep(port, a_decision())
    keep(port, a_decision(STEEP, name="another"))

    (entry,) = listed(port, name="another")

    assert (entry.name, entry.verdict) == ("another", Verdict.DENIED)


def test_a_ruling_that_nobody_kept_is_missing(port):
    with pytest.raises(TargetMissing):
        port.read_decision(ReadDecision(digest=digest_of("nothing")))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    return place(request.param, request, tmp_path)


def test_what_was_kept_stays_as_it_was(url):
    ledger = open_ledger(url)
    keep(DecisionLogActivities(ledger), a_decision())
    ledger.dispose()

    engine = create_engine(url)
    for change in ("UPDATE decisions SET verdict = 'denied'", "DELETE FROM decision_orders"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(change))
    engine.dispose()


def test_a_ruling_that_was_changed_by_its_owner_is_not_given_out(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = open_ledger(url)
    port = DecisionLogActivities(ledger)
    digest = keep(port, a_decision())
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER decisions_is_not_updated"))
        connection.execute(text("UPDATE decisions SET text = replace(text, 'steep', 'gentle')"))
    engine.dispose()

    with pytest.raises(Diverged, match="changed outside"):
        port.read_decision(ReadDecision(digest=digest))
    ledger.dispose()
