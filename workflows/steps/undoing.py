"""How each thing that a release does to a target is undone, listed before it is done."""

from datetime import timedelta

from workflows.domain.canary.recovery import RecoveryRule
from workflows.domain.canary.traffic import Traffic
from workflows.domain.release.plan import Promotion, Stage
from workflows.domain.values import Artifact
from workflows.ports.alerts import AlertsPort, LiftSilences
from workflows.ports.deploy import DeployPort, EnsureHealthy, InstallVersion, RemoveVersion
from workflows.ports.environment_stories import EndEnvironment, EnvironmentStoriesPort
from workflows.ports.metrics import MetricsPort, VerifyRecovery
from workflows.ports.traffic import TrafficPort, WithdrawVersion
from workflows.steps.baseline import Baseline
from workflows.steps.saga import Saga

_LOOK = timedelta(seconds=5)


def list_promotion(
    saga: Saga, promotion: Promotion, baseline: Baseline | None, *, release: str
) -> None:
    """Undo a promotion: see that the old version is healthy, give it the traffic, remove the new.

    Listed the other way round, since undos run newest first: an old version that is not healthy
    keeps the traffic from going back to it, and a person decides.
    """
    target, new = promotion.target, promotion.artifact.digest
    if promotion.masking is not None:
        saga.undo_with(
            AlertsPort.lift_silences,
            LiftSilences(provider=promotion.masking.provider, release=release, target=target),
            subject=f"silences of {target}",
        )
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

    if baseline is not None:
        saga.undo_with(
            DeployPort.ensure_healthy,
            EnsureHealthy(
                target=target,
                platform=promotion.systems.platform,
                artifact=baseline.artifact,
                store=promotion.systems.artifacts,
                release=release,
            ),
            subject=target,
        )


def list_environment(saga: Saga, stage: Stage, ask: EndEnvironment) -> None:
    """Undo the making of an environment: it is torn down when all in it is put back.

    Listed before the promotions into it, so it runs after their undos; while one of them fails it
    is left standing, since people may have to look into it.
    """
    saga.undo_with(
        EnvironmentStoriesPort.end_environment,
        ask,
        subject=f"environment {ask.environment}",
        waits_for=tuple(str(promotion.target) for promotion in stage.promotions),
    )


def list_recovery(
    saga: Saga, promotion: Promotion, baseline: Baseline, traffic: Traffic | None
) -> None:
    """When all is put back, see on the metrics that the old version serves as it did before."""
    interval = min((s.watched.interval for s in promotion.steps if s.watched), default=_LOOK)
    saga.undo_last(
        MetricsPort.verify_recovery,
        VerifyRecovery(
            target=promotion.target,
            source=promotion.systems.metrics,
            version=baseline.artifact.digest,
            rule=RecoveryRule(
                ratio_before=traffic.ratio("errors", "requests") if traffic else None,
                interval=interval.total_seconds(),
            ),
        ),
        subject=f"recovery of {promotion.target}",
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
