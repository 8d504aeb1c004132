"""Asks a Prometheus server, which scrapes the Envoys of all environments and their versions."""

from collections.abc import Collection, Mapping
from typing import ClassVar

import httpx

from activities.metrics.figures import refuse_unknown
from activities.metrics.prometheus_api import PrometheusApi, selector
from activities.metrics.prometheus_look import NAME, Look, one_of
from activities.metrics.source import (
    CLUSTER,
    LATENCY_SERIES,
    REQUESTS_SERIES,
    UPTIME,
    Sample,
    counts,
)
from workflows.domain.canary.measures import Measure
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.errors import Unavailable
from workflows.ports.metrics import Window

_SCRAPED_EVERY_SECONDS = 15.0
_JITTER_SECONDS = 1.0


class PrometheusMetrics:
    """One environment's Envoys and versions in a Prometheus, told from others by *labels*.

    Raw points are asked for, not rates: restarts and gaps are then ours to see, and the answer for
    a span is the same whenever it is asked. *scraped_every* is the scrape interval in seconds;
    *late* is how much later than a scrape its points may arrive, as with remote write; *jitter*
    how much later than due a busy machine may scrape, which does not grow with the interval.
    """

    type: ClassVar[str] = "prometheus"
    remembers: ClassVar[bool] = True

    def __init__(
        self,
        url: str,
        *,
        environment: str,
        client: httpx.Client,
        labels: Mapping[str, str] | None = None,
        scraped_every: float = _SCRAPED_EVERY_SECONDS,
        late: float = 0.0,
        jitter: float = _JITTER_SECONDS,
    ) -> None:
        self._api = PrometheusApi(url, client)
        self._labels = {"environment": environment} if labels is None else dict(labels)
        # A scrape's points bear the time at which it began, and it may last until the next one.
        self.settles = scraped_every + late
        self._scraped_every = scraped_every
        # A point that is older: one after it was missed.
        self._tolerance = scraped_every + jitter

    def mark(
        self, arms: Collection[str], measures: Collection[Measure], *, at: float | None = None
    ) -> Mark:
        """See MetricSource; an environment that Prometheus has never seen cannot be judged."""
        del arms
        refuse_unknown(measures)
        begin = round(self._api.now() if at is None else at, 3)
        self._expect_environment(measures, until=begin)
        return Mark(at=begin)

    def span(
        self,
        mark: Mark,
        arms: Collection[str],
        measures: Collection[Measure],
        *,
        until: float | None,
    ) -> Span:
        """See MetricSource."""
        refuse_unknown(measures)
        end = round(self._api.now() - self.settles if until is None else until, 3)
        if end <= mark.at:
            return Span(mark=mark, arms=dict.fromkeys(arms))
        asked = Look(
            self._api,
            labels=self._labels,
            tolerance=self._tolerance,
            mark=mark,
            end=end,
            warnings=self._too_short(end - mark.at),
        )
        look = asked.taken(arms, measures)
        if not any(look.arms.values()):
            # Nothing at all: a silent environment, or one that nobody scrapes.
            self._expect_environment(measures, until=end)
        return look

    def _too_short(self, seconds: float) -> list[str]:
        if seconds >= self._scraped_every:
            return []
        why = (
            f"a window of {seconds:g} s is shorter than the scrape interval of "
            f"{self._scraped_every:g} s, so most such windows have no sample: make the analysis's "
            "interval longer, or correct scrape_interval_seconds in the worker's settings"
        )
        return [why]

    def _expect_environment(self, measures: Collection[Measure], *, until: float) -> None:
        if not any(measure.of_router for measure in measures):
            return
        uptime = selector({NAME: UPTIME} | self._labels)
        if not self._api.has_series(uptime, until=until):
            raise Unavailable(self._unseen())

    def _unseen(self) -> str:
        told = ", ".join(f"{label}={value}" for label, value in self._labels.items())
        return (
            f"Prometheus at {self._api.shown} has no sample of {UPTIME} with the label "
            f"{told}: is that Envoy up, and scraped so labelled?"
        )

    def read(self, *, canary: str, baseline: str) -> Window:
        at, since = self._started()
        names = f'{NAME}=~"{REQUESTS_SERIES}|{LATENCY_SERIES}"'
        asked = selector(self._labels, names, one_of(CLUSTER, (canary, baseline)))
        found = self._api.vector(asked, at=at, warnings=[])
        samples = [Sample(s.metric.get(NAME, ""), s.metric, s.value[1]) for s in found]
        return Window(
            at=at,
            canary=counts(canary, samples, since=since),
            baseline=counts(baseline, samples, since=since),
        )

    def _started(self) -> tuple[float, float]:
        """Now by the server's clock, and when the environment's Envoy began to count."""
        uptime = f"{UPTIME}{selector(self._labels)}"
        found = self._api.vector(f"timestamp({uptime}) - {uptime}", at=None, warnings=[])
        if not found:
            raise Unavailable(self._unseen())
        return found[0].value[0], max(series.value[1] for series in found)
