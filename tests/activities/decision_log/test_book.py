"""An order is kept once, however often it is ruled on."""

from datetime import timedelta

from sqlalchemy import func, select

from activities.decision_log.book import DecisionBook
from activities.ledger import open_ledger
from activities.ledger.decision_tables import DECISION_ORDERS, DECISIONS
from tests.workflows.domain.admission.test_recorded import a_decision
from tests.workflows.domain.rules.ruled import NOON


def test_an_order_is_kept_once_however_often_it_is_ruled_on(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    book = DecisionBook(ledger)

    for hours in (1, 2, 3):
        book.keep(a_decision(at=NOON + timedelta(hours=hours)))

    counted = [
        ledger.read(lambda c, t=table: c.execute(select(func.count()).select_from(t)).scalar_one())
        for table in (DECISIONS, DECISION_ORDERS)
    ]
    ledger.dispose()
    assert counted == [3, 1]
