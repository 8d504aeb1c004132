"""Reads an Envoy's own statistics page, with nothing between."""

import time
from collections.abc import Callable
from typing import ClassVar

import httpx
from prometheus_client.parser import text_string_to_metric_families

from activities.http import plain, spoken_for
from activities.metrics.source import UPTIME, Sample, counts
from workflows.domain.errors import Unavailable
from workflows.ports.metrics import Window

_TIMEOUT_SECONDS = 5.0
_PAGE = "/stats/prometheus"


class ExpositionMetrics:
    """The Envoy of *environment*, whose page is read anew at each look.

    *url* is the page's address, or only that of Envoy's admin.
    """

    type: ClassVar[str] = "exposition"

    def __init__(
        self,
        url: str,
        *,
        environment: str,
        client: httpx.Client,
        clock: Callable[[], float] = time.time,
    ) -> None:
        page = httpx.URL(url)
        # Thousands of series that were never written are left out, cluster by cluster.
        self._page = page.copy_with(
            path=_PAGE if page.path in ("", "/") else page.path, query=page.query or b"usedonly"
        )
        self._called = f"the statistics page of Envoy {environment}"
        self._client = client
        self._clock = clock

    def read(self, *, canary: str, baseline: str) -> Window:
        with spoken_for(self._called):
            answer = self._client.get(self._page, timeout=_TIMEOUT_SECONDS)
            answer.raise_for_status()
        at = self._clock()
        samples = self._parsed(answer.text)
        # Set at Envoy's first flush, so a page without it is one that has only just started.
        uptime = next((s.value for s in samples if s.name == UPTIME), 0.0)
        return Window(
            at=at,
            canary=counts(canary, samples, since=at - uptime),
            baseline=counts(baseline, samples, since=at - uptime),
        )

    def _parsed(self, text: str) -> list[Sample]:
        try:
            samples = [
                # The parser gives every counter the suffix that OpenMetrics wants.
                Sample(sample.name.removesuffix("_total"), sample.labels, sample.value)
                for family in text_string_to_metric_families(text)
                for sample in family.samples
            ]
        except ValueError:
            samples = []
        if not any(sample.name.startswith("envoy_") for sample in samples):
            raise Unavailable(f"{self._called} at {plain(self._page)} shows none of an Envoy's")
        return samples
