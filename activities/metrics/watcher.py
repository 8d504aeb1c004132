"""Polls a source through a stage and lets the domain rule, until the stage has an end."""

from collections.abc import Callable

import structlog

from activities.metrics.source import MetricSource
from activities.pace import Pace
from workflows.domain.canary.watch import (
    Arms,
    Watched,
    WatchState,
    begun,
    ended,
    looked,
    report,
    silent,
)
from workflows.domain.errors import Unavailable
from workflows.domain.values import arm_name
from workflows.ports.metrics import WatchCanary

log = structlog.get_logger(__name__)

Tell = Callable[[Watched], None]

# Told again once so many times the requests are counted: some dozens of times in any stage.
_GREW = 1.2


class Watcher:
    """One stage's watch, on one source."""

    def __init__(self, source: MetricSource, ask: WatchCanary, *, pace: Pace, tell: Tell) -> None:
        self._source = source
        self._ask = ask
        self._pace = pace
        self._tell = tell
        self._told: Watched | None = None
        service = ask.target.service
        baseline = None if ask.baseline is None else arm_name(service, ask.baseline)
        self._arms = Arms(canary=arm_name(service, ask.canary), baseline=baseline)

    def watch(self) -> Watched:
        """See `MetricsPort.watch_canary`."""
        state = self._pace.kept(WatchState) or self._begin()
        while True:
            if (end := ended(self._ask.rules, state, now=self._pace.now())) is not None:
                log.info("stage_watched", target=str(self._ask.target), verdict=str(end))
                return end.model_copy(update={"watch": self._ask.watch})
            self._tell_news(report(state))
            self._pace.beat(state)
            self._pace.wait(self._until_settled(state))
            state = self._look(state)

    def _begin(self) -> WatchState:
        """Note where the source stands; a source that does not answer yet is waited for."""
        began = self._pace.now()
        # The latest sample may be of before the shift: counted from there, all of that traffic
        # would be the old version's, and an honest router a lying one.
        if self._source.settles > 0:
            self._pace.wait(self._source.settles)
        while True:
            try:
                mark = self._source.mark(self._arms.names, self._ask.measures, at=None)
            except Unavailable:
                if self._pace.now() - began >= self._ask.rules.judge.horizon:
                    raise
                self._pace.wait(self._ask.rules.judge.interval)
            else:
                return begun(self._ask.rules, mark, self._ask.carried)

    def _until_settled(self, state: WatchState) -> float:
        """Seconds until the next window is over and its points have arrived."""
        due = state.mark.at + self._ask.rules.judge.interval + self._source.settles
        waits = due - self._pace.now()
        if state.silent_since is not None:  # what is overdue is not asked without a pause
            waits = max(waits, self._ask.rules.judge.interval)
        return max(0.0, waits)

    def _look(self, state: WatchState) -> WatchState:
        until = state.mark.at + self._ask.rules.judge.interval
        try:
            span = self._source.span(state.mark, self._arms.names, self._ask.measures, until=until)
        except Unavailable as error:
            log.warning("metrics_not_read", target=str(self._ask.target), reason=str(error))
            return silent(state, now=self._pace.now(), why=str(error))
        for warning in span.warnings:
            log.warning("metrics_warned", target=str(self._ask.target), warning=warning)
        return looked(self._ask.rules, state, self._arms, span)

    def _tell_news(self, now: Watched) -> None:
        """Tell the story what is new: another word, or many more requests."""
        before = self._told
        if (
            before is not None
            and before.verdict.word == now.verdict.word
            and now.served.requests < before.served.requests * _GREW + 1
        ):
            return
        self._told = now
        self._tell(now.model_copy(update={"watch": self._ask.watch, "carried": None}))
