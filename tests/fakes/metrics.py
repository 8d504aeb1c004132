"""The rules of MetricsActivities over a source that makes up what it counts."""

from collections.abc import Collection
from math import inf
from threading import local
from typing import ClassVar

from temporalio import activity

from activities.metrics.activities import MetricsActivities
from activities.metrics.figures import refuse_unknown
from activities.metrics.watcher import Tell
from activities.pace import ActivityPace
from workflows.domain.canary.measures import Measure, MeasureKind
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.canary.windows import ArmWindow
from workflows.domain.errors import Unavailable
from workflows.domain.values import Target, Value, arm_name
from workflows.ports.metrics import (
    MeasureTraffic,
    PlanStage,
    VerifyRecovery,
    WatchCanary,
)

Ask = MeasureTraffic | PlanStage | VerifyRecovery | WatchCanary

EDGES = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
# Shares of the requests in each bucket: a histogram that no edge divides tells a judge nothing.
_FAST = (0.0, 0.6, 0.3, 0.08, 0.02)
_SLOW = (0.0, 0.2, 0.3, 0.3, 0.2)
_MOMENT, _PAUSE = 0.02, 0.1
_PATIENT_WATCHES = 4
_ENDLESS = 8 * 3600.0


class FakePace(ActivityPace):
    """Time that passes as fast as it is asked to, or not at all while *still* holds."""

    def __init__(self, world: "FakeMetrics") -> None:
        super().__init__()
        self._world = world
        self._endless = world.is_endless()

    def now(self) -> float:
        return self._world.clock

    def wait(self, seconds: float) -> None:
        super().wait(0)
        while self._endless or self._world.still or self._world.looks_left <= 0:
            super().wait(_MOMENT)
            self._heartbeat()
        self._world.looks_left -= 1
        self._world.clock += seconds


class FakeSource:
    """Counts what the world says that each version does, window by window."""

    type: ClassVar[str] = "fake"
    remembers: ClassVar[bool] = True
    settles = 0.0

    def __init__(self, world: "FakeMetrics", environment: str) -> None:
        self._world = world
        self._environment = environment

    def mark(
        self, arms: Collection[str], measures: Collection[Measure], *, at: float | None = None
    ) -> Mark:
        refuse_unknown(measures)
        self._answer()
        bounds = {m.name: EDGES for m in measures if m.kind is MeasureKind.HISTOGRAM}
        return Mark(at=self._world.clock if at is None else at, bounds=bounds)

    def span(
        self,
        mark: Mark,
        arms: Collection[str],
        measures: Collection[Measure],
        *,
        until: float | None,
    ) -> Span:
        refuse_unknown(measures)
        self._answer()
        end = mark.at + 60.0 if until is None else until
        return Span(
            mark=mark.model_copy(update={"at": end}),
            arms={arm: self._window(arm, measures) for arm in arms},
        )

    def _answer(self) -> None:
        if self._world.down:
            raise Unavailable("the metric source is down")

    def _window(self, arm: str, measures: Collection[Measure]) -> ArmWindow | None:
        if (does := self._world.behaviour(arm, self._environment)) is None:
            return None
        requests = 0 if does.silent else round(self._world.requests_per_look * does.share)
        values = {"requests": float(requests), "errors": float(round(requests * does.errors))}
        for measure in measures:
            if measure.selector is not None:
                share = does.figures.get(measure.name, 1.0)
                values[measure.name] = float(round(requests * share))
        shares = dict(enumerate(_SLOW if does.slow else _FAST))
        counts = tuple(round(requests * shares.get(at, 0)) for at in range(len(EDGES) + 1))
        histograms = {m.name: counts for m in measures if m.kind is MeasureKind.HISTOGRAM}
        return ArmWindow(values=values, histograms=histograms)


class Behaviour(Value):
    """What one version does: of which share of all requests, how many fail, is it slow, silent."""

    share: float = 1.0
    errors: float = 0.0
    slow: bool = False
    silent: bool = False
    figures: dict[str, float] = {}


class FakeMetrics(MetricsActivities):
    """Healthy until told otherwise, target by target; the same questions get the same answers.

    `error_ratio`, `slow`, `silent` and `figures` are the canary's; baselines never err, unless
    `baseline_errors` says so. While `down`, no source answers; while `still`, watches last until
    they are cancelled or time goes on; so they do where a stage has eight hours or more. A router
    in `lies` gives the canary that share instead. `clock` is the time of all of them,
    which stands still when no more `looks_left`.
    """

    def __init__(self) -> None:
        super().__init__({}, pace=lambda: FakePace(self))
        self.error_ratio: dict[Target, float] = {}
        self.baseline_errors: dict[Target, float] = {}
        self.figures: dict[Target, dict[str, float]] = {}
        self.shares: dict[Target, float] = {}
        self.requests_per_look = 5000
        self.slow: set[Target] = set()
        self.silent: set[Target] = set()
        self.lies: dict[Target, float] = {}
        self.down = False
        self.still = False
        self._here = local()
        self.clock = 1_000_000.0
        self.looks_left = inf
        self.asks: list[Ask] = []
        self._canaries: dict[tuple[str, str], Target] = {}
        self._arms: dict[tuple[str, str], Target] = {}

    def tell_by(self, tell: Tell) -> None:
        """What a watch sees is told by *tell*, long before the watch ends."""
        self._tell = tell

    def behaviour(self, arm: str, environment: str) -> Behaviour | None:
        """What *arm* does; None of one that nobody has asked about."""
        if (target := self._canaries.get((arm, environment))) is None:
            if (target := self._arms.get((arm, environment))) is None:
                return None
            return Behaviour(
                share=1 - self.shares.get(target, 0.0),
                errors=self.baseline_errors.get(target, 0.0),
                silent=target in self.silent,
            )
        return Behaviour(
            share=self.shares.get(target, 1.0),
            errors=self.error_ratio.get(target, 0.0),
            slow=target in self.slow,
            silent=target in self.silent,
            figures=self.figures.get(target, {}),
        )

    def measure_traffic(self, ask: MeasureTraffic):
        self._know(ask, ask.version)
        return super().measure_traffic(ask)

    def plan_stage(self, ask: PlanStage):
        self.asks.append(ask)
        return super().plan_stage(ask)

    def watch_canary(self, ask: WatchCanary):
        self._know(ask, ask.baseline)
        if ask.rules.share is not None:
            self.shares[ask.target] = self.lies.get(ask.target, ask.rules.share.percent / 100)
        else:
            self.shares[ask.target] = 1.0
        self._here.endless = ask.rules.judge.horizon >= _ENDLESS
        if ask.watch > _PATIENT_WATCHES:  # holding on would otherwise be a loop without a pause
            activity.wait_for_cancelled_sync(_PAUSE)
        arm = arm_name(ask.target.service, ask.canary)
        self._canaries[arm, ask.target.environment] = ask.target
        try:
            return super().watch_canary(ask)
        finally:
            self._here.endless = False

    def is_endless(self) -> bool:
        """Whether the watch of this thread stands still."""
        return getattr(self._here, "endless", False)

    def verify_recovery(self, ask: VerifyRecovery):
        self._know(ask, ask.version)
        return super().verify_recovery(ask)

    def _know(self, ask: MeasureTraffic | VerifyRecovery | WatchCanary, version: str | None):
        self.asks.append(ask)
        environment = ask.target.environment
        self._sources = {**self._sources, environment: FakeSource(self, environment)}
        if version is not None:
            arm = arm_name(ask.target.service, version)
            self._canaries.pop((arm, environment), None)
            self._arms[arm, environment] = ask.target
