"""What is promised of waits and published matrices: SQLite, PostgreSQL, and their fake."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.audit import AuditActivities
from activities.gates import GatesActivities
from activities.ledger import open_ledger
from tests.builders import build_of
from tests.fakes.gates import FakeGates
from workflows.domain.gates.waits import GateOutcome, GateWait
from workflows.ports.audit import ReadRecord
from workflows.ports.gates import PublishMatrix, RecordGateWaits, ReportGates

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MATRIX = {"inputs": ["risk"], "rules": [{"require": [{"role": "sre", "count": 1}]}]}


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def ports(request, tmp_path):
    """The gates, and the audit record that publications are told in."""
    if request.param == "fake":
        gates = FakeGates()
        yield gates, gates.audit
        return
    place = f"sqlite:///{tmp_path / 'ledger.db'}"
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        place = f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/{postgres.database()}"
    ledger = open_ledger(place)
    yield GatesActivities(ledger), AuditActivities(ledger)
    ledger.dispose()


@pytest.fixture
def port(ports):
    return ports[0]


def a_wait(hour, outcome, version):
    at = NOON + hour * HOUR
    return GateWait(
        key=f"run-{hour}#tests",
        release=f"release/shop/{hour}",
        environment="production",
        gate="tests",
        builds={"checkout": build_of("checkout", version)},
        opened_at=at,
        closed_at=at + HOUR,
        seconds=1800.0,
        outcome=outcome,
    )


WAITS = (a_wait(0, GateOutcome.EXPIRED, "v2"), a_wait(1, GateOutcome.OPENED, "v3"))


def test_waits_that_were_kept_are_reported(port):
    assert port.record_gate_waits(RecordGateWaits(waits=WAITS)).added == 2

    found = port.report_gates(ReportGates(since=NOON))

    assert found.releases == 2
    (tests,) = found.gates
    assert (tests.minutes, tests.denials, tests.true_catches) == (60.0, 1, 1)


def test_waits_are_kept_once(port):
    port.record_gate_waits(RecordGateWaits(waits=WAITS))

    assert port.record_gate_waits(RecordGateWaits(waits=WAITS)).added == 0


def test_what_was_before_is_not_reported(port):
    port.record_gate_waits(RecordGateWaits(waits=WAITS))

    assert port.report_gates(ReportGates(since=NOON + HOUR)).gates[0].waits == 1


def test_a_matrix_is_published_once_and_recorded(ports):
    port, audit = ports
    ask = PublishMatrix(policy="prod", matrix=MATRIX)

    first, again = port.publish_matrix(ask), port.publish_matrix(ask)

    assert (first.first, again.first) == (True, False)
    assert first.digest == again.digest
    (link,) = audit.read_record(ReadRecord(release="matrix")).links
    assert (link.entry.outcome, link.entry.detail) == ("published", first.digest)
