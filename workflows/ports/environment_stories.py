"""Environments as Temporal knows them: which live, and asking one to end."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.environments.view import EnvironmentView
from workflows.domain.names import Queue
from workflows.domain.values import Value
from workflows.ports.base import Message, Port, limited


class EndEnvironment(Message):
    """Have the environment torn down: what it was made for is over.

    With *release*, only if it is bound to that one.
    """

    environment: str
    reason: str
    by: str
    release: str | None = None

    def __str__(self) -> str:
        return f"have {self.environment} torn down"


class ReadEnvironments(Message):
    """Which of these environments have a living story?"""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"ask for {len(self.names)} environments"


class LivingEnvironments(Value):
    """What the living ones tell of themselves, by name; None where one could not be asked."""

    environments: dict[str, EnvironmentView | None] = {}


class FindEnvironments(Message):
    """The living environments, by what visibility knows; a moment late."""

    limit: int = 1000

    def __str__(self) -> str:
        return "list the living environments"


class FoundEnvironments(Value):
    names: tuple[str, ...] = ()
    more: bool = False


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
        """Ask each by its id, which is never late."""

    @limited(attempt=timedelta(minutes=2), total=timedelta(minutes=30), recorded=False)
    @abstractmethod
    def find_environments(self, ask: FindEnvironments) -> FoundEnvironments:
        """List what runs."""
