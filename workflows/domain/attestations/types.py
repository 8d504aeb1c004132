"""The kinds of evidence there are; a command line that names them need load nothing else."""

from enum import StrEnum


class EvidenceType(StrEnum):
    """What an attestation is about; criteria ask for all but the decisions, which we sign."""

    TEST_RESULT = "test-result"
    COVERAGE = "coverage"
    SARIF = "sarif"
    SBOM = "sbom"
    PROVENANCE = "slsa-provenance"
    BENCHMARK = "benchmark"
    REHEARSAL = "migration-rehearsal"
    SIGN_OFF = "security-sign-off"
    DECISION = "decision"
