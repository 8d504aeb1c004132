"""What changed between two rulings on one release, in words for those who had approved it."""

from collections.abc import Iterator

from pydantic import JsonValue

from workflows.domain.admission.admission import Admission
from workflows.domain.fields import difference
from workflows.domain.gates.gates import GateRuling
from workflows.domain.release.plan import GateRule
from workflows.domain.values import Value


def differences(before: Admission, after: Admission) -> tuple[str, ...]:
    """Each thing that approvers would want to know before they say it again."""
    return tuple(_changes(before, after)) or ("the decision digest",)


def _changes(before: Admission, after: Admission) -> Iterator[str]:
    if before.plan != after.plan:
        yield from _of_plan(before, after)
    earlier = {row.case.environment + row.case.data_class: row for row in before.rows}
    for row in after.rows:
        known = earlier.get(row.case.environment + row.case.data_class)
        if known is not None and known.row != row.row:
            yield (
                f"{row.case.environment} goes by row {row.row} (class {row.case.change_class}, "
                f"risk {row.case.risk}), before by {known.row} (class {known.case.change_class}, "
                f"risk {known.case.risk})"
            )
    yield from _of_gates(before.gates, after.gates)
    yield from _of_assessment(before, after)


def _of_plan(before: Admission, after: Admission) -> Iterator[str]:
    old = {str(p.target): p for p in before.plan.promotions}
    for promotion in after.plan.promotions:
        known = old.get(str(promotion.target))
        if known is None or known.artifact != promotion.artifact:
            was = known.artifact if known is not None else "nothing"
            yield f"{promotion.target}: {promotion.artifact}, before {was}"
        elif known != promotion:
            for line in difference(known, promotion):
                yield f"{promotion.target}: {line}"
    gates = {stage.environment: stage.gate for stage in before.plan.stages}
    for stage in after.plan.stages:
        gate = gates.get(stage.environment)
        if gate is not None and stage.gate is not None and gate.needs == stage.gate.needs:
            yield from _of_people(gate, stage.gate)
        elif gate != stage.gate:
            needs = stage.gate.needs if stage.gate is not None else ()
            told = ", ".join(f"{need.role} x {need.count}" for need in needs) or "nobody"
            yield f"{stage.environment} asks for {told}"


def _of_people(before: GateRule, after: GateRule) -> Iterator[str]:
    """Who may decide now, at a gate that asks for the same roles as before."""
    where = after.environment
    for name, did in after.barred.items():
        if before.barred.get(name) != did:
            yield f"{where}: {name} {did} and cannot decide on it"
    for name in before.barred.keys() - after.barred.keys():
        yield f"{where}: nothing bars {name} any more"
    for line in difference(before, after, leave_out=frozenset({"barred", "accounts"})):
        yield f"{where}: {line}"


def _of_assessment(before: Admission, after: Admission) -> Iterator[str]:
    """Of class, risk, criteria and policies, as far as an approval is given for them."""
    for what, old, new in (
        ("class", before.change_class, after.change_class),
        ("risk", before.risk, after.risk),
    ):
        if old is not None and new is not None:
            for line in difference(old.material, new.material):
                yield f"{what} {line}"
    for line in difference(_Ruled.of(before), _Ruled.of(after)):
        yield line


class _Ruled(Value):
    criteria: tuple[JsonValue, ...]
    findings: tuple[JsonValue, ...]

    @classmethod
    def of(cls, admission: Admission) -> "_Ruled":
        pinned = (each.pinned.model_dump(mode="json") for each in admission.criteria)
        found = (each.model_dump(mode="json") for each in admission.findings)
        return cls(criteria=tuple(pinned), findings=tuple(found))


def _of_gates(before: tuple[GateRuling, ...], after: tuple[GateRuling, ...]) -> Iterator[str]:
    known = {(ruling.environment, ruling.gate): ruling for ruling in before}
    for ruling in after:
        earlier = known.get((ruling.environment, ruling.gate))
        if earlier == ruling:
            continue
        said = "holds" if ruling.met else ruling.reason
        if earlier is None:
            yield f"{ruling.gate} of {ruling.environment}: {said}"
        elif (earlier.met, earlier.evidence) != (ruling.met, ruling.evidence):
            went = "held" if earlier.met else earlier.reason
            by = f", by {', '.join(ruling.evidence)}" if ruling.evidence else ""
            yield f"{ruling.gate} of {ruling.environment}: {said}{by}; before: {went}"
