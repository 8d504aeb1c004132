"""Who declares at the same moment; the rest is in tests/contract/test_freezes.py."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from activities.freezes import FreezesActivities
from activities.ledger import open_ledger
from workflows.domain.calendar.windows import Freeze
from workflows.domain.errors import Refused
from workflows.ports.freezes import DeclareFreeze, ReadFreezes

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def declared_by(who):
    return DeclareFreeze(
        freeze=Freeze(
            name="stop-the-line",
            reason=f"{who} saw it",
            declared_by=who,
            declared_at=NOON,
            start_at=NOON,
        )
    )


def test_of_those_who_stop_the_line_at_once_one_does(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    port = FreezesActivities(ledger)

    def declare(who):
        try:
            return port.declare_freeze(declared_by(who))
        except Refused:
            return None

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(declare, ["ana", "ben", "carl", "dora", "eve", "finn"]))

    (kept,) = port.read_freezes(ReadFreezes(at=NOON)).freezes
    assert [one for one in done if one] == [kept]
    ledger.dispose()
