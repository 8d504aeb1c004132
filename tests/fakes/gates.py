"""Waits at gates and published matrices in memory."""

from datetime import UTC, datetime

from tests.fakes.audit import FakeAudit
from workflows.domain.audit import Entry
from workflows.domain.canonical import canonical
from workflows.domain.gates.matrix import matrix_digest
from workflows.domain.gates.waits import GateReport, GateWait, report
from workflows.domain.spec.matrix import DecisionMatrix
from workflows.ports.audit import AppendRecord
from workflows.ports.gates import (
    GatesPort,
    KeptWaits,
    Publication,
    PublishMatrix,
    RecordGateWaits,
    ReportGates,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class FakeGates(GatesPort):
    """Keeps what it is told; every matrix is published at *now*."""

    def __init__(self, audit: FakeAudit | None = None) -> None:
        self.audit = audit or FakeAudit()
        self.now = NOON
        self.waits: dict[str, GateWait] = {}
        self.published: dict[tuple[str, str], Publication] = {}
        self.failures: list[Exception] = []

    def record_gate_waits(self, ask: RecordGateWaits) -> KeptWaits:
        if self.failures:
            raise self.failures.pop(0)
        new = [wait for wait in ask.waits if wait.key not in self.waits]
        self.waits |= {wait.key: wait for wait in new}
        return KeptWaits(added=len(new))

    def report_gates(self, ask: ReportGates) -> GateReport:
        return report(self.waits.values(), since=ask.since)

    def publish_matrix(self, ask: PublishMatrix) -> Publication:
        matrix = DecisionMatrix.model_validate_json(
            canonical(ask.matrix), strict=True, by_alias=True, by_name=False
        )
        digest = matrix_digest(matrix)
        if (known := self.published.get((ask.policy, digest))) is not None:
            return known.model_copy(update={"first": False})
        publication = Publication(
            policy=ask.policy, digest=digest, published_at=self.now, first=True
        )
        self.published[ask.policy, digest] = publication
        entry = Entry(
            key=f"{ask.policy}:{digest}",
            at=self.now,
            action="publish_matrix",
            sentence=f"decision matrix of {ask.policy}",
            outcome="published",
            detail=digest,
        )
        self.audit.append_record(AppendRecord(release="matrix", entries=(entry,)))
        return publication
