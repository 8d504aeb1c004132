"""What is ruled on a release before its start, as people read it: each part where it is known."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import JsonValue

from starters.board import clock
from workflows.domain.admission.admission import Admission
from workflows.domain.calendar.ruling import WindowRuling
from workflows.domain.durations import write_duration
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.rules.document import as_document
from workflows.domain.rules.finding import Effect, Finding
from workflows.domain.spec import Release
from workflows.domain.values import short

_INDENT = 16


def ruling_as_json(admission: Admission) -> JsonValue:
    """The whole ruling but for its plan, which has a form of its own; names in camelCase."""
    found = as_document(admission)
    if isinstance(found, dict):
        found.pop("plan", None)
    return found


def ruling_lines(admission: Admission, *, unread: str = "") -> Iterator[str]:
    """What is ruled on the release as a whole."""
    if unread:
        yield from _listed("not assessed", [unread])
    if admission.change_class is not None:
        yield from _listed("class", [str(admission.change_class)])
    if admission.risk is not None:
        points = [str(p) for p in admission.risk.points if p.points and p.factor != "base"]
        yield from _listed("risk", [str(admission.risk), *points])
    yield from _listed("barred", [str(bar) for bar in admission.duties])
    yield from _listed("denied", admission.denials)
    if admission.rules_digest is not None:
        yield from _listed("rules", [short(admission.rules_digest)])
    warnings = [str(f) for f in admission.findings if f.effect is Effect.WARN]
    yield from _listed("warnings", [*warnings, *admission.remarks])


def stage_ruling_lines(admission: Admission, environment: str) -> Iterator[str]:
    """What is ruled on one environment, below its gate."""
    for row in admission.rows:
        if row.case.environment == environment:
            case = f"{row.case.change_class}, risk {row.case.risk}, data {row.case.data_class}"
            yield f"   {'':<9} by {row.row}: {case}"
    for finding in _of(admission.findings, environment, Effect.REQUIRE):
        place = f" ({finding.place})" if finding.place else ""
        yield f"   {'':<9} {finding.role} x {finding.count} by rules: {finding.message}{place}"
    for gate in admission.gates:
        if gate.environment == environment:
            yield from _gate_lines(gate.gate, gate.met, gate.reason, gate.cleared_by)
    for window in admission.slot.environments if admission.slot is not None else ():
        if window.environment == environment:
            yield f"   slot      {_slot(window)}"
            yield from (f"   {'':<9} {warning}" for warning in window.warnings)


def _gate_lines(gate: str, met: bool, reason: str, cleared_by: Iterable[str]) -> Iterator[str]:  # noqa: FBT001
    who = ", ".join(cleared_by)
    told = f"{gate}: {'holds' if met else 'does not hold'}" + (f", {reason}" if reason else "")
    yield f"   {'':<9} {told}" + (f"; cleared by {who}" if who and not met else "")


def _of(findings: Iterable[Finding], environment: str, effect: Effect) -> Iterator[Finding]:
    return (f for f in findings if f.environment == environment and f.effect is effect)


def _slot(window: WindowRuling) -> str:
    lasts = write_duration(timedelta(seconds=round(window.lasts_seconds)))
    if window.open:
        until = f", open until {clock(window.next_close)}" if window.next_close else ""
        return f"now: the {lasts} that it needs with its reserve fit{until}"
    opens = f"earliest {clock(window.next_open)}" if window.next_open else "none is found"
    return f"{opens}: {window.reason}; {lasts} with the reserve have to fit"


def rollback_text(order: ReleaseOrder) -> str:
    """Until where turning back is safe, by what the release says of its migrations."""
    release = Release.model_validate(order.release)
    final = [s.name for s in release.spec.services if s.migration == "contract"]
    if final:
        return (
            f"safe until {', '.join(final)} is deployed: its contract migration takes away what "
            "the old version needs"
        )
    return (
        "safe at every step; the old versions are removed at the end, and a rollback after that "
        "installs them again"
    )


def _listed(label: str, lines: Iterable[str]) -> Iterator[str]:
    for position, line in enumerate(each for text in lines for each in text.splitlines()):
        yield f"  {'' if position else label:<{_INDENT - 2}}{line}"
