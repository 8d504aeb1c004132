"""What makes and removes environments: one module beside this one per kind of provider."""

from typing import Any, Protocol

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


class AwsClients(Protocol):
    """Clients of boto3 for one connection: its account, region, keys and endpoints."""

    def __call__(self, service: str) -> Any:
        """The client of *service*, such as `s3`; ask for it anew each time, as its keys change."""
        ...


class Provisioner(Protocol):
    """Answers for one connection what EnvironmentsPort asks, and raises what that says.

    Whatever waits does so by the *pace* that it is given, and can be told to stop there; each
    can be asked again after it was killed between any two of its calls.
    """

    def check_blueprint(self, ask: CheckBlueprint) -> None: ...

    def create_environment(self, ask: CreateEnvironment, pace: Pace) -> Made: ...

    def tag_environment(self, ask: TagEnvironment, pace: Pace) -> None: ...

    def read_made(self, ask: ReadEnvironment) -> Made: ...

    def take_census(self, ask: TakeCensus, pace: Pace) -> Census: ...

    def take_snapshots(self, ask: TakeSnapshots, pace: Pace) -> Snapshots: ...

    def empty_buckets(self, ask: EmptyBuckets, pace: Pace) -> Emptied: ...

    def delete_stack(self, ask: DeleteStack, pace: Pace) -> None: ...

    def delete_orphans(self, ask: DeleteOrphans, pace: Pace) -> Deleted: ...

    def read_drift(self, ask: ReadDrift, pace: Pace) -> Drift: ...

    def read_surface(self, ask: ReadSurface, pace: Pace) -> Surface: ...

    def find_tagged(self, ask: FindTagged) -> Tagged: ...
