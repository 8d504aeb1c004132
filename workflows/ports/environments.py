"""Making and removing what an environment is made of, and counting what exists."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.environments.census import Census, Resource
from workflows.domain.environments.drift import Drift
from workflows.domain.environments.order import Blueprint
from workflows.domain.names import Queue
from workflows.domain.values import Digest, Provider, Value
from workflows.ports.base import Message, Port, limited


class CheckBlueprint(Message):
    """Would the provider make this? Nothing is made."""

    provider: Provider
    blueprint: Blueprint

    def __str__(self) -> str:
        return f"check the template {self.blueprint.template} and its parameters"


class CreateEnvironment(Message):
    """Make the environment; every resource of it carries *tags*."""

    environment: str
    provider: Provider
    blueprint: Blueprint
    tags: dict[str, str]

    def __str__(self) -> str:
        return f"create {self.environment} from {self.blueprint.template}"


class TagEnvironment(Message):
    """Give the environment, and every resource of it, these tags and no other ones of ours."""

    environment: str
    provider: Provider
    tags: dict[str, str]

    def __str__(self) -> str:
        return f"tag {self.environment}"


class ReadEnvironment(Message):
    """What is the environment made of, and what does it offer?"""

    environment: str
    provider: Provider

    def __str__(self) -> str:
        return f"read {self.environment}"


class Made(Value):
    """A stack as the provider has it: its resources by type, and its outputs."""

    stack: str
    status: str
    resources: tuple[Resource, ...] = ()
    outputs: dict[str, str] = {}
    tags: dict[str, str] = {}
    parameters: dict[str, str] = {}
    template: Digest | None = None
    """Of the template's text as the provider has it."""
    protected: bool = False
    """Whether the provider refuses to delete it before that is lifted."""

    def __str__(self) -> str:
        return f"{self.status}, {len(self.resources)} resources"


class TakeCensus(Message):
    """What exists with the tags of *environment*, its stack included?

    *stack* is the id of its stack as an earlier census told it: a stack that is deleted is known
    by that alone, and so is what it left on purpose.
    """

    environment: str
    provider: Provider
    stack: str = ""

    def __str__(self) -> str:
        return f"count what exists of {self.environment}"


class TakeSnapshots(Message):
    """Keep a final snapshot of these; *everything* asks it of all that can hold data."""

    environment: str
    provider: Provider
    resources: tuple[str, ...] = ()
    everything: bool = False

    def __str__(self) -> str:
        return f"keep final snapshots of {self.environment}"


class Snapshots(Value):
    snapshots: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join(self.snapshots)


class EmptyBuckets(Message):
    """Remove every object, version and unfinished upload from the environment's buckets."""

    environment: str
    provider: Provider

    def __str__(self) -> str:
        return f"empty the buckets of {self.environment}"


class Emptied(Value):
    """How many objects, versions and markers were removed, by bucket."""

    buckets: dict[str, int] = {}

    def __str__(self) -> str:
        return ", ".join(f"{count} from {bucket}" for bucket, count in self.buckets.items())


class DeleteStack(Message):
    """Delete the environment's stack; *lift* takes termination protection off first."""

    environment: str
    provider: Provider
    lift: bool

    def __str__(self) -> str:
        return f"delete the stack of {self.environment}"


class DeleteOrphans(Message):
    """Delete these resources, each only if it still carries the tag of *environment*."""

    environment: str
    provider: Provider
    resources: tuple[Resource, ...]

    def __str__(self) -> str:
        return f"delete {len(self.resources)} resources that outlived {self.environment}"


class Deleted(Value):
    """What is gone, and what is not, with the reason by its id."""

    gone: tuple[str, ...] = ()
    left: dict[str, str] = {}

    def __str__(self) -> str:
        left = "".join(f"; {id_}: {why}" for id_, why in self.left.items())
        return f"{len(self.gone)} deleted{left}"


class ReadDrift(Message):
    """Is the stack as its template says?"""

    environment: str
    provider: Provider
    digest: Digest
    """Of the template that it was made from."""

    def __str__(self) -> str:
        return f"compare {self.environment} with its template"


class ReadSurface(Message):
    """What of the environment can the whole world reach?"""

    environment: str
    provider: Provider

    def __str__(self) -> str:
        return f"look for open ports of {self.environment}"


class OpenPort(Value):
    """A port range that any address may reach; *where* is a security group, a database, ..."""

    where: str
    protocol: str
    ports: str
    to: str

    def __str__(self) -> str:
        return f"{self.ports}/{self.protocol} to {self.to} at {self.where}"


class Surface(Value):
    open: tuple[OpenPort, ...] = ()
    unreadable: tuple[str, ...] = ()


class FindTagged(Message):
    """One page of all that exists with our tags at *provider*, of whatever environment."""

    provider: Provider
    page: str = ""

    def __str__(self) -> str:
        return f"look for everything with our tags at {self.provider}"


class Tagged(Value):
    """Environments by name, with the tags of what was found first; *page* is where to go on."""

    environments: dict[str, dict[str, str]] = {}
    page: str = ""
    unreadable: tuple[str, ...] = ()
    """Lists that could not be asked, and why: what they alone know is not found."""

    def __str__(self) -> str:
        unread = f"; could not read {', '.join(self.unreadable)}" if self.unreadable else ""
        return f"{len(self.environments)} environments{unread}"


_LONG = timedelta(hours=2)
_BEAT = timedelta(seconds=60)


class EnvironmentsPort(Port):
    """Every method may be asked again at any time, and goes on where it was.

    All raise Unavailable where the provider does not answer or throttles, which is retried within
    the limits, and TargetMissing where no such provider is in the worker's settings.
    """

    queue = Queue.ENVIRONMENTS

    @limited(attempt=timedelta(minutes=1), total=timedelta(minutes=30), recorded=False)
    @abstractmethod
    def check_blueprint(self, ask: CheckBlueprint) -> None:
        """See that the template is one, and takes the parameters.

        Raises:
            Refused: what is wrong with it, by name; not retried.
        """

    @limited(attempt=_LONG, total=3 * _LONG, heartbeat=_BEAT)
    @abstractmethod
    def create_environment(self, ask: CreateEnvironment) -> Made:
        """Make it, and wait until it is; one that is made already is left alone.

        Raises:
            Refused: it could not be made; the message names the resource and why, and what was
                begun is rolled back, or deleted by whoever tears it down next; not retried.
            Diverged: a stack of this name is not ours, or made from another template.
        """

    @limited(attempt=_LONG, total=3 * _LONG, heartbeat=_BEAT)
    @abstractmethod
    def tag_environment(self, ask: TagEnvironment) -> None:
        """Raises TargetMissing where there is no such stack; not retried."""

    @limited(attempt=timedelta(minutes=2), total=timedelta(minutes=30), recorded=False)
    @abstractmethod
    def read_made(self, ask: ReadEnvironment) -> Made:
        """Raises TargetMissing where there is no such stack; not retried."""

    @limited(
        attempt=timedelta(minutes=10), total=timedelta(hours=1), heartbeat=_BEAT, recorded=False
    )
    @abstractmethod
    def take_census(self, ask: TakeCensus) -> Census:
        """Count by tag, and by the stack's own list; final snapshots do not count.

        Raises:
            Refused: there is no such connection; what cannot be read is told in the census.
        """

    @limited(attempt=_LONG, total=3 * _LONG, heartbeat=_BEAT)
    @abstractmethod
    def take_snapshots(self, ask: TakeSnapshots) -> Snapshots:
        """Take each, wait until it is complete, and tag it as one; one that exists is kept.

        Raises:
            Refused: something that must not go without a snapshot can have none; not retried.
        """

    @limited(attempt=_LONG, total=3 * _LONG, heartbeat=_BEAT)
    @abstractmethod
    def empty_buckets(self, ask: EmptyBuckets) -> Emptied:
        """Raises Refused where Object Lock keeps an object; not retried."""

    @limited(attempt=_LONG, total=3 * _LONG, heartbeat=_BEAT)
    @abstractmethod
    def delete_stack(self, ask: DeleteStack) -> None:
        """Delete it, in the order of its dependencies, and wait; none is as good as deleted.

        Raises:
            Diverged: it is protected against deletion and *lift* is not said, or it is not ours.
            Refused: resources could not be deleted; the message names each and why; not retried.
        """

    @limited(attempt=_LONG, total=3 * _LONG, heartbeat=_BEAT)
    @abstractmethod
    def delete_orphans(self, ask: DeleteOrphans) -> Deleted:
        """Delete in the order of dependencies; what cannot be is told, not raised."""

    @limited(
        attempt=timedelta(minutes=15), total=timedelta(hours=1), heartbeat=_BEAT, recorded=False
    )
    @abstractmethod
    def read_drift(self, ask: ReadDrift) -> Drift:
        """Have the provider compare; raises TargetMissing where there is no such stack."""

    @limited(attempt=timedelta(minutes=2), total=timedelta(minutes=30), recorded=False)
    @abstractmethod
    def read_surface(self, ask: ReadSurface) -> Surface:
        """What any address may reach."""

    @limited(attempt=timedelta(minutes=2), total=timedelta(minutes=30), recorded=False)
    @abstractmethod
    def find_tagged(self, ask: FindTagged) -> Tagged:
        """One page, so that neither worker nor history ever holds all of it.

        Raises:
            Refused: there is no such connection, or page; what cannot be read is in the answer.
        """
