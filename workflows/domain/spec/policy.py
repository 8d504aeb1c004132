"""Who must agree, and who the people are."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from workflows.domain.people.addresses import EmailAddress
from workflows.domain.people.duties import Duty, Separation
from workflows.domain.people.identity import Assurance
from workflows.domain.spec.approvals import ApprovalsSpec, ApproverRule
from workflows.domain.spec.criteria import CriterionSpec, SignerSpec, signer_problems
from workflows.domain.spec.document import Document
from workflows.domain.spec.escalation import EscalateTo
from workflows.domain.spec.gates import GateSpec
from workflows.domain.spec.identity import AccountsSpec, DelegationSpec, SeparationSpec
from workflows.domain.spec.matrix import DecisionMatrix
from workflows.domain.spec.readiness import ReadinessReviewSpec
from workflows.domain.spec.rules import RulesSpec
from workflows.domain.spec.runbook import RunbookRuleSpec
from workflows.domain.values import Names, SpecPart


def _each_once(gates: tuple[GateSpec, ...]) -> tuple[GateSpec, ...]:
    names = [gate.name for gate in gates]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"named twice: {', '.join(twice)}")
    return gates


class PolicySpec(SpecPart):
    """The rules that guard an environment, written by those who answer for it."""

    approvals: ApprovalsSpec = ApprovalsSpec()
    """Who must agree in every case, and for how long they are waited for."""
    decision_matrix: DecisionMatrix | None = None
    """Who must agree in which case, instead of `approvals.require`."""
    criteria: tuple[CriterionSpec, ...] = Field(default=(), max_length=30)
    """What evidence must show of every build."""
    signers: tuple[SignerSpec, ...] = Field(default=(), max_length=30)
    """Whose signatures count for evidence."""
    gates: Annotated[tuple[GateSpec, ...], AfterValidator(_each_once)] = Field(
        default=(), max_length=50
    )
    """On which terms its gates wait; one that is not listed waits as long as approvals do."""
    rules: RulesSpec | None = None
    """Rego that may deny the release, warn of it, or ask for a role besides."""
    runbook: RunbookRuleSpec | None = None
    """What the release's runbook must be; without it, any that is named must be reviewed."""
    readiness_review: ReadinessReviewSpec | None = None
    """Who says go shortly before the release may start; without it nobody is asked."""

    identity: Assurance = Assurance.PROVEN
    """Whether people prove who they are by a token of an identity provider, or only say so."""
    separation_of_duties: SeparationSpec | None = None
    """Which duties lie with different humans. Left out, nobody approves what they are known to
    have asked for, written or built."""

    @property
    def separation(self) -> Separation:
        """What is written; else whoever is known is kept apart, and nobody need be."""
        if self.separation_of_duties is not None:
            return self.separation_of_duties.separation
        proven = self.identity is Assurance.PROVEN
        # Most builders are machines; one that is somebody's bars them all the same.
        return Separation(unmapped="deny" if proven else "report", reported=(Duty.BUILDER,))

    @property
    def roles(self) -> frozenset[str]:
        """Every role that approves, waives or says go, or that is told of a wait."""
        waiving = [role for gate in self.gates if gate.waiver for role in gate.waiver.roles]
        waiving += [each.waived_by for each in self.criteria if each.waived_by is not None]
        ready = self.readiness_review.roles if self.readiness_review is not None else ()
        told = (level.role for level in self._levels if level.role is not None)
        return frozenset({*(rule.role for rule in self.asked), *waiving, *ready, *told})

    @property
    def told(self) -> frozenset[str]:
        """Everybody who is told of a wait by name."""
        return frozenset(level.person for level in self._levels if level.person is not None)

    @property
    def _levels(self) -> tuple[EscalateTo, ...]:
        review = self.readiness_review
        return (
            *(level for gate in self.gates for level in gate.escalate_to),
            *(review.escalate_to if review is not None else ()),
        )

    @property
    def asked(self) -> tuple[ApproverRule, ...]:
        """Everybody that it asks in any case."""
        rows = self.decision_matrix.rules if self.decision_matrix is not None else ()
        return (self.approvals.require or ()) + tuple(
            rule for row in rows for rule in row.require or ()
        )

    @model_validator(mode="after")
    def _asks_one_way(self) -> Self:
        if self.approvals.require is not None and self.decision_matrix is not None:
            raise ValueError(
                "give either approvals.require or decisionMatrix: both say who must agree"
            )
        if self.approvals.require is None and self.decision_matrix is None:
            raise ValueError(
                "give approvals.require or decisionMatrix: nothing says who must agree"
            )
        return self

    @model_validator(mode="after")
    def _signers_are_known(self) -> Self:
        if problems := list(signer_problems(self.criteria, self.signers)):
            raise ValueError("; ".join(problems))
        return self


class PersonSpec(SpecPart):
    """A human of the catalog and the roles they hold."""

    roles: Names = Field(min_length=1)
    """What they may approve as."""
    accounts: AccountsSpec = AccountsSpec()
    """What other systems call them."""
    email: EmailAddress | None = None
    """Where they are told what concerns them, such as that an environment of theirs ends soon."""
    delegates: DelegationSpec | None = None
    """Who approves in their place, and until when."""


class Policy(Document):
    kind: Literal["Policy"]
    spec: PolicySpec


class Person(Document):
    kind: Literal["Person"]
    spec: PersonSpec
