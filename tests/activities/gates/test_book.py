from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from activities.gates.book import GateBook, PublishedMatrix
from activities.ledger import open_ledger
from activities.ledger.gate_tables import GATE_WAITS, MATRICES
from tests.builders import build_of
from workflows.domain.gates.waits import GateOutcome, GateWait

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path):
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.dispose()


def a_wait(key="run#tests of production", *, hour=0):
    at = NOON + timedelta(hours=hour)
    return GateWait(
        key=key,
        release="release/shop/1",
        environment="production",
        gate="tests",
        builds={"checkout": build_of("checkout", "v2")},
        opened_at=at,
        closed_at=at + timedelta(minutes=1),
        seconds=60.5,
        outcome=GateOutcome.WAIVED,
        reason="no tests yet",
    )


def test_a_wait_is_read_as_it_was_kept(ledger):
    book = GateBook(ledger)

    assert book.add((a_wait(),)) == 1

    assert book.since(NOON) == (a_wait(),)
    assert book.since(NOON + timedelta(seconds=1)) == ()


def test_a_wait_is_kept_once(ledger):
    """The activity may be asked again; a later word under the same key changes nothing."""
    book = GateBook(ledger)
    book.add((a_wait(),))

    later = a_wait().model_copy(update={"seconds": 1.0})

    assert book.add((later, a_wait("other", hour=1))) == 1
    assert [wait.seconds for wait in book.since(NOON)] == [60.5, 60.5]


@pytest.mark.parametrize("table", [GATE_WAITS, MATRICES])
def test_nothing_that_was_kept_can_be_changed_or_taken_out(ledger, table):
    book = GateBook(ledger)
    book.add((a_wait(),))
    book.publish(
        PublishedMatrix(policy="prod", digest=build_of("a", "b"), page="# page", published_at=NOON)
    )

    with pytest.raises(DBAPIError, match="append-only"):
        ledger.write(lambda connection: connection.execute(table.delete()))


def test_two_workers_that_see_a_matrix_at_once_publish_it_once(ledger):
    book = GateBook(ledger)
    ledger.prepare()
    matrix = PublishedMatrix(
        policy="prod", digest=build_of("a", "b"), page="# page", published_at=NOON
    )

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: book.publish(matrix).first, range(8)))

    assert found.count(True) == 1
