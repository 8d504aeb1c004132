"""Approvals that somebody handed over: given to another, and so taken from themselves."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from workflows.domain.release.plan import GateRule
from workflows.domain.spec import PersonSpec


def handed_over(
    gate: GateRule,
    people: Mapping[str, PersonSpec],
    *,
    barred: Collection[str],
    at: datetime | None,
) -> GateRule:
    """The gate of *gate* as delegations have it at the moment *at*; None for before any reading.

    A role is handed over, not shared: while somebody decides in another's place, that other one
    does not. So one person's word never counts twice. Whoever is barred has nothing to hand over,
    and whoever was given a role stays barred by what they did themselves. It goes one step: what
    somebody was given they do not pass on.
    """
    given: dict[str, list[str]] = {}
    absent = set()
    for name, roles in gate.people.items():
        delegation = people[name].delegates if name in people else None
        if delegation is None or at is None or at >= delegation.until:
            continue
        absent.add(name)
        if name not in barred and delegation.to in people and delegation.to != name:
            given.setdefault(delegation.to, []).extend(roles)
    if not absent:
        return gate
    own = {name: roles for name, roles in gate.people.items() if name not in absent}
    names = sorted({*own, *given})
    return gate.model_copy(
        update={
            "people": {
                name: tuple(dict.fromkeys((*own.get(name, ()), *given.get(name, ()))))
                for name in names
            },
            "delegated": {
                name: tuple(dict.fromkeys(roles)) for name, roles in sorted(given.items())
            },
        }
    )


def nobody_s(people: Mapping[str, PersonSpec]) -> Iterator[str]:
    """Name each delegation that leads to nobody, or back to where it came from."""
    for name, person in people.items():
        if person.delegates is not None and person.delegates.to not in people.keys() - {name}:
            to = person.delegates.to
            yield f"{name} delegates to {to}, who is no other person of the catalog"
