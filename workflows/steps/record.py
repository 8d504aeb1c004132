"""Writing a story's trail into the audit record."""

from workflows.ports.evidence import AppendEvidence, EvidencePort
from workflows.steps.call import call
from workflows.steps.trail import Trail

_AT_ONCE = 100


async def write_evidence(release: str, trail: Trail) -> None:
    """Append what *trail* holds; entries that are already recorded are not recorded again.

    Raises:
        ReleaseError: the ledger did not take them within its limits.
    """
    while entries := trail.unwritten[:_AT_ONCE]:
        await call(EvidencePort.append_evidence, AppendEvidence(release=release, entries=entries))
        trail.written(entries)
