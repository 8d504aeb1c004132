"""Metrics of both versions, from a Prometheus server or from Envoy's own page."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import httpx

from activities.metrics.activities import MetricsActivities
from activities.metrics.exposition import ExpositionMetrics
from activities.metrics.prometheus import PrometheusMetrics
from activities.metrics.source import MetricSource


class SourceFactory(Protocol):
    """Makes the source of one settings entry; its connection's name is the environment's."""

    def __call__(self, url: str, *, environment: str, client: httpx.Client) -> MetricSource: ...


SOURCES: Mapping[str, SourceFactory] = MappingProxyType(
    {ExpositionMetrics.type: ExpositionMetrics, PrometheusMetrics.type: PrometheusMetrics}
)
"""By the type that catalogs and settings name."""

__all__ = ["SOURCES", "MetricsActivities", "SourceFactory"]
