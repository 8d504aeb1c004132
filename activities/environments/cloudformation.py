"""Environments as stacks of CloudFormation, in one account and region of AWS."""

from activities.environments.blueprints import Blueprints
from activities.environments.buckets import Buckets
from activities.environments.census import CensusTaker
from activities.environments.creation import Creation
from activities.environments.deletion import Deletion
from activities.environments.drift import DriftDetection
from activities.environments.finding import Finder
from activities.environments.orphans import Orphans
from activities.environments.provisioner import AwsClients
from activities.environments.retagging import Retagging
from activities.environments.snapshots import FinalSnapshots
from activities.environments.stacks import Stacks
from activities.environments.surface import SurfaceReader
from activities.pace import Pace
from workflows.domain.environments.census import Census
from workflows.domain.environments.drift import Drift
from workflows.ports.environments import (
    CheckBlueprint,
    CreateEnvironment,
    Deleted,
    DeleteOrphans,
    DeleteStack,
    Emptied,
    EmptyBuckets,
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


class CloudFormation:
    """See Provisioner: each part answers for its own calls, and this puts them together.

    *role* is the service role with which CloudFormation acts, *capabilities* what templates may
    make use of. docs/adr/0031 says why each call is looked up in CloudFormation again.
    """

    def __init__(
        self,
        clients: AwsClients,
        *,
        connection: str,
        role: str | None = None,
        capabilities: tuple[str, ...] = (),
    ) -> None:
        self._role = role
        self._capabilities = capabilities
        self._clients = clients
        self._stacks = Stacks(clients)
        self._blueprints = Blueprints(
            self._stacks, connection=connection, capabilities=capabilities
        )

    def check_blueprint(self, ask: CheckBlueprint) -> None:
        self._blueprints.check(ask.blueprint)

    def create_environment(self, ask: CreateEnvironment, pace: Pace) -> Made:
        creation = Creation(
            ask, pace, stacks=self._stacks, role=self._role, capabilities=self._capabilities
        )
        return creation.run()

    def tag_environment(self, ask: TagEnvironment, pace: Pace) -> None:
        Retagging(self._stacks, role=self._role).tag(ask, pace)

    def read_made(self, ask: ReadEnvironment) -> Made:
        return self._stacks.made(self._stacks.needed(ask.environment))

    def take_census(self, ask: TakeCensus, pace: Pace) -> Census:
        return CensusTaker(self._clients).take(ask, pace)

    def take_snapshots(self, ask: TakeSnapshots, pace: Pace) -> Snapshots:
        return FinalSnapshots(self._clients).take(ask, pace)

    def empty_buckets(self, ask: EmptyBuckets, pace: Pace) -> Emptied:
        return Buckets(self._clients).empty(ask, pace)

    def delete_stack(self, ask: DeleteStack, pace: Pace) -> None:
        Deletion(self._stacks, role=self._role).delete(ask.environment, pace, lift=ask.lift)

    def read_drift(self, ask: ReadDrift, pace: Pace) -> Drift:
        return DriftDetection(self._stacks).read(ask, pace)

    def delete_orphans(self, ask: DeleteOrphans, pace: Pace) -> Deleted:
        return Orphans(self._clients).delete(ask, pace)

    def read_surface(self, ask: ReadSurface, pace: Pace) -> Surface:
        return SurfaceReader(self._clients).read(ask, pace)

    def find_tagged(self, ask: FindTagged) -> Tagged:
        return Finder(self._clients).find(ask)
