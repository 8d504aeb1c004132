"""GatesPort on the ledger."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from pydantic import ValidationError

from activities.gates.book import GateBook, PublishedMatrix
from activities.ledger import Ledger
from workflows.domain.canonical import canonical
from workflows.domain.errors import PolicyViolated
from workflows.domain.gates.matrix import matrix_digest
from workflows.domain.gates.matrix_page import as_markdown
from workflows.domain.gates.waits import GateReport, report
from workflows.domain.spec.matrix import DecisionMatrix
from workflows.ports.gates import (
    GatesPort,
    KeptWaits,
    Publication,
    PublishMatrix,
    RecordGateWaits,
    ReportGates,
)

log = structlog.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class GatesActivities(GatesPort):
    """Keeps waits, sums them up, and publishes each matrix when it is first seen."""

    def __init__(self, ledger: Ledger, *, now: Callable[[], datetime] = _now) -> None:
        self._book = GateBook(ledger)
        self._now = now

    def record_gate_waits(self, ask: RecordGateWaits) -> KeptWaits:
        return KeptWaits(added=self._book.add(ask.waits))

    def report_gates(self, ask: ReportGates) -> GateReport:
        return report(self._book.since(ask.since), since=ask.since)

    def publish_matrix(self, ask: PublishMatrix) -> Publication:
        try:
            matrix = DecisionMatrix.model_validate_json(
                canonical(ask.matrix), strict=True, by_alias=True, by_name=False
            )
        except ValidationError as error:
            raise PolicyViolated(f"Policy {ask.policy!r}: no decision matrix: {error}") from error
        published = PublishedMatrix(
            policy=ask.policy,
            digest=matrix_digest(matrix),
            page=as_markdown(ask.policy, matrix, {}),
            published_at=self._now(),
        )
        kept = self._book.publish(published)
        if kept.first:
            log.info("matrix_published", policy=ask.policy, digest=kept.digest)
        return kept
