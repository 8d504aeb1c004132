"""What is kept of gates besides the audit record: how long they took, and the rules they go by."""

from pydantic import JsonValue

from workflows.domain.admission.admission import Admission
from workflows.domain.gates.waits import GateWait
from workflows.domain.release.order import ReleaseOrder
from workflows.ports.gates import GatesPort, PublishMatrix, RecordGateWaits
from workflows.steps.call import try_call
from workflows.steps.trail import Trail


async def record_waits(waits: tuple[GateWait, ...], trail: Trail) -> None:
    """Keep how long gates took; a release does not stand or fall with its figures."""
    if waits:
        await try_call(GatesPort.record_gate_waits, RecordGateWaits(waits=waits), trail=trail)


async def publish_matrices(order: ReleaseOrder, admission: Admission, trail: Trail) -> None:
    """Have each decision matrix that decided something published, if nobody has seen it yet."""
    deciding = sorted({row.row.partition("#")[0] for row in admission.rows})
    for policy in deciding:
        if (matrix := _matrix_of(order, policy)) is not None:
            ask = PublishMatrix(policy=policy, matrix=matrix)
            await try_call(GatesPort.publish_matrix, ask, trail=trail)


def _matrix_of(order: ReleaseOrder, policy: str) -> dict[str, JsonValue] | None:
    found: JsonValue = order.catalog
    for part in ("policies", policy, "decisionMatrix"):
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None
