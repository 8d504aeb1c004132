"""Watching what each version serves, and judging the canary by it."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.duration import PlannedDuration
from workflows.domain.canary.measures import Measure
from workflows.domain.canary.recovery import Recovery, RecoveryRule
from workflows.domain.canary.traffic import Traffic
from workflows.domain.canary.watch import Carried, Watched, WatchRules
from workflows.domain.durations import write_duration
from workflows.domain.names import Queue
from workflows.domain.values import Digest, Percent, Provider, Target, short
from workflows.ports.base import Message, Port, limited


class MeasureTraffic(Message):
    """How much traffic has *version* of *target*, and how does it fare?"""

    target: Target
    source: Provider
    version: Digest
    measures: tuple[Measure, ...]
    over: timedelta

    def __str__(self) -> str:
        return f"measure the traffic of {self.target}"


class PlanStage(Message):
    """How long must a stage at *percent* last, for its metrics to tell good from bad?"""

    target: Target
    percent: Percent
    judge: JudgeConfig
    traffic: Traffic
    at_most: timedelta | None = None

    def __str__(self) -> str:
        return f"plan how long to watch {self.target} at {self.percent}%"


class WatchCanary(Message):
    """Watch *canary*, beside *baseline* where there is one, for one stage.

    *carried* is what an earlier stage of the same promotion left, *stage* is for people, and
    *watch* numbers the watches of one promotion.
    """

    target: Target
    source: Provider
    canary: Digest
    baseline: Digest | None
    measures: tuple[Measure, ...]
    rules: WatchRules
    carried: Carried | None = None
    stage: str = ""
    watch: int = 0

    def __str__(self) -> str:
        lasts = write_duration(timedelta(seconds=round(self.rules.judge.horizon, 3)))
        return f"watch {short(self.canary)} of {self.target} {self.stage}, {lasts} at most"


class VerifyRecovery(Message):
    """Does *version* of *target* serve as well again as it did before the release?"""

    target: Target
    source: Provider
    version: Digest
    rule: RecoveryRule

    def __str__(self) -> str:
        return f"verify on metrics that {self.target} has recovered"


class MetricsPort(Port):
    queue = Queue.MONITORING

    @limited(
        attempt=timedelta(minutes=2),
        total=timedelta(minutes=10),
        heartbeat=timedelta(seconds=30),
        recorded=False,
        awaited=False,
    )
    @abstractmethod
    def measure_traffic(self, ask: MeasureTraffic) -> Traffic:
        """What was served lately; from a source that cannot look back, what is served now.

        A source that does not answer is `known: false`, never an exception: a release that could
        not be told how long it takes may still be watched.

        Raises:
            TargetMissing: no such metric source; not retried.
        """

    @limited(attempt=timedelta(seconds=20), total=timedelta(minutes=5), awaited=False)
    @abstractmethod
    def plan_stage(self, ask: PlanStage) -> PlannedDuration:
        """The length of the stage, from its traffic, base rates and criticality.

        A ruling: it asks nobody, so that only a bug can make it fail.
        """

    @limited(
        attempt=timedelta(days=8),
        total=timedelta(days=8),
        heartbeat=timedelta(seconds=20),
        awaited=False,
    )
    @abstractmethod
    def watch_canary(self, ask: WatchCanary) -> Watched:
        """Look at each interval until the stage has an end; only that enters history.

        It ends at once on proof of harm, a threshold or a budget that is crossed, or a share of
        the traffic that is not the one asked for. It heartbeats all it has seen, so that a
        successor on another worker goes on where a killed one was.

        A source that cannot be asked ends the stage as `providerError`, never as an exception,
        and not before the stage's time is over.

        Raises:
            TargetMissing: no such metric source, or a figure that no version has; not retried.
        """

    @limited(
        attempt=timedelta(minutes=30), total=timedelta(hours=6), heartbeat=timedelta(seconds=20)
    )
    @abstractmethod
    def verify_recovery(self, ask: VerifyRecovery) -> Recovery:
        """Wait until the version serves as before, and say how sure that is.

        Without traffic, or with a source that does not answer, nobody knows: the answer is
        `unverified`, since what was put back was read back where it stands.

        Raises:
            NotRecovered: it still fails more than it did before the release; not retried.
            TargetMissing: no such metric source; not retried.
        """
