"""Reading what an admission goes by."""

from temporalio import workflow

from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.ruling import evidence_wanted
from workflows.domain.facts import Facts
from workflows.domain.order import ReleaseOrder
from workflows.ports.attestations import AttestationsPort, ReadAttestations
from workflows.steps.call import call
from workflows.steps.trail import Trail


async def gather(order: ReleaseOrder, *, trail: Trail) -> Facts:
    """Read all that the rulings on *order* go by, each from where it is known.

    Raises:
        ReleaseError: something could not be read within the limits of its port.
    """
    attestations = await _attestations(order, trail)
    return Facts(at=workflow.now(), attestations=attestations)


async def _attestations(order: ReleaseOrder, trail: Trail) -> tuple[Attestation, ...] | None:
    wanted = evidence_wanted(order)
    if wanted is None:
        return None
    ask = ReadAttestations(artifacts=wanted.artifacts, keys=wanted.keys)
    return (await call(AttestationsPort.read_attestations, ask, trail=trail)).attestations
