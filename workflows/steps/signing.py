"""Signing what was decided, beside the story: no stage waits for the vault."""

import asyncio
from collections.abc import Callable

from temporalio import workflow

from workflows.domain.attestations.deciding import Decided, asks_for_evidence, decision_of
from workflows.domain.errors import ReleaseError
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.values import Digest
from workflows.ports.attestations import AttestationsPort, SignDecision
from workflows.steps.call import call
from workflows.steps.trail import Trail


class DecisionSigner:
    """Has decisions that go by evidence signed; what was not signed is told by the trail."""

    def __init__(self, order: ReleaseOrder, trail: Trail, show: Callable[[Digest], None]) -> None:
        """*show* is told where each signed decision is kept."""
        self._order = order
        self._trail = trail
        self._show = show
        self._signing: list[asyncio.Future[None]] = []

    def sign(self, decided: Decided) -> None:
        """Begin to have it signed, if it goes by evidence."""
        if asks_for_evidence(decided.admission, decided.stage.environment):
            self._signing.append(asyncio.ensure_future(self._sign(decided)))

    async def finish(self) -> None:
        """Wait until each is signed, or will not be."""
        await asyncio.gather(*self._signing, return_exceptions=True)

    async def _sign(self, decided: Decided) -> None:
        release = workflow.info().workflow_id
        decision = decision_of(self._order, release, decided, workflow.now())
        ask = SignDecision(decision=decision)
        try:
            signed = await call(AttestationsPort.sign_decision, ask, trail=self._trail)
        except ReleaseError:
            return  # the trail says why; the release goes by the decision, not by its signature
        self._show(signed.digest)
