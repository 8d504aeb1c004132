"""How each thing that a release does to a target is undone, listed before it is done."""

from workflows.domain.plan import Promotion
from workflows.domain.values import Artifact
from workflows.ports.deploy import DeployPort, InstallVersion, RemoveVersion
from workflows.ports.traffic import TrafficPort, WithdrawVersion
from workflows.steps.baseline import Baseline
from workflows.steps.saga import Saga


def list_promotion(
    saga: Saga, promotion: Promotion, baseline: Baseline | None, *, release: str
) -> None:
    """Undo a promotion: take the new version out of the route, then remove it."""
    target, new = promotion.target, promotion.artifact.digest
    saga.undo_with(
        DeployPort.remove_version,
        RemoveVersion(target=target, platform=promotion.systems.platform, digest=new),
        subject=target,
    )
    saga.undo_with(
        TrafficPort.withdraw_version,
        WithdrawVersion(
            target=target,
            router=promotion.systems.router,
            version=new,
            restore=baseline.artifact.digest if baseline else None,
            set_by=baseline.set_by if baseline else None,
            release=release,
        ),
        subject=target,
    )


def list_retirement(saga: Saga, promotion: Promotion, old: Artifact, *, release: str) -> None:
    """Undo the removal of the old version: run it again, before traffic goes back to it."""
    saga.undo_with(
        DeployPort.install_version,
        InstallVersion(
            target=promotion.target,
            platform=promotion.systems.platform,
            artifact=old,
            store=promotion.systems.artifacts,
            release=release,
        ),
        subject=promotion.target,
    )
