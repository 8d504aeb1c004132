"""The table of worker pools: queue to stories and port implementations."""

from collections.abc import Sequence
from dataclasses import dataclass

from activities.alerts.activities import AlertsActivities
from activities.artifacts.activities import ArtifactsActivities
from activities.attestations import AttestationsActivities
from activities.audit import AuditActivities
from activities.databases import DatabasesActivities
from activities.decision_log import DecisionLogActivities
from activities.decisions.activities import DecisionsActivities
from activities.deploy.activities import DeployActivities
from activities.environment_stories.activities import EnvironmentStoriesActivities
from activities.environments import EnvironmentsActivities
from activities.feeds import FeedsActivities
from activities.flags.activities import FlagsActivities
from activities.freezes import FreezesActivities
from activities.gates import GatesActivities
from activities.identity import IdentityActivities
from activities.journeys import JourneysActivities
from activities.metrics import MetricsActivities
from activities.notices import NoticesActivities
from activities.outcomes import OutcomesActivities
from activities.releases.activities import ReleasesActivities
from activities.reviews import ReviewsActivities
from activities.sealing import SealingActivities
from activities.secrets import SecretsActivities
from activities.sources import SourcesActivities
from activities.traffic.activities import TrafficActivities
from activities.windows import WindowsActivities
from workflows.domain.names import Queue
from workflows.drift_check import DriftCheckWorkflow
from workflows.environment import EnvironmentWorkflow
from workflows.expired_sweep import ExpiredSweepWorkflow
from workflows.orphan_sweep import OrphanSweepWorkflow
from workflows.ports.base import Port
from workflows.preview import PreviewWorkflow
from workflows.promotion import PromotionWorkflow
from workflows.readiness import ReadinessWorkflow
from workflows.reclaim import ReclaimWorkflow
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow
from workflows.seal import SealWorkflow
from workflows.sweep import SweepWorkflow

ALL = "all"


@dataclass(frozen=True)
class Pool:
    """One task queue, and what is served on it with one set of credentials.

    *at_once* activities run in one worker. Where some last as long as a promotion does, there must
    be room beside them: a rollback must find a worker free however many canaries are watched.
    """

    queue: Queue
    caption: str
    stories: tuple[type, ...] = ()
    serves: tuple[type[Port], ...] = ()
    at_once: int = 32


# A thread that waits for its next look costs next to nothing.
_WATCHED_AT_ONCE = 512

# A teardown waits for most of its time; what it asks meanwhile is bound by the connection's rate.
_TORN_DOWN_AT_ONCE = 64

_TABLE = (
    Pool(
        Queue.STORIES,
        "releases, promotions, rollbacks, sweeps, seals, environments: no credential at all",
        stories=(
            ReleaseWorkflow,
            PromotionWorkflow,
            RollbackWorkflow,
            ReadinessWorkflow,
            SealWorkflow,
            PreviewWorkflow,
            SweepWorkflow,
            EnvironmentWorkflow,
            ReclaimWorkflow,
            ExpiredSweepWorkflow,
            OrphanSweepWorkflow,
            DriftCheckWorkflow,
        ),
    ),
    Pool(
        Queue.DECISIONS,
        "rulings on what may go: Temporal alone",
        serves=(
            DecisionsActivities,
            WindowsActivities,
            ReleasesActivities,
            EnvironmentStoriesActivities,
        ),
    ),
    Pool(
        Queue.CLOUD,
        "artifact stores and platforms",
        serves=(ArtifactsActivities, DeployActivities),
        at_once=_WATCHED_AT_ONCE,
    ),
    Pool(Queue.TRAFFIC, "routers", serves=(TrafficActivities,)),
    Pool(Queue.FLAGS, "feature flags", serves=(FlagsActivities,)),
    Pool(
        Queue.MONITORING,
        "metric sources",
        serves=(MetricsActivities,),
        at_once=_WATCHED_AT_ONCE,
    ),
    Pool(
        Queue.ALERTS,
        "alert managers: silences",
        serves=(AlertsActivities,),
        at_once=_WATCHED_AT_ONCE,
    ),
    Pool(Queue.JOURNEYS, "synthetic customers", serves=(JourneysActivities,)),
    Pool(Queue.DATA, "databases, by leased credentials", serves=(DatabasesActivities,)),
    Pool(Queue.VAULT, "revokes what releases leased", serves=(SecretsActivities,)),
    Pool(Queue.CALENDARS, "calendar feeds of others", serves=(FeedsActivities,)),
    Pool(Queue.IDENTITY, "who decides: issuers of identity tokens", serves=(IdentityActivities,)),
    Pool(
        Queue.ATTESTATIONS,
        "evidence about builds, and the key that signs decisions",
        serves=(AttestationsActivities,),
    ),
    Pool(
        Queue.AUDIT,
        "the audit record, what people declare, and what came of releases",
        serves=(
            AuditActivities,
            DecisionLogActivities,
            OutcomesActivities,
            ReviewsActivities,
            GatesActivities,
            SealingActivities,
            FreezesActivities,
        ),
    ),
    Pool(Queue.SOURCES, "repositories, coverage and pagers", serves=(SourcesActivities,)),
    Pool(
        Queue.ENVIRONMENTS,
        "makes, counts and removes environments",
        serves=(EnvironmentsActivities,),
        at_once=_TORN_DOWN_AT_ONCE,
    ),
    Pool(Queue.NOTICES, "tells people, by mail", serves=(NoticesActivities,)),
)

POOLS: dict[str, Pool] = {str(pool.queue): pool for pool in _TABLE}


def chosen(names: Sequence[str]) -> tuple[Pool, ...]:
    """The pools named, each once, in the table's order; `all` is every pool."""
    return tuple(pool for name, pool in POOLS.items() if ALL in names or name in names)
