"""Thresholds: limits of a service's own, that no comparison may argue away."""

from collections.abc import Sequence
from typing import Literal

from workflows.domain.canary.windows import ArmWindow, JudgeWindow
from workflows.domain.values import Value


class ThresholdRule(Value):
    """A figure of the new version that must not pass *limit* over a span of *lasts* seconds.

    A `ratio` is the sum of *numerator* over the sum of *denominator* in the span, 0..1; a
    `quantile` is a latency in milliseconds, read from the histogram *field*; a `gauge` is the
    mean of *field*. Fewer than *min_samples* (windows, for a gauge) prove nothing.
    """

    name: str
    type: Literal["ratio", "quantile", "gauge"]
    numerator: str = ""
    denominator: str = ""
    field: str = ""
    quantile: float = 0.99
    bounds: tuple[float, ...] = ()
    limit: float
    worse: Literal["above", "below"] = "above"
    lasts: float
    min_samples: int = 20

    def __str__(self) -> str:
        unit = {"ratio": f"{100 * self.limit:g} %", "quantile": f"{self.limit:g} ms"}
        limit = unit.get(self.type, f"{self.limit:g}")
        return f"{self.name} not {self.worse} {limit} over {self.lasts:g} s"


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


def longest_span(rules: Sequence[ThresholdRule]) -> float:
    """The longest span that any rule looks back, in seconds."""
    return max((rule.lasts for rule in rules), default=0.0)


def _crossing(rule: ThresholdRule, windows: Sequence[JudgeWindow]) -> Crossing | None:
    if not windows:
        return None
    since = windows[-1].at - rule.lasts
    arms = [w.canary for w in windows if w.at > since and w.canary is not None]
    match rule.type:
        case "ratio":
            found = _ratio(rule, arms)
        case "quantile":
            found = _quantile(rule, arms)
        case _:
            found = _gauge(rule, arms)
    if found is None:
        return None
    value, samples = found
    worse = value > rule.limit if rule.worse == "above" else value < rule.limit
    if samples < rule.min_samples or not worse:
        return None
    return Crossing(
        rule=rule.name,
        found=value,
        limit=rule.limit,
        samples=samples,
        sentence=_sentence(rule, value, samples),
    )


def _ratio(rule: ThresholdRule, arms: Sequence[ArmWindow]) -> tuple[float, int] | None:
    whole = sum(arm.values.get(rule.denominator, 0.0) for arm in arms)
    if whole <= 0:
        return None
    return sum(arm.values.get(rule.numerator, 0.0) for arm in arms) / whole, round(whole)


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


def _sentence(rule: ThresholdRule, value: float, samples: int) -> str:
    if rule.type == "ratio":
        found, limit = f"{100 * value:.1f} %", f"{100 * rule.limit:g} %"
    elif rule.type == "quantile":
        found, limit = f"p{100 * rule.quantile:g} over {value:g} ms", f"{rule.limit:g} ms"
    else:
        found, limit = f"{value:g}", f"{rule.limit:g}"
    return (
        f"threshold {rule.name}: {found} {rule.worse} {limit} in the last {rule.lasts:g} s "
        f"({samples} samples)"
    )
