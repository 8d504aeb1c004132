"""Metric sources as the settings name them."""

from activities.metrics import ExpositionMetrics, MetricSource, PrometheusMetrics
from infra.settings import ExpositionSource, PrometheusSource
from workers import pings
from workers.health import Dependency
from workers.parts import Parts

_READY = {ExpositionMetrics.type: "", PrometheusMetrics.type: "/-/ready"}


def sources_of(parts: Parts) -> tuple[dict[str, MetricSource], tuple[Dependency, ...]]:
    """The sources by connection, and what they need to be asked."""
    entries = parts.settings.metrics
    sources = {name: _source(parts, name, entry) for name, entry in entries.items()}
    needs = tuple(
        Dependency(
            f"metrics.{name}.url",
            entry.url,
            pings.page(parts.http, entry.url.rstrip("/") + _READY[entry.type]),
        )
        for name, entry in entries.items()
    )
    return sources, needs


def _source(parts: Parts, name: str, entry: ExpositionSource | PrometheusSource) -> MetricSource:
    if isinstance(entry, PrometheusSource):
        return PrometheusMetrics(
            entry.url,
            environment=name,
            client=parts.http,
            labels=entry.labels,
            scraped_every=entry.scrape_interval_seconds,
            late=entry.late_seconds,
        )
    platform = parts.settings.platforms.get(name)
    instances = None if platform is None else platform.work_dir / "instances"
    return ExpositionMetrics(entry.url, environment=name, client=parts.http, instances=instances)
