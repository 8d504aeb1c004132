"""MetricsPort: reads what versions serve, and lets the domain judge it."""

from collections.abc import Callable, Mapping

import structlog

from activities.metrics.source import MetricSource
from activities.metrics.watcher import Tell, Watcher
from activities.pace import ActivityPace, Pace
from workflows.domain.canary.duration import PlannedDuration
from workflows.domain.canary.measures import ROUTER
from workflows.domain.canary.outlook import outlook
from workflows.domain.canary.recovery import Recovery, RecoveryRule, RecoveryWord, idle, recovery
from workflows.domain.canary.spans import Span
from workflows.domain.canary.traffic import Traffic
from workflows.domain.canary.verdict import Verdict, Word
from workflows.domain.canary.watch import Watched
from workflows.domain.canary.windows import ArmWindow
from workflows.domain.errors import HandedOver, NotRecovered, TargetMissing, Unavailable
from workflows.domain.values import Provider, arm_name
from workflows.ports.metrics import (
    MeasureTraffic,
    MetricsPort,
    PlanStage,
    VerifyRecovery,
    WatchCanary,
)

log = structlog.get_logger(__name__)

# What is served now tells the rate of a source that cannot look back.
_SAMPLE_SECONDS = 10.0


def _untold(_watched: Watched) -> None:
    """Nobody listens."""


class MetricsActivities(MetricsPort):
    """*sources* are the connections of the worker's settings; *tell* reaches the asking story."""

    def __init__(
        self,
        sources: Mapping[str, MetricSource],
        *,
        pace: Callable[[], Pace] = ActivityPace,
        tell: Tell = _untold,
    ) -> None:
        self._sources = sources
        self._pace = pace
        self._tell = tell

    def measure_traffic(self, ask: MeasureTraffic) -> Traffic:
        source, pace = self._source(ask.source), self._pace()
        arm = arm_name(ask.target.service, ask.version)
        over = ask.over.total_seconds()
        try:
            if source.remembers:
                now = source.mark([arm], ask.measures).at - source.settles
                mark = source.mark([arm], ask.measures, at=now - over)
                span = source.span(mark, [arm], ask.measures, until=now)
            else:
                mark = source.mark([arm], ask.measures)
                pace.wait(min(over, _SAMPLE_SECONDS))
                span = source.span(mark, [arm], ask.measures, until=None)
        except HandedOver:
            raise
        except Unavailable as error:
            return Traffic(known=False, reason=str(error))
        return _traffic(span, span.arms.get(arm), seconds=span.mark.at - mark.at)

    def plan_stage(self, ask: PlanStage) -> PlannedDuration:
        at_most = None if ask.at_most is None else ask.at_most.total_seconds()
        return outlook(ask.judge, ask.traffic, percent=ask.percent, at_most=at_most)

    def watch_canary(self, ask: WatchCanary) -> Watched:
        source = self._source(ask.source)
        try:
            return Watcher(source, ask, pace=self._pace(), tell=self._tell).watch()
        except HandedOver:
            raise
        except Unavailable as error:
            verdict = Verdict(word=Word.PROVIDER_ERROR, reason=str(error))
            return Watched(verdict=verdict, carried=ask.carried)

    def verify_recovery(self, ask: VerifyRecovery) -> Recovery:
        found = self._recovery(ask)
        log.info("recovery_verified", target=str(ask.target), result=str(found))
        if found.word is RecoveryWord.NOT_RECOVERED:
            raise NotRecovered(f"{ask.target}: {found.reason}")
        return found

    def _recovery(self, ask: VerifyRecovery) -> Recovery:
        """Look at a window of the rule's length at a time, each by itself: the worst is past.

        What one window has proven stands until another one shows that it is over: neither users
        who leave nor a source that goes away are a recovery.
        """
        source, pace, rule = self._source(ask.source), self._pace(), ask.rule
        arm = arm_name(ask.target.service, ask.version)
        began = pace.now()
        failing = None
        found = Recovery(word=RecoveryWord.UNVERIFIED, reason="nothing was measured")
        try:
            mark = source.mark([arm], ROUTER)
            while pace.now() - began < rule.within:
                pace.wait(rule.interval + source.settles)
                span = source.span(mark, [arm], ROUTER, until=None)
                found = _recovered(rule, span.arms.get(arm) or ArmWindow())
                quiet = idle(rule, requests=found.requests, seconds=span.mark.at - mark.at)
                if found.word is RecoveryWord.RECOVERED:
                    return found
                if quiet is not None:
                    return failing or quiet
                if found.word is RecoveryWord.NOT_RECOVERED:
                    failing, mark = found, span.mark
        except HandedOver:
            raise
        except Unavailable as error:
            found = Recovery(word=RecoveryWord.UNVERIFIED, reason=str(error))
        return failing or found

    def _source(self, provider: Provider) -> MetricSource:
        """The connection that the catalog names, if it is what the catalog takes it for.

        Raises:
            TargetMissing: the settings hold no such connection, or one of another type.
        """
        source = self._sources.get(provider.connection)
        if source is None:
            known = ", ".join(sorted(self._sources)) or "none"
            raise TargetMissing(
                f"metrics connection {provider.connection!r} is not in this worker's settings, "
                f"which have: {known}"
            )
        if source.type != provider.type:
            raise TargetMissing(
                f"metrics connection {provider.connection!r} is of type {provider.type} in the "
                f"catalog and of type {source.type} in this worker's settings; change one of them"
            )
        return source


def _recovered(rule: RecoveryRule, window: ArmWindow) -> Recovery:
    served, failed = window.values.get("requests", 0), window.values.get("errors", 0)
    return recovery(rule, requests=round(served), failed=round(failed))


def _traffic(span: Span, arm: ArmWindow | None, *, seconds: float) -> Traffic:
    if arm is None:
        why = "; ".join(span.warnings) or "the source has no sample of the version"
        return Traffic(known=False, seconds=seconds, reason=why)
    return Traffic(
        seconds=seconds, values=arm.values, histograms=arm.histograms, bounds=span.bounds
    )
