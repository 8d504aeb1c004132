"""Follows every reference between documents, and names those that lead nowhere."""

from collections.abc import Collection, Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from pydantic import JsonValue

from starters.files.documents import Document
from starters.files.problems import FieldPath, Problem, field_name, nearest
from workflows.domain.gates.matrix import matrix_problems
from workflows.domain.spec import ApproverRule, Person, Policy, Release, ReleaseSpec

EACH = "*"
Names: TypeAlias = Collection[tuple[str, str]]
"""Every `(kind, name)` that there is."""

_REFERENCES: dict[str, tuple[tuple[FieldPath, str], ...]] = {
    "Release": (
        (("spec", "services", EACH, "name"), "Service"),
        (("spec", "environments", EACH, "name"), "Environment"),
        (("spec", "environments", EACH, "strategyRef"), "Strategy"),
        (("spec", "rollback", "runbookRef"), "Runbook"),
    ),
    "Runbook": ((("spec", "author"), "Person"),),
    "Policy": ((("spec", "readinessReview", "escalateTo", EACH, "person"), "Person"),),
    "Environment": (
        (("spec", "strategyRef"), "Strategy"),
        (("spec", "policyRef"), "Policy"),
        (("spec", "createdFrom", "templateRef"), "EnvironmentTemplate"),
    ),
    "Strategy": (
        (
            ("spec", "steps", EACH, "analysis", "templates", EACH, "templateName"),
            "AnalysisTemplate",
        ),
        (("spec", "steps", EACH, "bake", "templates", EACH, "templateName"), "AnalysisTemplate"),
        (("spec", "steps", EACH, "synthetic", "journeys", EACH), "Journey"),
    ),
    "Service": (
        (("spec", "slos", EACH), "SLO"),
        (("spec", "dependencies", EACH), "Service"),
    ),
    "AnalysisTemplate": ((("spec", "metrics", EACH, "sloRef"), "SLO"),),
    "Journey": ((("spec", "service"), "Service"),),
    "SLO": ((("spec", "indicatorRef"), "SLI"),),
}
"""Where documents of a kind refer to others, and to which kind."""


def dangling(document: Document, names: Names) -> Iterator[Problem]:
    """References of *document* to what is not among *names*; it may be broken elsewhere."""
    for pattern, kind in _REFERENCES.get(document.kind, ()):
        for path, name in _found(document.written.value, pattern):
            if (kind, name) not in names:
                known = [known for one, known in names if one == kind]
                message = f"{kind} {name} is not in the catalog; {nearest(name, known)}"
                yield Problem(document.written.place_of(path), field_name(path), message)


def _found(
    value: JsonValue, pattern: FieldPath, path: FieldPath = ()
) -> Iterator[tuple[FieldPath, str]]:
    """The texts in *value* at the places that *pattern* describes."""
    if not pattern:
        if isinstance(value, str):
            yield path, value
        return
    part, *rest = pattern
    if part == EACH and isinstance(value, list):
        for at, item in enumerate(value):
            yield from _found(item, tuple(rest), (*path, at))
    elif isinstance(value, dict) and part in value:
        yield from _found(value[str(part)], tuple(rest), (*path, part))


def disordered(document: Document) -> Iterator[Problem]:
    """What is wrong with the order in which a release would go."""
    if not isinstance(document.model, Release):
        return
    release = document.model.spec
    for path, message in (*_repeated(release), *_foreign(release), *_circular(release)):
        yield Problem(document.written.place_of(path), field_name(path), message)


def unmanned(documents: Iterable[Document]) -> Iterator[Problem]:
    """Policies that nobody could ever satisfy: the catalog has too few people of a role."""
    documents = tuple(documents)
    if any(d.kind == "Person" and d.model is None for d in documents):
        return  # whose roles are broken may hold any
    people = [d.model for d in documents if isinstance(d.model, Person)]
    roles = {role for person in people for role in person.spec.roles}
    for document in documents:
        for path, rule in _asked(document):
            holders = [p.metadata.name for p in people if rule.role in p.spec.roles]
            if len(holders) >= rule.count:
                continue
            who = f"only {', '.join(holders)}" if holders else "no Person"
            hint = "" if holders else f"; {nearest(rule.role, roles)}"
            message = f"needs {rule.count} of role {rule.role}, which {who} in the catalog holds"
            yield Problem(document.written.place_of(path), field_name(path), message + hint)


def _asked(document: Document) -> Iterator[tuple[FieldPath, ApproverRule]]:
    """Whom a policy asks, in every case or in some, and where it says so."""
    if not isinstance(document.model, Policy):
        return
    spec = document.model.spec
    for at, rule in enumerate(spec.approvals.require or ()):
        yield ("spec", "approvals", "require", at, "role"), rule
    for row, case in enumerate(spec.decision_matrix.rules if spec.decision_matrix else ()):
        for at, rule in enumerate(case.require or ()):
            yield ("spec", "decisionMatrix", "rules", row, "require", at, "role"), rule
    if spec.runbook is not None and spec.runbook.role is not None:
        asked = ApproverRule(role=spec.runbook.role, count=spec.runbook.reviews)
        yield ("spec", "runbook", "role"), asked
    if (review := spec.readiness_review) is None:
        return
    for at, role in enumerate(review.roles):
        yield ("spec", "readinessReview", "roles", at), ApproverRule(role=role)
    for at, level in enumerate(review.escalate_to):
        if level.role is not None:
            path = ("spec", "readinessReview", "escalateTo", at, "role")
            yield path, ApproverRule(role=level.role)


def unproved(documents: Iterable[Document]) -> Iterator[Problem]:
    """Decision matrices in which not exactly one row stands for each case that can be."""
    documents = tuple(documents)
    for document in documents:
        if not isinstance(document.model, Policy):
            continue
        if (matrix := document.model.spec.decision_matrix) is None:
            continue
        for problem in matrix_problems(matrix, _guarded_by(document.name, documents)):
            path: FieldPath = ("spec", "decisionMatrix", "rules")
            if problem.rule is not None:
                path = (*path, problem.rule)
            yield Problem(document.written.place_of(path), field_name(path), problem.message)


def _guarded_by(policy: str | None, documents: tuple[Document, ...]) -> Iterator[str]:
    for document in documents:
        found = list(_found(document.written.value, ("spec", "policyRef")))
        if document.kind == "Environment" and document.name is not None and found:
            ((_, guard),) = found
            if guard == policy:
                yield document.name


def _repeated(release: ReleaseSpec) -> Iterator[tuple[FieldPath, str]]:
    listed = {
        "services": [service.name for service in release.services],
        "environments": [stop.name for stop in release.environments],
    }
    for field, names in listed.items():
        for at, name in enumerate(names):
            if (first := names.index(name)) != at:
                message = f"{name} is listed twice; first as {field}[{first}]"
                yield ("spec", field, at, "name"), message


def _foreign(release: ReleaseSpec) -> Iterator[tuple[FieldPath, str]]:
    names = {service.name for service in release.services}
    for at, service in enumerate(release.services):
        for nth, other in enumerate(service.depends_on):
            if other not in names:
                message = f"{other} is not a service of this release; {nearest(other, names)}"
                yield ("spec", "services", at, "dependsOn", nth), message


def _circular(release: ReleaseSpec) -> Iterator[tuple[FieldPath, str]]:
    positions = {service.name: at for at, service in enumerate(release.services)}
    try:
        TopologicalSorter({s.name: s.depends_on for s in release.services}).prepare()
    except CycleError as error:
        # graphlib names each service before the one that depends on it.
        circle = list(reversed(error.args[1]))
        at = min(positions[name] for name in circle)
        start = circle.index(release.services[at].name)
        ring = [*circle[start:-1], *circle[:start], circle[start]]
        message = f"{' needs '.join(ring)}: a circle, in which none can go first"
        yield ("spec", "services", at, "dependsOn"), message
