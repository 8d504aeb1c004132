"""Gates: on which terms a stage waits for each, and what the ruling says of it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from workflows.domain.gates.escalation import EscalationRule, escalation_rule
from workflows.domain.people.identity import Assurance
from workflows.domain.spec.approvals import ApprovalsSpec
from workflows.domain.spec.gates import APPROVAL, GateSpec
from workflows.domain.spec.policy import PersonSpec, PolicySpec
from workflows.domain.values import Value

WAIVED_FOR_AT_MOST = timedelta(days=1)
"""How long a waiver may stand where its gate does not say."""
_TWO = 2


class WaiverRule(Value):
    """So many different people of *people*, which maps names to the roles they may waive as."""

    approvers: int = _TWO
    people: dict[str, tuple[str, ...]] = {}
    at_most: timedelta = WAIVED_FOR_AT_MOST


class WaiverGuard(Value):
    """How whoever waives a gate of a stage must be known, and who may not because of a duty.

    `accounts` are those by which an identity token is traced to a person; `barred` are those who
    did something for the release that approvers check, each with what they did.
    """

    identity: Assurance = Assurance.ASSERTED
    accounts: dict[str, str] = {}
    barred: dict[str, str] = {}


class GateTerms(Value):
    """How one gate of a stage waits, as its policy says or by default."""

    gate: str
    advisory: bool = False
    timeout: timedelta | None = None
    every: timedelta | None = None
    stable_for: timedelta = timedelta(0)
    owner: str = ""
    escalation: EscalationRule = EscalationRule()
    waiver: WaiverRule | None = None


class GateRuling(Value):
    """What the ruling on a release says of one gate: whether it holds, and else what it lacks.

    `evidence` is what it went by; `cleared_by` who can do something about it; `waiver` who may
    waive it where its policy's terms do not say. Approvals of a stage open only once every gate
    that is `before_approval` holds.
    """

    environment: str
    gate: str
    met: bool
    reason: str = ""
    evidence: tuple[str, ...] = ()
    cleared_by: tuple[str, ...] = ()
    advisory: bool = False
    before_approval: bool = False
    waiver: WaiverRule | None = None


def gate_terms(policy: PolicySpec, people: Mapping[str, PersonSpec]) -> tuple[GateTerms, ...]:
    """The terms of every gate that *policy* names, with the *people* of the catalog."""
    return tuple(_terms(gate, policy.approvals, people) for gate in policy.gates)


def terms_of(terms: Iterable[GateTerms], gate: str, *, timeout: timedelta | None) -> GateTerms:
    """Those of *gate*; one that no policy names stays closed for *timeout* at most."""
    return next(
        (each for each in terms if each.gate == gate), GateTerms(gate=gate, timeout=timeout)
    )


def waiver_rule(
    roles: Iterable[str],
    people: Mapping[str, PersonSpec],
    *,
    approvers: int = _TWO,
    at_most: timedelta = WAIVED_FOR_AT_MOST,
) -> WaiverRule:
    """Everybody of *people* who holds one of *roles* may waive."""
    asked = set(roles)
    known = {
        name: held
        for name, person in sorted(people.items())
        if (held := tuple(role for role in person.roles if role in asked))
    }
    return WaiverRule(approvers=approvers, people=known, at_most=at_most)


def _terms(
    gate: GateSpec, approvals: ApprovalsSpec, people: Mapping[str, PersonSpec]
) -> GateTerms:
    waiver = gate.waiver
    timeout = gate.timeout if gate.timeout is not None else approvals.expire_after
    return GateTerms(
        gate=gate.name,
        advisory=gate.advisory,
        timeout=None if gate.name == APPROVAL else timeout,
        every=gate.every,
        stable_for=gate.stable_for,
        owner=gate.owner or "",
        escalation=escalation_rule(gate.escalate_to, people, remind_every=gate.remind_after),
        waiver=None
        if waiver is None
        else waiver_rule(waiver.roles, people, approvers=waiver.approvers, at_most=waiver.at_most),
    )
