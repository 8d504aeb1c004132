"""Thresholds: limits of a service's own, that no comparison may argue away."""

from collections.abc import Sequence
from typing import Literal

from workflows.domain.canary.windows import ArmWindow, JudgeWindow
from workflows.domain.values import Value


class ThresholdRule(Value):
    """A figure of the new version that must not pass *limit* over a span of *lasts* seconds.

    A `ratio` is the sum of *numerator* over the sum of *denominator* in the span, 0..1, or with
    *complement* what is missing from it to 1; a `count` is the sum of *numerator* alone, such as
    failed health checks; a `quantile` is a latency in milliseconds, read from the histogram
    *field*; a `gauge` is the mean of *field*. Fewer than *min_samples* (windows, for a count or a
    gauge) prove nothing. With *newest*, the last so many seconds of the span must be beyond the
    limit as well: a burst that is over turns nothing back.
    """

    name: str
    type: Literal["ratio", "quantile", "gauge", "count"]
    numerator: str = ""
    denominator: str = ""
    complement: bool = False
    field: str = ""
    quantile: float = 0.99
    bounds: tuple[float, ...] = ()
    limit: float
    worse: Literal["above", "below"] = "above"
    lasts: float
    newest: float = 0.0
    min_samples: int = 20

    def __str__(self) -> str:
        return f"{self.name} not {self.worse} {_shown(self, self.limit)} over {self.lasts:g} s"


class Crossing(Value):
    """Which threshold was crossed, by how much, in how many samples."""

    rule: str
    found: float
    limit: float
    samples: int
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def first_crossed(
    rules: Sequence[ThresholdRule], windows: Sequence[JudgeWindow]
) -> Crossing | None:
    """The first rule that the canary of the latest windows breaks, or None.

    Windows without a sample say nothing: no data never crosses a threshold, and is never what
    lets a stage pass either.
    """
    crossings = (_crossing(rule, windows) for rule in rules)
    return next((crossing for crossing in crossings if crossing is not None), None)


def blind(rules: Sequence[ThresholdRule], windows: Sequence[JudgeWindow]) -> tuple[str, ...]:
    """Why some rules cannot be kept: they had no sample, or too few, in all of their span.

    A rule that cannot be kept is not a rule that holds: whoever lets a stage pass says so first.
    """
    reasons = []
    for rule in rules:
        found = _found(rule, windows, rule.lasts)
        if found is None:
            reasons.append(f"threshold {rule.name}: no sample in the last {rule.lasts:g} s")
        elif found[1] < rule.min_samples:
            reasons.append(
                f"threshold {rule.name}: {found[1]} of {rule.min_samples} samples in the last "
                f"{rule.lasts:g} s"
            )
    return tuple(reasons)


def longest_span(rules: Sequence[ThresholdRule]) -> float:
    """The longest span that any rule looks back, in seconds."""
    return max((rule.lasts for rule in rules), default=0.0)


def _crossing(rule: ThresholdRule, windows: Sequence[JudgeWindow]) -> Crossing | None:
    found = _found(rule, windows, rule.lasts)
    if found is None or found[1] < rule.min_samples or not _is_worse(rule, found[0]):
        return None
    if rule.newest:
        newest = _found(rule, windows, rule.newest)
        if newest is None or not _is_worse(rule, newest[0]):
            return None
    value, samples = found
    return Crossing(
        rule=rule.name,
        found=value,
        limit=rule.limit,
        samples=samples,
        sentence=(
            f"threshold {rule.name}: {_shown(rule, value)} {rule.worse} "
            f"{_shown(rule, rule.limit)} in the last {rule.lasts:g} s ({samples} samples)"
        ),
    )


def _found(
    rule: ThresholdRule, windows: Sequence[JudgeWindow], span: float
) -> tuple[float, int] | None:
    """The figure of the last *span* seconds, and in how many samples; None without any."""
    if not windows:
        return None
    since = windows[-1].at - span
    arms = [w.canary for w in windows if w.at > since and w.canary is not None]
    match rule.type:
        case "ratio":
            return _ratio(rule, arms)
        case "quantile":
            return _quantile(rule, arms)
        case "count":
            return _count(rule, arms)
        case _:
            return _gauge(rule, arms)


def _is_worse(rule: ThresholdRule, value: float) -> bool:
    return value > rule.limit if rule.worse == "above" else value < rule.limit


def _ratio(rule: ThresholdRule, arms: Sequence[ArmWindow]) -> tuple[float, int] | None:
    """Windows that hold only one of both counts would distort their ratio."""
    whole = [a for a in arms if rule.numerator in a.values and rule.denominator in a.values]
    of = sum(arm.values[rule.denominator] for arm in whole)
    if of <= 0:
        return None
    share = sum(arm.values[rule.numerator] for arm in whole) / of
    return 1 - share if rule.complement else share, round(of)


def _count(rule: ThresholdRule, arms: Sequence[ArmWindow]) -> tuple[float, int] | None:
    seen = [arm.values[rule.numerator] for arm in arms if rule.numerator in arm.values]
    return (sum(seen), len(seen)) if seen else None


def _quantile(rule: ThresholdRule, arms: Sequence[ArmWindow]) -> tuple[float, int] | None:
    """The lower edge of the bucket that holds the quantile: it is at least so slow."""
    counts = [arm.histograms[rule.field] for arm in arms if rule.field in arm.histograms]
    buckets = [sum(slot) for slot in zip(*counts, strict=True)]
    whole = sum(buckets)
    if whole <= 0 or len(buckets) != len(rule.bounds) + 1:
        return None
    reached, edges = 0, (0.0, *rule.bounds)
    for edge, count in zip(edges, buckets, strict=True):
        reached += count
        if reached >= rule.quantile * whole:
            return edge, whole
    return edges[-1], whole


def _gauge(rule: ThresholdRule, arms: Sequence[ArmWindow]) -> tuple[float, int] | None:
    seen = [arm.values[rule.field] for arm in arms if rule.field in arm.values]
    return (sum(seen) / len(seen), len(seen)) if seen else None


def _shown(rule: ThresholdRule, value: float) -> str:
    if rule.type == "ratio":
        return f"{100 * value:.3g} %"
    if rule.type == "quantile":
        return f"p{100 * rule.quantile:g} of {value:g} ms"
    return f"{value:g}"
