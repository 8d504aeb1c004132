"""Terms of gates that cannot be kept: no such gate, nobody to waive it, nobody to tell of it."""

from collections.abc import Iterable, Iterator, Mapping

from starters.files.documents import Document
from starters.files.problems import FieldPath, Problem, field_name, nearest
from workflows.domain.gates.escalation import unreachable
from workflows.domain.spec import Person, PersonSpec, Policy
from workflows.domain.spec.gates import RESERVED, GateSpec


def unkept_terms(documents: Iterable[Document]) -> Iterator[Problem]:
    """Every term of a policy's gates that nobody could keep, where it is written."""
    documents = tuple(documents)
    if any(d.kind == "Person" and d.model is None for d in documents):
        return  # whose roles are broken may hold any
    models = [document.model for document in documents]
    people = {m.metadata.name: m.spec for m in models if isinstance(m, Person)}
    for document in documents:
        if not isinstance(document.model, Policy):
            continue
        spec = document.model.spec
        known = RESERVED | {criterion.name for criterion in spec.criteria}
        for at, gate in enumerate(spec.gates):
            for inside, message in _problems(gate, known, people):
                path: FieldPath = ("spec", "gates", at, *inside)
                yield Problem(document.written.place_of(path), field_name(path), message)


def _problems(
    gate: GateSpec, known: frozenset[str], people: Mapping[str, PersonSpec]
) -> Iterator[tuple[FieldPath, str]]:
    if gate.name not in known:
        message = f"{gate.name} is no criterion of this policy; {nearest(gate.name, known)}"
        yield ("name",), message
    if gate.waiver is not None:
        roles = set(gate.waiver.roles)
        holders = sorted(name for name, person in people.items() if roles & set(person.roles))
        if len(holders) < gate.waiver.approvers:
            who = ", ".join(holders) or "nobody"
            message = f"takes {gate.waiver.approvers} people, and {who} in the catalog may waive"
            yield ("waiver", "roles"), message
    for at, kind, to in unreachable(gate.escalate_to, people):
        yield ("escalateTo", at, kind), f"{kind} {to} is nobody in the catalog"
