"""Rulings as they are kept: whole, by content address, to be made again later."""

from enum import StrEnum

from workflows.domain.admission.admission import Admission
from workflows.domain.admission.facts import Facts
from workflows.domain.audit import Moment
from workflows.domain.canonical import content_digest
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.values import Digest, Value

LARGEST = 1_900_000
"""Bytes of one ruling with its order and facts; Temporal refuses a payload of 2 MiB."""


class Verdict(StrEnum):
    ADMITTED = "admitted"
    DENIED = "denied"


class RecordedDecision(Value):
    """One ruling on a release, with everything that it went by."""

    release: str
    order: ReleaseOrder
    facts: Facts
    admission: Admission

    @property
    def digest(self) -> Digest:
        """The content address: of the same order by the same facts with the same answer."""
        return content_digest(self.model_dump(mode="json"))

    @property
    def verdict(self) -> Verdict:
        return Verdict.DENIED if self.admission.denials else Verdict.ADMITTED


def too_large(decision: RecordedDecision) -> str | None:
    """Why *decision* could not be kept whole, or None where it can."""
    size = len(decision.model_dump_json().encode())
    if size <= LARGEST:
        return None
    return (
        f"the ruling with all that it goes by has {size} bytes, at most {LARGEST} can be kept: "
        "release fewer services or environments at once"
    )


class DecisionEntry(Value):
    """A recorded ruling as a list shows it."""

    digest: Digest
    release: str
    name: str
    requested_by: str
    at: Moment
    verdict: Verdict
    decision_digest: Digest
    facts_digest: Digest | None
    rules_digest: Digest | None


def entry_of(decision: RecordedDecision) -> DecisionEntry:
    """What a list shows of *decision*."""
    return DecisionEntry(
        digest=decision.digest,
        release=decision.release,
        name=decision.order.name,
        requested_by=decision.order.requested_by,
        at=decision.facts.at,
        verdict=decision.verdict,
        decision_digest=decision.admission.decision_digest,
        facts_digest=decision.admission.facts_digest,
        rules_digest=decision.admission.rules_digest,
    )
