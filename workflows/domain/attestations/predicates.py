"""What each kind of evidence must show: every way in which it is not enough, in words."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from workflows.domain.attestations.figures import (
    AnalysisFigures,
    BenchmarkFigures,
    CaseFigures,
    CoverageFigures,
    MaterialFigures,
    ProvenanceFigures,
    RehearsalFigures,
    SignOffFigures,
    SuiteFigures,
)
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.durations import write_duration
from workflows.domain.spec.criteria import (
    CriterionSpec,
    FailingResults,
    FailingVulnerabilities,
    SignerSpec,
)

Reasons = Iterator[str]

_LEVELS = ("none", "note", "warning", "error")
_SEVERITIES = ("none", "info", "low", "medium", "high", "critical")


class Asked(NamedTuple):
    """A criterion, of one service, and the signers whose signatures were found to be good."""

    criterion: CriterionSpec
    service: str
    signers: tuple[SignerSpec, ...]
    requested_by: str


def shortfalls(asked: Asked, figures: Any) -> tuple[str, ...]:
    """Every way in which *figures* are not what the criterion asks for; none when it is met."""
    return tuple(_PREDICATES[EvidenceType(asked.criterion.evidence)](asked, figures))


def _tests(asked: Asked, found: SuiteFigures) -> Reasons:
    criterion = asked.criterion
    least = 1 if criterion.min_tests is None else criterion.min_tests
    good = {"PASSED", criterion.result or "PASSED"}
    if found.failed:
        yield f"{_count(found.failed, 'test')} failed"
    elif found.result not in good:
        yield f"its result is {found.result}"
    if found.passed < least:
        skipped = f", {found.skipped} skipped ones do not count" if found.skipped else ""
        yield f"{_count(found.passed, 'test')} passed, at least {least} must{skipped}"
    if criterion.max_skipped is not None and found.skipped > criterion.max_skipped:
        skipped = _count(found.skipped, "test")
        yield f"{skipped} skipped, at most {criterion.max_skipped} may be"


def _coverage(asked: Asked, found: CoverageFigures) -> Reasons:
    criterion = asked.criterion
    if criterion.min_lines is not None:
        yield from _covered("lines", found.lines_covered, found.lines, criterion.min_lines)
    if criterion.min_branches is not None:
        if found.branches is None or found.branches_covered is None:
            yield "the report does not count branches"
        else:
            yield from _covered(
                "branches", found.branches_covered, found.branches, criterion.min_branches
            )


def _covered(what: str, covered: int, valid: int, least: float) -> Reasons:
    if valid == 0:
        yield f"the report counts no {what} at all"
    elif covered / valid < least:
        yield f"{covered} of {valid} {what} covered ({covered / valid:.2%}), at least {least:.2%}"


def _analysis(asked: Asked, found: AnalysisFigures) -> Reasons:
    rule = asked.criterion.fail or FailingResults()
    if found.incomplete:
        yield found.incomplete
    for result in found.results:
        if _LEVELS.index(result.level) < _LEVELS.index(rule.level):
            continue
        count = result.new + (result.known if rule.baseline_state == "any" else 0)
        if count:
            which = "new " if rule.baseline_state == "new" else ""
            yield f"{_count(count, f'{which}unsuppressed result')} of level {result.level}"


def _materials(asked: Asked, found: MaterialFigures) -> Reasons:
    criterion = asked.criterion
    least = 1 if criterion.min_components is None else criterion.min_components
    if found.components < least:
        yield f"{_count(found.components, 'component')} listed, at least {least}"
    if criterion.vulnerabilities is not None:
        yield from _vulnerable(criterion.vulnerabilities, found)


def _vulnerable(rule: FailingVulnerabilities, found: MaterialFigures) -> Reasons:
    if found.vulnerabilities is None:
        yield "it does not say whether there are vulnerabilities"
        return
    for each in found.vulnerabilities:
        # What nobody has rated may be as bad as can be; so may a state that we do not know.
        severity = "critical" if each.severity == "unknown" else each.severity
        serious = _SEVERITIES.index(severity) >= _SEVERITIES.index(rule.severity)
        if each.count and serious and (each.state in rule.states or each.state not in _STATES):
            counted = _count(each.count, "vulnerability", plural="vulnerabilities")
            yield f"{counted} of severity {each.severity}, state {each.state}"


_STATES = frozenset(
    (
        "unstated",
        "exploitable",
        "in_triage",
        "not_affected",
        "false_positive",
        "resolved",
        "resolved_with_pedigree",
    )
)


def _provenance(asked: Asked, found: ProvenanceFigures) -> Reasons:
    criterion = asked.criterion
    if found.builder_id != criterion.builder_id:
        yield f"built by {found.builder_id}, expected {criterion.builder_id}"
    level = max((each.builders.get(found.builder_id, 1) for each in asked.signers), default=0)
    if level < (least := criterion.min_level or 1):
        yield f"its signer is trusted for level {level} of this builder, level {least} is asked"
    if criterion.build_type is not None and found.build_type != criterion.build_type:
        yield f"build type {found.build_type}, expected {criterion.build_type}"
    if criterion.source is not None:
        wanted = criterion.source.replace("{service}", asked.service)
        if not any(_is_source(uri, wanted) for uri in found.sources):
            yield f"built from {', '.join(found.sources) or 'nothing it names'}, expected {wanted}"
    yield from _parameters(criterion.external_parameters or {}, found.parameters)


def _is_source(uri: str, wanted: str) -> bool:
    """Whether *uri* is the repository *wanted*, perhaps with a revision behind an @."""
    plain = uri.removeprefix("git+")
    return wanted in {uri, plain} or plain.startswith(f"{wanted.removeprefix('git+')}@")


def _parameters(expected: Mapping[str, str], found: Mapping[str, str]) -> Reasons:
    for name in sorted(found.keys() - expected.keys()):
        yield f"external parameter {name} = {found[name]!r} is not expected"
    for name, value in sorted(expected.items()):
        if name not in found:
            yield f"external parameter {name} is missing, expected {value!r}"
        elif found[name] != value:
            yield f"external parameter {name} is {found[name]!r}, expected {value!r}"


def _benchmark(asked: Asked, found: BenchmarkFigures) -> Reasons:
    criterion = asked.criterion
    confidence = criterion.confidence or 0.95
    if not found.cases:
        yield "it measured nothing"
    for name in sorted(set(criterion.cases) - {case.name for case in found.cases}):
        yield f"case {name} was not measured"
    for case in found.cases:
        if not criterion.cases or case.name in criterion.cases:
            yield from _worse(case, confidence=confidence, most=criterion.max_regression or 0)


def _worse(case: CaseFigures, *, confidence: float, most: float) -> Reasons:
    known = {bound.confidence: bound.worsening for bound in case.bounds}
    if (bound := known.get(confidence)) is None:
        pairs = _count(case.pairs, "pair")
        yield f"case {case.name}: {pairs}, too few to be {confidence:.0%} sure"
    elif bound > most:
        said = "is" if case.worsening > most else "may be"
        yield (
            f"case {case.name} {said} worse by more than {most:.1%}: measured "
            f"{case.worsening:+.1%}, {bound:+.1%} cannot be ruled out with {confidence:.0%} "
            f"confidence from {_count(case.pairs, 'pair')}"
        )


def _rehearsal(asked: Asked, found: RehearsalFigures) -> Reasons:
    criterion = asked.criterion
    if not found.succeeded:
        yield "the rehearsal did not succeed"
    if not found.tables:
        yield "it compared no table"
    for what, tables in (
        ("row counts differ", found.rows_differ),
        ("checksums differ", found.checksums_differ),
        ("no checksum was taken", found.unchecked),
    ):
        if tables:
            yield f"{what}: {', '.join(tables)}"
    if (
        criterion.max_duration is not None
        and found.seconds > criterion.max_duration.total_seconds()
    ):
        limit = write_duration(criterion.max_duration)
        yield f"it took {found.seconds:.0f} s, at most {limit} may it take"
    if criterion.rolled_back and not found.rolled_back:
        yield "its way back was not rehearsed"


def _sign_off(asked: Asked, found: SignOffFigures) -> Reasons:
    if not found.approved:
        yield f"it says no{f': {found.note}' if found.note else ''}"
    requester = asked.requested_by.strip().casefold()
    people = {signer.person for signer in asked.signers}
    if people and people <= {requester}:
        yield f"{asked.requested_by}, who asks for the release, signed it"


def _count(number: int, noun: str, *, plural: str = "") -> str:
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


_PREDICATES: Mapping[EvidenceType, Callable[[Asked, Any], Reasons]] = MappingProxyType(
    {
        EvidenceType.TEST_RESULT: _tests,
        EvidenceType.COVERAGE: _coverage,
        EvidenceType.SARIF: _analysis,
        EvidenceType.SBOM: _materials,
        EvidenceType.PROVENANCE: _provenance,
        EvidenceType.BENCHMARK: _benchmark,
        EvidenceType.REHEARSAL: _rehearsal,
        EvidenceType.SIGN_OFF: _sign_off,
    }
)
