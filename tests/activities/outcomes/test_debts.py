from datetime import timedelta

import pytest

from activities.ledger import open_ledger
from activities.outcomes.book import OutcomeBook
from activities.outcomes.debts import DebtBook
from tests.contract.test_outcomes import DAY, ended
from tests.workflows.domain.risk.worlds import TUESDAY_NOON
from workflows.domain.errors import PolicyViolated, TargetMissing
from workflows.domain.release.outcomes import Closing
from workflows.domain.release.phase import Phase


@pytest.fixture
def books(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield OutcomeBook(ledger), DebtBook(ledger)
    ledger.dispose()


def closing(release="release/shop/1"):
    return Closing(
        release=release, by="ana", finding="the pool was too small", at=TUESDAY_NOON + 20 * DAY
    )


def test_every_open_run_of_a_release_is_closed_at_once(books):
    """Started anew after a failure, it may owe twice for what one person looks into."""
    outcomes, debts = books
    first = ended(1, phase=Phase.ROLLED_BACK)
    outcomes.add(first)
    outcomes.add(first.model_copy(update={"run": "again", "ended_at": TUESDAY_NOON + 2 * DAY}))
    assert len(debts.open()) == 2

    debts.close(closing())

    assert debts.open() == ()


def test_a_later_failure_of_a_closed_release_is_open_again(books):
    outcomes, debts = books
    first = ended(1, phase=Phase.ROLLED_BACK)
    outcomes.add(first)
    debts.close(closing())
    outcomes.add(first.model_copy(update={"run": "again", "ended_at": TUESDAY_NOON + 30 * DAY}))

    (owed,) = debts.owed(("ledger",))

    assert owed.opened_at == TUESDAY_NOON + 30 * DAY
    later = closing().model_copy(update={"at": TUESDAY_NOON + timedelta(days=31)})
    debts.close(later)
    assert debts.open() == ()


def test_so_many_are_listed(books):
    outcomes, debts = books
    for number in range(4):
        outcomes.add(ended(number, within=DAY))

    assert len(debts.open(limit=3)) == 3


def test_nothing_is_closed_for_a_release_that_owes_nothing(books):
    _, debts = books

    with pytest.raises(TargetMissing):
        debts.close(closing("release/shop/9"))


def test_whoever_asked_for_any_run_of_a_release_does_not_close_it(books):
    """All of its runs are closed at once: one's own is not, whoever asked for another."""
    outcomes, debts = books
    first = ended(1, phase=Phase.ROLLED_BACK).model_copy(update={"requested_by": "ana"})
    outcomes.add(first)
    again = {"run": "again", "requested_by": "ben", "ended_at": TUESDAY_NOON + 2 * DAY}
    outcomes.add(first.model_copy(update=again))

    with pytest.raises(PolicyViolated, match="ana asked for release/shop/1"):
        debts.close(closing())

    assert len(debts.open()) == 2
