import subprocess
import sys

from workflows.domain.attestations.types import EvidenceType


def test_naming_the_kinds_of_evidence_loads_nothing_heavy():
    program = "import sys, workflows.domain.attestations.types; print('pydantic' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "False"
    assert {kind.value for kind in EvidenceType} >= {"test-result", "sbom", "slsa-provenance"}
