"""Metrics of both versions, from a Prometheus server, CloudWatch, or the counters' own pages."""

from collections.abc import Mapping
from types import MappingProxyType

from activities.metrics.activities import MetricsActivities
from activities.metrics.cloudwatch import CloudWatchMetrics
from activities.metrics.exposition import ExpositionMetrics
from activities.metrics.prometheus import PrometheusMetrics
from activities.metrics.source import MetricSource

SOURCES: Mapping[str, type[MetricSource]] = MappingProxyType(
    {
        CloudWatchMetrics.type: CloudWatchMetrics,
        ExpositionMetrics.type: ExpositionMetrics,
        PrometheusMetrics.type: PrometheusMetrics,
    }
)
"""By the type that catalogs and settings name."""

__all__ = [
    "SOURCES",
    "CloudWatchMetrics",
    "ExpositionMetrics",
    "MetricSource",
    "MetricsActivities",
    "PrometheusMetrics",
]
