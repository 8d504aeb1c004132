"""What is promised of declared freezes, on SQLite, on PostgreSQL, and of their fake."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from activities.audit import AuditActivities
from activities.freezes import FreezesActivities
from activities.ledger import open_ledger
from tests.fakes.freezes import FakeFreezes
from workflows.domain.calendar.declared import CHAIN
from workflows.domain.calendar.scope import Scope
from workflows.domain.calendar.windows import Freeze, InFlight, Move
from workflows.domain.errors import Refused, TargetMissing
from workflows.ports.audit import ReadRecord
from workflows.ports.freezes import DeclareFreeze, LiftFreeze, ReadFreezes

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def place(kind, request, tmp_path):
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    postgres = request.getfixturevalue("postgres")
    return f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/{postgres.database()}"


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def ports(request, tmp_path):
    """The freezes, and the audit record that they are told in."""
    if request.param == "fake":
        freezes = FakeFreezes()
        yield freezes, freezes.audit
        return
    ledger = open_ledger(place(request.param, request, tmp_path))
    yield FreezesActivities(ledger), AuditActivities(ledger)
    ledger.dispose()


@pytest.fixture
def port(ports):
    return ports[0]


def freeze(name="incident-7", *, start=0, end=4, declared=0, **more):
    return Freeze(
        name=name,
        reason="payments fail",
        declared_by="ana",
        declared_at=NOON + declared * HOUR,
        start_at=NOON + start * HOUR,
        end_at=None if end is None else NOON + end * HOUR,
        **more,
    )


def declare(port, *freezes):
    return [port.declare_freeze(DeclareFreeze(freeze=one)) for one in freezes]


def lift(port, name="incident-7", *, at=1, by="ben"):
    return port.lift_freeze(LiftFreeze(name=name, by=by, reason="fixed", at=NOON + at * HOUR))


def known(port, *, at=0, past=False):
    return port.read_freezes(ReadFreezes(at=NOON + at * HOUR, past=past)).freezes


def record(ports):
    page = ports[1].read_record(ReadRecord(release=CHAIN))
    return [(one.entry.action, one.entry.actor) for one in page.links]


def test_a_freeze_is_read_as_it_was_declared(port):
    whole = freeze(
        scope=Scope(regions=("eu-west",), teams=("shop",)),
        moves=(Move.START, Move.APPROVE),
        in_flight=InFlight.UNWIND,
    )

    declare(port, whole)

    assert known(port) == (whole,)


def test_freezes_come_by_their_start_with_those_to_come(port):
    declare(port, freeze("later", start=9, end=10), freeze("endless", end=None), freeze("now"))

    assert [one.name for one in known(port)] == ["endless", "now", "later"]


def test_a_freeze_that_is_over_is_of_the_past(port):
    declare(port, freeze(end=4))

    assert known(port, at=3) != ()
    assert known(port, at=4) == ()
    assert [one.name for one in known(port, at=4, past=True)] == ["incident-7"]


def test_told_twice_it_is_kept_and_recorded_once(ports):
    port, _ = ports
    declare(port, freeze(), freeze())

    assert len(known(port)) == 1
    assert record(ports) == [("declare_freeze", "ana")]


def test_a_second_freeze_of_a_name_that_is_on_is_refused(ports):
    port, _ = ports
    declare(port, freeze())

    with pytest.raises(Refused, match="was declared by ana already: payments fail; lift it first"):
        declare(port, freeze(declared=1))

    assert record(ports) == [("declare_freeze", "ana")]
    assert known(port) == (freeze(),)


def test_what_is_lifted_is_on_no_more_and_its_name_is_free(ports):
    port, _ = ports
    declare(port, freeze(end=None))

    lifted = lift(port)
    declare(port, freeze(declared=2, start=2))

    assert (lifted.lifted_by, lifted.lifted_at) == ("ben", NOON + HOUR)
    assert [one.start_at for one in known(port, at=2)] == [NOON + 2 * HOUR]
    assert [one.lifted_by for one in known(port, past=True)] == ["ben", None]
    assert record(ports) == [
        ("declare_freeze", "ana"),
        ("lift_freeze", "ben"),
        ("declare_freeze", "ana"),
    ]


def test_it_is_lifted_once(ports):
    port, _ = ports
    declare(port, freeze())

    lift(port, at=1)
    again = lift(port, at=2, by="carl")

    assert (again.lifted_by, again.lifted_at) == ("ben", NOON + HOUR)
    assert record(ports) == [("declare_freeze", "ana"), ("lift_freeze", "ben")]


def test_what_was_never_declared_cannot_be_lifted(port):
    with pytest.raises(TargetMissing, match="there is no freeze 'incident-9'"):
        lift(port, "incident-9")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE freezes SET end_at = NULL",
        "DELETE FROM freezes",
        "UPDATE freeze_lifts SET by = 'eve'",
        "DELETE FROM freeze_lifts",
    ],
)
def test_nobody_changes_what_was_declared(kind, statement, request, tmp_path):
    url = place(kind, request, tmp_path)
    ledger = open_ledger(url)
    port = FreezesActivities(ledger)
    declare(port, freeze())
    lift(port)
    engine = create_engine(url)

    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement.replace(" by ", ' "by" ')))

    assert [one.lifted_by for one in known(port, past=True)] == ["ben"]
    engine.dispose()
    ledger.dispose()
