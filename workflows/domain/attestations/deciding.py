"""From the ruling on a release to what is signed of it."""

from collections.abc import Iterator
from datetime import datetime

from workflows.domain.admission.admission import Admission
from workflows.domain.attestations.decision import (
    APPROVED,
    ReleaseDecision,
    SignedPolicy,
    properties_of,
)
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.plan import Stage
from workflows.domain.values import Artifact, Value


class Decided(Value):
    """A stage was cleared, or denied for *reason*, under the ruling *admission*."""

    stage: Stage
    admission: Admission
    reason: str = ""

    @property
    def allowed(self) -> bool:
        return not self.reason


def asks_for_evidence(admission: Admission, environment: str) -> bool:
    """Whether the decision on *environment* goes by evidence, so that it becomes evidence too."""
    return any(result.environment == environment for result in admission.criteria)


def decision_of(
    order: ReleaseOrder, release: str, decided: Decided, now: datetime
) -> ReleaseDecision:
    """What is signed: the builds of the stage, the documents that ruled, and what held.

    A criterion that was waived is not among what held.
    """
    stage, admission = decided.stage, decided.admission
    criteria = [each for each in admission.criteria if each.environment == stage.environment]
    approved = [APPROVED] if stage.gate is not None else []
    return ReleaseDecision(
        release=release,
        environment=stage.environment,
        allowed=decided.allowed,
        decision_digest=admission.decision_digest,
        artifacts=_builds(stage),
        policies=tuple(_policies(order, admission)),
        properties=(*approved, *properties_of(criteria)) if decided.allowed else (),
        reasons=(decided.reason,) if decided.reason else (),
        at=now,
    )


def _builds(stage: Stage) -> tuple[Artifact, ...]:
    return tuple(dict.fromkeys(promotion.artifact for promotion in stage.promotions))


def _policies(order: ReleaseOrder, admission: Admission) -> Iterator[SignedPolicy]:
    yield SignedPolicy(uri="lockgate:release", digest=order.manifest_digest)
    yield SignedPolicy(uri="lockgate:catalog", digest=order.catalog_digest)
    if admission.rules_digest is not None:
        yield SignedPolicy(uri="lockgate:rules", digest=admission.rules_digest)
