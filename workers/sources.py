"""Metric sources as the settings name them."""

from activities.metrics import (
    CloudWatchMetrics,
    ExpositionMetrics,
    MetricSource,
    PrometheusMetrics,
)
from infra.settings import CloudWatchSource, ExpositionSource, PrometheusSource, SupervisorPlatform
from workers import pings
from workers.aws import aws_client
from workers.health import Dependency
from workers.parts import Parts

_READY = {ExpositionMetrics.type: "", PrometheusMetrics.type: "/-/ready"}

Source = tuple[MetricSource, Dependency]


def sources_of(parts: Parts) -> tuple[dict[str, MetricSource], tuple[Dependency, ...]]:
    """The sources by connection, and what they need to be asked."""
    entries = parts.settings.metrics
    made = {name: _source(parts, name, entry) for name, entry in entries.items()}
    needs = [need for _, need in made.values()]
    if any(isinstance(e, CloudWatchSource) and e.credentials for e in entries.values()):
        needs.insert(0, parts.vault_need)
    return {name: source for name, (source, _) in made.items()}, tuple(needs)


def _source(
    parts: Parts, name: str, entry: CloudWatchSource | ExpositionSource | PrometheusSource
) -> Source:
    if isinstance(entry, CloudWatchSource):
        return _cloudwatch(parts, name, entry)
    ready = pings.page(parts.http, entry.url.rstrip("/") + _READY[entry.type])
    return _by_url(parts, name, entry), Dependency(f"metrics.{name}.url", entry.url, ready)


def _by_url(
    parts: Parts, name: str, entry: ExpositionSource | PrometheusSource
) -> ExpositionMetrics | PrometheusMetrics:
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
    instances = None
    if isinstance(platform, SupervisorPlatform):
        instances = platform.work_dir / "instances"
    return ExpositionMetrics(entry.url, environment=name, client=parts.http, instances=instances)


def _cloudwatch(parts: Parts, name: str, entry: CloudWatchSource) -> Source:
    client = aws_client(parts, "cloudwatch", entry)
    source = CloudWatchMetrics(
        environment=name,
        client=client,
        balancers=aws_client(parts, "elbv2", entry),
        namespace=entry.namespace,
        period=entry.period_seconds,
        settles=entry.settle_seconds,
    )

    def ping() -> None:
        client().list_metrics(Namespace="AWS/ApplicationELB", MetricName="RequestCount")

    where = entry.endpoint or f"AWS {entry.region}"
    return source, Dependency(f"metrics.{name}", f"CloudWatch at {where}", ping)
