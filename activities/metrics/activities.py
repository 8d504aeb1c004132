"""MetricsPort: reads what both versions served, and lets the domain judge it."""

from collections.abc import Mapping

import structlog

from activities.metrics.source import MetricSource
from workflows.domain.canary.first_judge import judge
from workflows.domain.canary.series import since
from workflows.domain.canary.verdict import Verdict, Word
from workflows.domain.errors import ReleaseError, TargetMissing
from workflows.domain.values import Provider, arm_name
from workflows.ports.metrics import JudgeCanary, MetricsPort, OpenWindow, Window

log = structlog.get_logger(__name__)


class MetricsActivities(MetricsPort):
    """*sources* are the connections of the worker's settings, by their names."""

    def __init__(self, sources: Mapping[str, MetricSource]) -> None:
        self._sources = sources

    def open_window(self, ask: OpenWindow) -> Window:
        return _read(self._source(ask.source), ask)

    def judge_canary(self, ask: JudgeCanary) -> Verdict:
        source = self._source(ask.source)
        try:
            now = _read(source, ask)
        except ReleaseError as error:
            log.warning("metrics_not_read", target=str(ask.target), reason=str(error))
            return Verdict(word=Word.PROVIDER_ERROR, reason=str(error))
        verdict = judge(
            ask.rules,
            canary=since(ask.window.canary, now.canary),
            baseline=since(ask.window.baseline, now.baseline),
        )
        log.info("canary_judged", target=str(ask.target), look=ask.look, verdict=str(verdict))
        return verdict

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


def _read(source: MetricSource, ask: OpenWindow | JudgeCanary) -> Window:
    service = ask.target.service
    return source.read(
        canary=arm_name(service, ask.canary), baseline=arm_name(service, ask.baseline)
    )
