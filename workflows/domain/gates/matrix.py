"""The decision matrix at work: the one row that stands for a case, and proof that there is one."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import combinations, product
from typing import get_args

from workflows.domain.errors import PolicyViolated
from workflows.domain.release.plan import RoleNeed
from workflows.domain.spec.matrix import (
    ChangeClassName,
    DataClassName,
    DecisionMatrix,
    InputName,
    MatrixRule,
    RiskName,
)
from workflows.domain.values import Digest, Value, digest_of

CLASSES: tuple[str, ...] = get_args(ChangeClassName)
RISKS: tuple[str, ...] = get_args(RiskName)
DATA_CLASSES: tuple[str, ...] = get_args(DataClassName)
ELSEWHERE = "(any other)"
"""Stands for the environments that a policy guards and the documents at hand do not show."""

Box = tuple[tuple[str, ...], ...]
"""For each input, the values it may have: the cases are all their combinations."""


class Case(Value):
    """What a matrix is asked: one class, one level of risk, one environment, one class of data."""

    change_class: str
    risk: str
    environment: str
    data_class: str

    def of(self, name: InputName) -> str:
        """The value of the input *name*."""
        values: dict[InputName, str] = {
            "class": self.change_class,
            "risk": self.risk,
            "environment": self.environment,
            "dataClass": self.data_class,
        }
        return values[name]

    def __str__(self) -> str:
        return (
            f"class {self.change_class}, risk {self.risk}, environment {self.environment}, "
            f"dataClass {self.data_class}"
        )


class MatrixRow(Value):
    """Which row of which matrix decided a case, and what it asks for.

    `row` is `POLICY#POSITION`, as the rendered page calls it; `via` are the rows that sent the
    case on to another class. `matrix` is the digest of the matrix, as it was published.
    """

    case: Case
    row: str
    via: tuple[str, ...] = ()
    needs: tuple[RoleNeed, ...] = ()
    retrospective: timedelta | None = None
    matrix: Digest


class MatrixProblem(Value):
    """A case that no row or more than one stands for; *rule* is the position of a row from 0."""

    message: str
    rule: int | None = None


def matrix_digest(matrix: DecisionMatrix) -> Digest:
    """The content address of *matrix*: of what it says, however it is laid out in the file."""
    return digest_of(matrix.model_dump_json(by_alias=True, exclude_defaults=True))


def rule_on(policy: str, matrix: DecisionMatrix, case: Case) -> MatrixRow:
    """The row of *policy*'s matrix that stands for *case*, after every reclassification.

    Raises:
        PolicyViolated: no row stands for it, or more than one, or rows send it round in a circle.
    """
    via: list[str] = []
    asked = case
    while True:
        position, rule = _hit(policy, matrix, asked)
        name = f"{policy}#{position}"
        if rule.reclassify is None:
            break
        if name in via:
            raise PolicyViolated(f"Policy {policy!r}: rows {', '.join(via)} go in a circle")
        via.append(name)
        asked = asked.model_copy(update={"change_class": rule.reclassify})
    return MatrixRow(
        case=asked,
        row=name,
        via=tuple(via),
        needs=tuple(RoleNeed(role=r.role, count=r.count) for r in rule.require or ()),
        retrospective=rule.retrospective,
        matrix=matrix_digest(matrix),
    )


def combined(rows: Iterable[MatrixRow]) -> tuple[RoleNeed, ...]:
    """What all of *rows* ask for at once: of each role, as many as the strictest of them."""
    counts: dict[str, int] = {}
    for row in rows:
        for need in row.needs:
            counts[need.role] = max(need.count, counts.get(need.role, 0))
    return tuple(RoleNeed(role=role, count=count) for role, count in counts.items())


def matrix_problems(
    matrix: DecisionMatrix, environments: Iterable[str]
) -> Iterator[MatrixProblem]:
    """Every gap, overlap, dead row and circle of *matrix*, found by going through all cases.

    *environments* are those that its policy guards.
    """
    domain = _domain(matrix, tuple(environments))
    yield from _dead(matrix, domain)
    yield from _overlaps(matrix, domain)
    yield from _gaps(matrix, domain)
    yield from _circles(matrix, domain)
    yield from _hasty(matrix)


def _hit(policy: str, matrix: DecisionMatrix, case: Case) -> tuple[int, MatrixRule]:
    asked = tuple(case.of(name) for name in matrix.inputs)
    hits = [
        (position, rule)
        for position, rule in enumerate(matrix.rules, start=1)
        if _stands_for(rule, matrix.inputs, asked)
    ]
    if len(hits) == 1:
        return hits[0]
    found = ", ".join(f"{policy}#{position}" for position, _ in hits) or "none"
    raise PolicyViolated(
        f"decisionMatrix of Policy {policy!r}: exactly one row must stand for {case}; there is: "
        f"{found}; `lockgate lint` names every gap and overlap"
    )


def _stands_for(rule: MatrixRule, inputs: tuple[InputName, ...], values: tuple[str, ...]) -> bool:
    return all(
        (condition := rule.conditions[name]) is None or value in condition
        for name, value in zip(inputs, values, strict=True)
    )


def _domain(matrix: DecisionMatrix, environments: tuple[str, ...]) -> Box:
    known: Mapping[InputName, tuple[str, ...]] = {
        "class": CLASSES,
        "risk": RISKS,
        "environment": tuple(sorted(set(environments))) or (ELSEWHERE,),
        "dataClass": DATA_CLASSES,
    }
    return tuple(known[name] for name in matrix.inputs)


def _dead(matrix: DecisionMatrix, domain: Box) -> Iterator[MatrixProblem]:
    """Rows that name an environment which the policy does not guard."""
    guarded = dict(zip(matrix.inputs, domain, strict=True)).get("environment", ())
    for position, rule in enumerate(matrix.rules):
        for name in rule.environment or ():
            if name not in guarded:
                listed = ", ".join(n for n in guarded if n != ELSEWHERE) or "none"
                yield MatrixProblem(
                    rule=position,
                    message=f"environment {name} is not guarded by this policy; guarded: {listed}",
                )


def _overlaps(matrix: DecisionMatrix, domain: Box) -> Iterator[MatrixProblem]:
    shared: dict[tuple[int, int], list[tuple[str, ...]]] = {}
    for case in product(*domain):
        hits = [n for n, r in enumerate(matrix.rules) if _stands_for(r, matrix.inputs, case)]
        for pair in combinations(hits, 2):
            shared.setdefault(pair, []).append(case)
    for (first, second), cases in sorted(shared.items()):
        for box in boxes(cases, len(domain)):
            yield MatrixProblem(
                rule=second,
                message=(
                    f"row {second + 1} overlaps row {first + 1} for "
                    f"{_told(matrix, box, domain)}; exactly one row must stand for each case"
                ),
            )


def _gaps(matrix: DecisionMatrix, domain: Box) -> Iterator[MatrixProblem]:
    gaps = [
        case
        for case in product(*domain)
        if not any(_stands_for(rule, matrix.inputs, case) for rule in matrix.rules)
    ]
    for box in boxes(gaps, len(domain)):
        yield MatrixProblem(
            message=f"no row stands for {_told(matrix, box, domain)}: "
            "say who must agree, or `require: []` if nobody has to"
        )


def _circles(matrix: DecisionMatrix, domain: Box) -> Iterator[MatrixProblem]:
    """Rows that send a case on to another class, from which it comes back to them."""
    if "class" not in matrix.inputs:
        for position, rule in enumerate(matrix.rules):
            if rule.reclassify is not None:
                message = "reclassify leads nowhere: inputs does not list class"
                yield MatrixProblem(rule=position, message=message)
        return
    at = matrix.inputs.index("class")
    found: set[int] = set()
    for case in product(*domain):
        seen: list[int] = []
        values = case
        while (hit := _only_hit(matrix, values)) is not None:
            if hit in seen:
                found.add(hit)
                break
            seen.append(hit)
            if (reclassified := matrix.rules[hit].reclassify) is None:
                break
            values = (*values[:at], reclassified, *values[at + 1 :])
    for position in sorted(found):
        message = f"row {position + 1} is part of a circle: reclassify comes back to it"
        yield MatrixProblem(rule=position, message=message)


def _only_hit(matrix: DecisionMatrix, values: tuple[str, ...]) -> int | None:
    hits = [n for n, r in enumerate(matrix.rules) if _stands_for(r, matrix.inputs, values)]
    return hits[0] if len(hits) == 1 else None


def _hasty(matrix: DecisionMatrix) -> Iterator[MatrixProblem]:
    """An emergency goes at once because two people say so, and because it is looked back at."""
    if "class" not in matrix.inputs:
        return
    for position, rule in enumerate(matrix.rules):
        if "emergency" not in (rule.change_class or CLASSES) or rule.require is None:
            continue
        if sum(need.count for need in rule.require) < _TWO or rule.retrospective is None:
            yield MatrixProblem(
                rule=position,
                message="an emergency needs two people or more, and a retrospective",
            )


_TWO = 2


def boxes(cases: Iterable[tuple[str, ...]], inputs: int) -> list[Box]:
    """*cases* as few boxes: those that differ in one input alone are told together."""
    told: list[Box] = [tuple((value,) for value in case) for case in cases]
    for at in reversed(range(inputs)):
        merged: dict[Box, list[str]] = {}
        for box in told:
            merged.setdefault((*box[:at], *box[at + 1 :]), []).extend(box[at])
        told = [(*rest[:at], tuple(values), *rest[at:]) for rest, values in merged.items()]
    return told


def _told(matrix: DecisionMatrix, box: Box, domain: Box) -> str:
    """A box in words; an input of which every value is in it makes no difference."""
    parts = [
        f"{name} {' or '.join(values)}"
        for name, values, all_values in zip(matrix.inputs, box, domain, strict=True)
        if values != all_values or len(all_values) == 1
    ]
    return ", ".join(parts) or "any case"
