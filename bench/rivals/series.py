"""What a threshold or a Kayenta judge sees of a window: one value per metric and version."""


def value(metric, arm):
    """The metric's value in one window; None if there is no sample or no traffic."""
    if arm is None:
        return None
    if metric["type"] == "gauge":
        return arm.get(metric["field"])
    if metric["type"] == "histogram":
        return quantile_of(arm.get(metric["field"]), metric["bounds"], metric["quantile"])
    of = arm.get(metric.get("den"))
    return arm[metric["num"]] / of if of else None


def quantile_of(counts, bounds, quantile):
    """As `histogram_quantile` of Prometheus: linear in the bucket, the last bound at most."""
    total = sum(counts or ())
    if not total:
        return None
    wanted, below, lower = quantile * total, 0, 0.0
    for count, upper in zip(counts, bounds, strict=False):
        if count and below + count >= wanted:
            return lower + (upper - lower) * (wanted - below) / count
        below, lower = below + count, upper
    return bounds[-1]


def is_worse(metric, ours, limit):
    return ours < limit if metric["direction"] == "decrease" else ours > limit
