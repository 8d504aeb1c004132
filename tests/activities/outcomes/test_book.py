from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.ledger import open_ledger
from activities.outcomes.book import OutcomeBook
from tests.contract.test_outcomes import MODEL, PATTERN, ended
from tests.workflows.domain.risk.worlds import TUESDAY_NOON
from workflows.domain.release.phase import Phase


@pytest.fixture
def ledger(tmp_path):
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def book(ledger):
    return OutcomeBook(ledger)


def test_filing_says_whether_it_was_new(book):
    assert book.add(ended(1))
    assert not book.add(ended(1))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outcomes SET ending = 'kept'",
        "DELETE FROM outcomes",
        "UPDATE retrospectives SET due_at = NULL",
        "DELETE FROM retrospectives",
    ],
)
def test_what_was_filed_stays_as_it_was_filed(ledger, book, statement):
    """Whoever could strike a failure from the ledger could earn what was lost."""
    book.add(ended(1, phase=Phase.ROLLED_BACK, within=timedelta(days=1)))

    with pytest.raises(DBAPIError, match="append-only"):
        ledger.write(lambda connection: connection.execute(text(statement)))


def test_ends_of_the_same_score_are_counted_together(book):
    one = ended(1)
    for number in range(30):
        book.add(one.model_copy(update={"run": f"run-{number}"}))

    (tally,) = book.outcomes(MODEL).tally

    assert tally.kept == 30


def test_trust_is_read_from_the_last_failure_on(book):
    for number in range(6):
        phase = Phase.ROLLED_BACK if number == 3 else Phase.HEALTHY
        book.add(ended(number, phase=phase))

    assert book.trust(PATTERN).failed == "release/shop/3"
    assert book.trust(PATTERN).clean == ()


def test_files_are_those_of_the_services_that_were_asked_for(book):
    book.add(ended(1, phase=Phase.ROLLED_BACK))

    assert book.troubled(("cards",), at=TUESDAY_NOON + timedelta(days=2)) == ()
