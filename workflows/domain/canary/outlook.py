"""What the traffic of a target says of a stage before it begins: how long, and what would show."""

from math import log
from statistics import NormalDist

from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.duration import BaseRate, PlannedDuration, planned
from workflows.domain.canary.traffic import Traffic
from workflows.domain.values import Percent

# The spread of log(time) where the histogram is too coarse to tell: that of many web services.
_USUAL_SPREAD = 0.7


def outlook(
    judge: JudgeConfig, traffic: Traffic, *, percent: Percent, at_most: float | None = None
) -> PlannedDuration:
    """How long a stage at *percent* must last with this *traffic*, bounded by *at_most* seconds.

    Of a metric that the traffic tells nothing about, nothing is assumed: it is not conclusive.
    """
    rates = {
        metric.name: rate
        for metric in judge.metrics
        if (rate := base_rate(metric, traffic)) is not None
    }
    rps = round(traffic.rps, 1 if traffic.rps >= 1 else 3)
    return planned(judge, rates, rps=rps, split=percent / 100, cap=at_most)


def base_rate(metric: MetricConfig, traffic: Traffic) -> BaseRate | None:
    """What the present version tells of *metric*; None where it tells nothing."""
    if not traffic.known or traffic.rps <= 0:
        return None
    requests = traffic.values["requests"]
    match metric.type:
        case "histogram":
            counts = traffic.histograms.get(metric.field)
            if not counts or not sum(counts):
                return None
            bounds = traffic.bounds.get(metric.field, ())
            return BaseRate(units=sum(counts) / requests, spread=_spread(counts, bounds))
        case "gauge":
            return BaseRate(spread=0.1) if metric.field in traffic.values else None
        case "count":
            found = traffic.values.get(metric.numerator)
            return None if found is None else BaseRate(base=found / requests)
        case _:
            return _of_ratio(metric, traffic, requests)


def _of_ratio(metric: MetricConfig, traffic: Traffic, requests: float) -> BaseRate | None:
    """A ratio that never was is as if it had been half a time: Jeffreys' estimate of it."""
    whole = traffic.values.get(metric.denominator, 0.0)
    if whole <= 0:
        return None
    part = traffic.values.get(metric.numerator, 0.0)
    if metric.complement:
        part = max(0.0, whole - part)
    return BaseRate(base=(part + 0.5) / (whole + 1), units=whole / requests)


def _spread(counts: tuple[int, ...], bounds: tuple[float, ...]) -> float:
    """The standard deviation of log(time), from the buckets that hold the median and the p90."""
    median, high = _quantile(counts, bounds, 0.5), _quantile(counts, bounds, 0.9)
    if median is None or high is None or not 0 < median < high:
        return _USUAL_SPREAD
    return log(high / median) / NormalDist().inv_cdf(0.9)


def _quantile(counts: tuple[int, ...], bounds: tuple[float, ...], quantile: float) -> float | None:
    wanted, reached = quantile * sum(counts), 0.0
    for edge, count in zip(bounds, counts, strict=False):
        reached += count
        if reached >= wanted:
            return edge
    return None
