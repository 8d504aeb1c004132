"""What a stage waits for: every gate speaks this protocol, and knows nothing of the others."""

from typing import Protocol

from workflows.domain.admission.admission import Admission
from workflows.domain.gates.gates import GateRuling
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Blocker


class Gate(Protocol):
    """One condition of a stage. `Clearance` runs all of them at once, until all hold together.

    How long a gate may stay closed, whether it only informs, who may waive it and who is told of
    the wait are the terms of its policy, which `Wait` keeps for every kind of gate alike.
    """

    name: str
    """What policies, waivers and the status call it: `approval`, `window`, a criterion."""
    before_approval: bool
    """Whether approvals open only once it holds."""

    @property
    def phase(self) -> Phase:
        """The phase of a release that waits for this gate."""

    def consider(self, admission: Admission) -> None:
        """Go by the newest ruling; called before `run`, and again with each later one."""

    def cleared(self) -> bool:
        """Whether it holds at this moment."""

    @property
    def blocker(self) -> Blocker:
        """Why it does not hold, who can clear it, and when it clears by itself.

        The owner and the escalation are filled in by `Wait`. Read only while it is not cleared.
        """

    async def run(self) -> None:
        """Whatever goes on while the gate is waited for: timers, messages, children.

        Cancelled once the stage is cleared. Returning early is no statement: `cleared` is.

        Raises:
            GateClosed: the gate can never hold any more.
        """


class RuledGate:
    """A gate that holds when the newest ruling says so: criteria, the runbook's review."""

    phase = Phase.AWAITING_EVIDENCE

    def __init__(self, ruling: GateRuling) -> None:
        self.name = ruling.gate
        self.before_approval = ruling.before_approval
        self._environment = ruling.environment
        self._ruling = ruling

    def consider(self, admission: Admission) -> None:
        """Take what *admission* says; a ruling that fails to mention the gate does not open it."""
        found = (
            ruling
            for ruling in admission.gates
            if (ruling.environment, ruling.gate) == (self._environment, self.name)
        )
        unruled = {"met": False, "reason": "the newest ruling says nothing of it"}
        self._ruling = next(found, self._ruling.model_copy(update=unruled))

    def cleared(self) -> bool:
        return self._ruling.met

    @property
    def blocker(self) -> Blocker:
        return Blocker(
            gate=f"{self.name} of {self._environment}",
            reason=self._ruling.reason,
            evidence=self._ruling.evidence,
            can_be_cleared_by=self._ruling.cleared_by,
        )

    async def run(self) -> None:
        """Nothing goes on: a new ruling is what changes it."""
