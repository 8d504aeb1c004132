"""What the files of evidence say, in figures small enough to travel."""

from typing import Annotated, Literal

from pydantic import Field

from workflows.domain.values import Digest, Value

Label = Annotated[str, Field(max_length=200)]


class SuiteFigures(Value):
    """How the tests of one run came out; *skipped* ones are in none of the other counts."""

    type: Literal["test-result"] = "test-result"
    result: Literal["PASSED", "WARNED", "FAILED"]
    passed: int
    failed: int
    skipped: int = 0
    warned: int = 0
    suite: Label = ""


class CoverageFigures(Value):
    """How much of the code the tests reached; branches are None where the report has none."""

    type: Literal["coverage"] = "coverage"
    lines_covered: int
    lines: int
    branches_covered: int | None = None
    branches: int | None = None


class ResultCount(Value):
    """So many unsuppressed results of one level; *new* are those the baseline did not have."""

    level: Literal["none", "note", "warning", "error"]
    new: int = 0
    known: int = 0


class AnalysisFigures(Value):
    """What an analyser found; *incomplete* says why its run proves nothing, where it does not."""

    type: Literal["sarif"] = "sarif"
    tool: Label
    results: tuple[ResultCount, ...]
    suppressed: int = 0
    incomplete: Label = ""


class VulnerabilityCount(Value):
    """So many vulnerabilities of one severity and state of analysis."""

    severity: Literal["unknown", "none", "info", "low", "medium", "high", "critical"]
    state: Label
    count: int


class MaterialFigures(Value):
    """What a bill of materials lists; vulnerabilities are None where it does not speak of any."""

    type: Literal["sbom"] = "sbom"
    format: Literal["cyclonedx", "spdx"]
    components: int
    vulnerabilities: tuple[VulnerabilityCount, ...] | None = None


class ProvenanceFigures(Value):
    """Who built it, how and from what; parameters by their path, each value as JSON text."""

    type: Literal["slsa-provenance"] = "slsa-provenance"
    builder_id: Annotated[str, Field(max_length=500)]
    build_type: Annotated[str, Field(max_length=500)]
    parameters: dict[Label, Annotated[str, Field(max_length=500)]]
    sources: tuple[Annotated[str, Field(max_length=500)], ...]
    commits: tuple[Annotated[str, Field(max_length=64)], ...] = ()


class Bound(Value):
    """With this confidence the case is no worse than *worsening*; None where nothing is sure."""

    confidence: float
    worsening: float | None


class CaseFigures(Value):
    """One benchmark case against its baseline: 0.05 is five percent worse, below 0 is better."""

    name: Label
    pairs: int
    worsening: float
    bounds: tuple[Bound, ...]


class BenchmarkFigures(Value):
    """Each case of a benchmark, compared pair by pair."""

    type: Literal["benchmark"] = "benchmark"
    cases: tuple[CaseFigures, ...]
    baseline: Digest | None = None


class RehearsalFigures(Value):
    """How a migration went on a copy: tables whose rows or checksums differ, or were not taken."""

    type: Literal["migration-rehearsal"] = "migration-rehearsal"
    tables: int
    rows_differ: tuple[Label, ...] = ()
    checksums_differ: tuple[Label, ...] = ()
    unchecked: tuple[Label, ...] = ()
    seconds: float
    succeeded: bool
    rolled_back: bool | None = None


class SignOffFigures(Value):
    """A person's word on the security of a build."""

    type: Literal["security-sign-off"] = "security-sign-off"
    approved: bool
    note: Label = ""


class DecisionFigures(Value):
    """A decision of Lockgate's, or of another verifier: the properties that it found to hold."""

    type: Literal["decision"] = "decision"
    allowed: bool
    verifier: Label
    properties: tuple[Label, ...] = ()


Figures = Annotated[
    SuiteFigures
    | CoverageFigures
    | AnalysisFigures
    | MaterialFigures
    | ProvenanceFigures
    | BenchmarkFigures
    | RehearsalFigures
    | SignOffFigures
    | DecisionFigures,
    Field(discriminator="type"),
]
