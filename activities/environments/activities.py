"""EnvironmentsPort, for whatever provider each environment is made at."""

from collections.abc import Callable

import structlog

from activities.environments.provisioner import Provisioner
from activities.pace import ActivityPace, Pace
from workflows.domain.environments.census import Census
from workflows.domain.environments.drift import Drift
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Provider
from workflows.ports.environments import (
    CheckBlueprint,
    CreateEnvironment,
    Deleted,
    DeleteOrphans,
    DeleteStack,
    Emptied,
    EmptyBuckets,
    EnvironmentsPort,
    FindTagged,
    Made,
    ReadDrift,
    ReadEnvironment,
    ReadSurface,
    Snapshots,
    Surface,
    TagEnvironment,
    Tagged,
    TakeCensus,
    TakeSnapshots,
)

log = structlog.get_logger(__name__)


class EnvironmentsActivities(EnvironmentsPort):
    """Hands each ask to the provisioner that it names."""

    def __init__(
        self,
        provisioner_for: Callable[[Provider], Provisioner],
        *,
        pace: Callable[[], Pace] = ActivityPace,
    ) -> None:
        self._provisioner_for = provisioner_for
        self._pace = pace

    def _at(self, provider: Provider) -> Provisioner:
        """The provisioner of *provider*.

        Raises:
            Refused: this worker has no such connection, which says nothing of what exists there;
                TargetMissing would say that the environment is gone.
        """
        try:
            return self._provisioner_for(provider)
        except TargetMissing as error:
            raise Refused(str(error)) from error

    def check_blueprint(self, ask: CheckBlueprint) -> None:
        self._at(ask.provider).check_blueprint(ask)

    def create_environment(self, ask: CreateEnvironment) -> Made:
        made = self._at(ask.provider).create_environment(ask, self._pace())
        log.info("environment_made", environment=ask.environment, resources=len(made.resources))
        return made

    def tag_environment(self, ask: TagEnvironment) -> None:
        self._at(ask.provider).tag_environment(ask, self._pace())
        log.info("environment_tagged", environment=ask.environment)

    def read_made(self, ask: ReadEnvironment) -> Made:
        return self._at(ask.provider).read_made(ask)

    def take_census(self, ask: TakeCensus) -> Census:
        return self._at(ask.provider).take_census(ask, self._pace())

    def take_snapshots(self, ask: TakeSnapshots) -> Snapshots:
        taken = self._at(ask.provider).take_snapshots(ask, self._pace())
        log.info("snapshots_taken", environment=ask.environment, snapshots=len(taken.snapshots))
        return taken

    def empty_buckets(self, ask: EmptyBuckets) -> Emptied:
        emptied = self._at(ask.provider).empty_buckets(ask, self._pace())
        removed = sum(emptied.buckets.values())
        log.info("buckets_emptied", environment=ask.environment, removed=removed)
        return emptied

    def delete_stack(self, ask: DeleteStack) -> None:
        self._at(ask.provider).delete_stack(ask, self._pace())
        log.info("stack_deleted", environment=ask.environment)

    def delete_orphans(self, ask: DeleteOrphans) -> Deleted:
        deleted = self._at(ask.provider).delete_orphans(ask, self._pace())
        gone, left = len(deleted.gone), len(deleted.left)
        log.info("orphans_deleted", environment=ask.environment, gone=gone, left=left)
        return deleted

    def read_drift(self, ask: ReadDrift) -> Drift:
        return self._at(ask.provider).read_drift(ask, self._pace())

    def read_surface(self, ask: ReadSurface) -> Surface:
        return self._at(ask.provider).read_surface(ask, self._pace())

    def find_tagged(self, ask: FindTagged) -> Tagged:
        return self._at(ask.provider).find_tagged(ask)
