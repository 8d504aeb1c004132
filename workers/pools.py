"""The table of worker pools: queue to stories and port implementations."""

from collections.abc import Sequence
from dataclasses import dataclass

from activities.alerts.activities import AlertsActivities
from activities.artifacts.activities import ArtifactsActivities
from activities.databases import DatabasesActivities
from activities.decisions.activities import DecisionsActivities
from activities.deploy.activities import DeployActivities
from activities.evidence import EvidenceActivities
from activities.metrics import MetricsActivities
from activities.releases.activities import ReleasesActivities
from activities.secrets import SecretsActivities
from activities.traffic.activities import TrafficActivities
from workflows.domain.names import Queue
from workflows.ports.base import Port
from workflows.promotion import PromotionWorkflow
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow
from workflows.sweep import SweepWorkflow

ALL = "all"


@dataclass(frozen=True)
class Pool:
    """One task queue, and what is served on it with one set of credentials."""

    queue: Queue
    caption: str
    stories: tuple[type, ...] = ()
    serves: tuple[type[Port], ...] = ()


_TABLE = (
    Pool(
        Queue.STORIES,
        "releases, promotions, rollbacks, sweeps: no credential at all",
        stories=(ReleaseWorkflow, PromotionWorkflow, RollbackWorkflow, SweepWorkflow),
    ),
    Pool(
        Queue.DECISIONS,
        "rulings on what may go: Temporal alone",
        serves=(DecisionsActivities, ReleasesActivities),
    ),
    Pool(
        Queue.CLOUD,
        "artifact stores and platforms",
        serves=(ArtifactsActivities, DeployActivities),
    ),
    Pool(Queue.TRAFFIC, "routers", serves=(TrafficActivities,)),
    Pool(Queue.MONITORING, "metric sources", serves=(MetricsActivities,)),
    Pool(Queue.DATA, "databases, by leased credentials", serves=(DatabasesActivities,)),
    Pool(Queue.VAULT, "revokes what releases leased", serves=(SecretsActivities,)),
    Pool(Queue.EVIDENCE, "the audit record", serves=(EvidenceActivities,)),
    Pool(Queue.ALERTS, "alert managers: silences", serves=(AlertsActivities,)),
)

POOLS: dict[str, Pool] = {str(pool.queue): pool for pool in _TABLE}


def chosen(names: Sequence[str]) -> tuple[Pool, ...]:
    """The pools named, each once, in the table's order; `all` is every pool."""
    return tuple(pool for name, pool in POOLS.items() if ALL in names or name in names)
