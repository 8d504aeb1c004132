"""Rule on an order that nobody has started: facts are read, nothing is begun and nothing kept."""

import asyncio
from datetime import timedelta

from temporalio import workflow

from workflows.domain.admission.facts import Facts
from workflows.domain.admission.foreseen import Foreseen
from workflows.domain.errors import PolicyViolated, ReleaseError
from workflows.domain.release.order import ReleaseOrder
from workflows.ports.decisions import AdmitRelease, DecisionsPort
from workflows.steps.call import call
from workflows.steps.facts import gather

_READ_WITHIN = timedelta(seconds=25)
"""Somebody waits at a keyboard; a release itself is more patient."""


@workflow.defn
class PreviewWorkflow:
    """Reads what a release would be ruled by, with the very steps of the release."""

    @workflow.run
    async def run(self, order: ReleaseOrder) -> Foreseen:
        """The ruling as it would be now; what cannot be read is named, and nobody's guess."""
        facts, unread = await self._read(order)
        try:
            ask = AdmitRelease(order=order, facts=facts)
            admission = await call(DecisionsPort.admit_release, ask)
        except PolicyViolated as refused:
            return Foreseen(facts=facts, refused=str(refused), unread=unread)
        return Foreseen(facts=facts, admission=admission, unread=unread)

    async def _read(self, order: ReleaseOrder) -> tuple[Facts, str]:
        began = workflow.now()
        try:
            async with asyncio.timeout(_READ_WITHIN.total_seconds()):
                facts = await gather(order)
                return facts.model_copy(update={"foreseen": True}), ""
        except TimeoutError:
            unread = f"not all facts could be read within {_READ_WITHIN.total_seconds():.0f} s"
        except ReleaseError as error:
            unread = f"facts could not be read: {error}"
        return Facts(at=began, foreseen=True), unread
