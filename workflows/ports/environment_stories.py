"""Environments as Temporal knows them: which live, and asking one to end."""

from abc import abstractmethod
from datetime import datetime, timedelta

from workflows.domain.environments.view import EnvironmentView
from workflows.domain.names import Queue
from workflows.domain.values import Value
from workflows.ports.base import Message, Port, limited


class EndEnvironment(Message):
    """Have the environment torn down: what it was made for is over.

    With *release*, only if it is bound to that one; with *if_expired*, only if its time is over
    as it knows it itself.
    """

    environment: str
    reason: str
    by: str
    release: str | None = None
    if_expired: bool = False

    def __str__(self) -> str:
        return f"have {self.environment} torn down"


class ReadEnvironments(Message):
    """Which of these environments have a living story?

    With *brief*, views come without what may be long: censuses, outputs, drift, what was.
    """

    names: tuple[str, ...]
    brief: bool = False

    def __str__(self) -> str:
        return f"ask for {len(self.names)} environments"


class LivingEnvironments(Value):
    """What the living ones tell of themselves, by name; None where one could not be asked.

    Many long views are made brief, since no answer may be as long as they like.
    """

    environments: dict[str, EnvironmentView | None] = {}


class FindEnvironments(Message):
    """The living environments, by what visibility knows; a moment late.

    One page of at most *limit*; with *expired_before*, only those whose time was over by then.
    """

    limit: int = 1000
    expired_before: datetime | None = None
    page: str = ""

    def __str__(self) -> str:
        over = self.expired_before
        return f"list the {'living' if over is None else 'overdue'} environments"


class FoundEnvironments(Value):
    """Their names; *page* is where to go on, and *more* says whether there is anything there."""

    names: tuple[str, ...] = ()
    more: bool = False
    page: str = ""


class EnvironmentStoriesPort(Port):
    """All raise Unavailable where Temporal does not answer; retried within the limits."""

    queue = Queue.DECISIONS

    @limited(attempt=timedelta(seconds=30), total=timedelta(hours=1))
    @abstractmethod
    def end_environment(self, ask: EndEnvironment) -> None:
        """Tell its story; one that has ended, or was made for another release, is left alone."""

    @limited(attempt=timedelta(minutes=2), total=timedelta(minutes=30), recorded=False)
    @abstractmethod
    def read_environments(self, ask: ReadEnvironments) -> LivingEnvironments:
        """Ask each by its id, which is never late; one that is being reclaimed lives as well."""

    @limited(attempt=timedelta(minutes=2), total=timedelta(minutes=30), recorded=False)
    @abstractmethod
    def find_environments(self, ask: FindEnvironments) -> FoundEnvironments:
        """List what runs."""
