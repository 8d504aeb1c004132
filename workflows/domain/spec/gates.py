"""How a gate waits: for how long, how often it looks again, and who may let a release past it."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from workflows.domain.durations import Duration
from workflows.domain.spec.escalation import Levels
from workflows.domain.values import Name, Names, SpecPart

APPROVAL = "approval"
RUNBOOK = "runbook"
READINESS = "readiness"
WINDOW = "window"
VACANCY = "vacancy"
RESERVED = frozenset({APPROVAL, RUNBOOK, READINESS, WINDOW, VACANCY})
"""The gates that are not criteria; every criterion is a gate of its own name."""

_UNWAIVABLE = {
    APPROVAL: "who must agree is for the decision matrix to say",
    WINDOW: "a freeze has an override of its own",
    VACANCY: "a name is one environment at a time",
}


class WaiverSpec(SpecPart):
    """Who may let a release past the gate all the same."""

    roles: Names = Field(min_length=1, max_length=10)
    """People of any of these roles."""
    approvers: int = Field(default=2, ge=2, le=10)
    """So many different people, never the one who asks for the release."""
    at_most: Duration = timedelta(days=1)
    """How long a waiver may stand; then the gate is closed again."""


class GateSpec(SpecPart):
    """The terms of one gate."""

    name: Name
    """A criterion of this policy, or `approval`, `runbook`, `readiness`, `window` or `vacancy`."""
    advisory: bool = False
    """Whether it only informs: it is shown and recorded, and nothing waits for it."""
    timeout: Duration | None = None
    """How long it may stay closed; then the release is denied. `approvals.expireAfter` if none."""
    every: Annotated[Duration, Field(gt=timedelta(0))] | None = None
    """How often the ruling is made anew; without it when evidence arrives, and before going on."""
    stable_for: Duration = timedelta(0)
    """How long it must hold without a break before it counts."""
    owner: Name | None = None
    """The role or team whom the wait is put to first."""
    escalate_to: Levels = ()
    """Who is told next while it stays closed."""
    remind_after: Annotated[Duration, Field(ge=timedelta(seconds=1))] | None = None
    """How often whoever has the wait is reminded."""
    waiver: WaiverSpec | None = None
    """Who may waive it; without one nobody may, unless the criterion says who."""

    @model_validator(mode="after")
    def _fits_its_gate(self) -> Self:
        if self.waiver is not None and self.name in _UNWAIVABLE:
            raise ValueError(f"{self.name} cannot be waived: {_UNWAIVABLE[self.name]}")
        if self.name == APPROVAL and self.timeout is not None:
            raise ValueError("how long approvals are waited for is said in approvals.expireAfter")
        if self.name in _UNWAIVABLE and self.advisory:
            raise ValueError(f"{self.name} cannot be advisory: leave it out of the policy instead")
        return self
