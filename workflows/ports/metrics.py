"""Counting what each version serves, and judging the canary by it."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.canary.verdict import ArmCounts, MetricRule, Verdict
from workflows.domain.names import Queue
from workflows.domain.values import Digest, Provider, Target, Value
from workflows.ports.base import Message, Port, limited


class Window(Value):
    """The counters of both versions when a step began; bounded by the histogram's edges."""

    at: float
    canary: ArmCounts
    baseline: ArmCounts


class OpenWindow(Message):
    """Note both versions' counters as the start of a step."""

    target: Target
    source: Provider
    canary: Digest
    baseline: Digest

    def __str__(self) -> str:
        return f"start measuring {self.target}"


class JudgeCanary(Message):
    """Compare what both versions served since *window* was opened."""

    target: Target
    source: Provider
    canary: Digest
    baseline: Digest
    window: Window
    rules: tuple[MetricRule, ...]
    look: int

    def __str__(self) -> str:
        return f"judge {self.target}, look {self.look}"


class MetricsPort(Port):
    queue = Queue.MONITORING

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=10), recorded=False)
    @abstractmethod
    def open_window(self, ask: OpenWindow) -> Window:
        """Read both versions' counters; a version that served nothing yet counts as zeros.

        Raises:
            TargetMissing: no such metric source; not retried.
            Unavailable: the source does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=5))
    @abstractmethod
    def judge_canary(self, ask: JudgeCanary) -> Verdict:
        """Judge here, so that only the verdict enters history.

        A source that cannot be asked is the verdict `providerError`, never an exception: a look
        is worth having only now, and the story decides what an unanswered one means.

        Raises:
            TargetMissing: no such metric source; not retried.
        """
