"""Lockgate's own formats: benchmarks in pairs, rehearsed migrations, and security sign-offs.

docs/reference/evidence.md describes them.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from activities.attestations.readers.unreadable import Unreadable, parsed
from workflows.domain.attestations.attestation import Reading
from workflows.domain.attestations.benchmark import MOST_PAIRS, compare
from workflows.domain.attestations.figures import (
    BenchmarkFigures,
    RehearsalFigures,
    SignOffFigures,
)
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.values import Digest

_MOST_NAMED = 10
_Label = Annotated[str, Field(min_length=1, max_length=200)]
_Measured = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Part(BaseModel):
    """These formats are ours, so a field that nobody knows is a slip."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class _Case(_Part):
    name: _Label
    unit: str = Field(default="", max_length=40)
    better: Literal["lower", "higher"] = "lower"
    pairs: Annotated[list[tuple[_Measured, _Measured]], Field(min_length=1, max_length=MOST_PAIRS)]


class _Benchmark(_Part):
    produced_at: AwareDatetime
    baseline: Digest | None = None
    cases: Annotated[list[_Case], Field(min_length=1, max_length=50)]


def read_benchmark(predicate: JsonValue, *, seed: Digest) -> Reading:
    """Each case against its baseline, pair by pair; *seed* is the digest of the file.

    Raises:
        Unreadable: not of this format, a case named twice, or a figure that is not above 0.
    """
    found = parsed(_Benchmark, predicate, "benchmark")
    names = [case.name for case in found.cases]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Unreadable(f"benchmark: cases: named twice: {', '.join(twice)}")
    return Reading(
        type=EvidenceType.BENCHMARK,
        produced_at=found.produced_at,
        figures=BenchmarkFigures(
            baseline=found.baseline,
            cases=tuple(
                compare(case.name, case.pairs, higher_is_better=case.better == "higher", seed=seed)
                for case in found.cases
            ),
        ),
    )


class _Copy(_Part):
    rows: int = Field(ge=0)
    checksum: str | None = Field(default=None, min_length=1, max_length=200)


class _Table(_Part):
    name: _Label
    expected: _Copy
    found: _Copy


class _Rehearsal(_Part):
    started_at: AwareDatetime
    finished_at: AwareDatetime
    succeeded: bool
    rolled_back: bool | None = None
    tables: Annotated[list[_Table], Field(max_length=10_000)]


def read_rehearsal(predicate: JsonValue) -> Reading:
    """Tables whose rows or checksums are not what the migration should have left.

    Raises:
        Unreadable: not of this format, or it ended before it began.
    """
    found = parsed(_Rehearsal, predicate, "migration rehearsal")
    seconds = (found.finished_at - found.started_at).total_seconds()
    if seconds < 0:
        raise Unreadable("migration rehearsal: finishedAt lies before startedAt")
    tables = found.tables
    return Reading(
        type=EvidenceType.REHEARSAL,
        produced_at=found.finished_at,
        figures=RehearsalFigures(
            tables=len(tables),
            rows_differ=_names(t.name for t in tables if t.expected.rows != t.found.rows),
            checksums_differ=_names(
                t.name for t in tables if _both(t) and t.expected.checksum != t.found.checksum
            ),
            unchecked=_names(t.name for t in tables if not _both(t)),
            seconds=seconds,
            succeeded=found.succeeded,
            rolled_back=found.rolled_back,
        ),
    )


def _both(table: _Table) -> bool:
    return table.expected.checksum is not None and table.found.checksum is not None


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """The first few, and how many more there are."""
    listed = list(names)
    more = len(listed) - _MOST_NAMED
    return (*listed[:_MOST_NAMED], *([f"{more} more"] if more > 0 else []))


class _SignOff(_Part):
    produced_at: AwareDatetime
    decision: Literal["approved", "rejected"]
    note: str = Field(default="", max_length=2000)


def read_sign_off(predicate: JsonValue) -> Reading:
    """A yes or no; who says it is told by the signature, not by the file.

    Raises:
        Unreadable: not of this format.
    """
    found = parsed(_SignOff, predicate, "security sign-off")
    return Reading(
        type=EvidenceType.SIGN_OFF,
        produced_at=found.produced_at,
        figures=SignOffFigures(approved=found.decision == "approved", note=found.note[:200]),
    )
