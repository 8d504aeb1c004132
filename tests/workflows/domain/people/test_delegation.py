"""Roles that are handed over keep the rules of the gate, whoever hands what to whom."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.gates.vote import Vote, roles_of
from workflows.domain.people.delegation import handed_over
from workflows.domain.people.identity import Assurance, Proven
from workflows.domain.release.plan import GateRule, RoleNeed
from workflows.domain.spec import PersonSpec
from workflows.domain.spec.identity import DelegationSpec
from workflows.domain.values import digest_of

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NAMES = ("ana", "ben", "cyd", "dan")
ROLES = ("sre", "product")

people = st.fixed_dictionaries(
    {
        name: st.builds(
            PersonSpec,
            roles=st.lists(st.sampled_from(ROLES), min_size=1, unique=True).map(tuple),
            delegates=st.none()
            | st.builds(
                DelegationSpec,
                to=st.sampled_from(NAMES),
                until=st.sampled_from([NOW - timedelta(hours=1), NOW + timedelta(hours=1)]),
            ),
        )
        for name in NAMES
    }
)


def a_gate(people):
    return GateRule(
        environment="production",
        needs=(RoleNeed(role="sre", count=1),),
        people={name: person.roles for name, person in people.items()},
        open_for=timedelta(hours=1),
    )


def person(*roles, to=None):
    until = NOW + timedelta(days=1)
    handed = None if to is None else DelegationSpec(to=to, until=until)
    return PersonSpec(roles=roles, delegates=handed)


def away(person):
    return person.delegates is not None and person.delegates.until > NOW


@given(people, st.sets(st.sampled_from(NAMES)))
def test_nobody_decides_twice_and_no_barred_person_s_role_is_used(known, barred):
    gate = handed_over(a_gate(known), known, barred=barred, at=NOW)

    for name, roles in gate.people.items():
        own = () if away(known[name]) else known[name].roles
        handed = [
            other
            for other, person in known.items()
            if other not in barred and away(person) and person.delegates.to == name != other
        ]
        assert set(roles) == {*own, *(role for other in handed for role in known[other].roles)}
    absent = [name for name, person in known.items() if away(person)]
    for name in absent:
        assert set(gate.people.get(name, ())) == set(gate.delegated.get(name, ()))


@given(people)
def test_delegations_that_are_over_change_nothing(known):
    later = NOW + timedelta(days=1)

    assert handed_over(a_gate(known), known, barred=(), at=later) == a_gate(known)
    assert handed_over(a_gate(known), known, barred=(), at=None) == a_gate(known)


def test_a_role_that_was_handed_over_needs_no_group_of_whoever_has_it_now():
    known = {"ana": person("sre", to="eve"), "eve": person("product")}
    gate = handed_over(a_gate(known), known, barred=(), at=NOW)
    gate = gate.model_copy(update={"identity": Assurance.PROVEN})
    proven = Proven(
        person="eve",
        account="oidc:eve@local",
        roles=(),
        statement=digest_of("s"),
        proof=digest_of("p"),
        proven_at=NOW,
    )

    assert roles_of(gate, Vote(voter="eve", digest=digest_of("d"), proven=proven)) == ("sre",)


def test_what_somebody_was_given_they_do_not_pass_on():
    known = {
        "ana": person("sre", to="ben"),
        "ben": person("product", to="cyd"),
        "cyd": person("x"),
    }

    gate = handed_over(a_gate(known), known, barred=(), at=NOW)

    assert gate.people == {"ben": ("sre",), "cyd": ("x", "product")}
