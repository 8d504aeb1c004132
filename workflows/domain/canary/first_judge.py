"""The first judge: is the canary worse than the baseline by more than its release allows?

Replaced by judge.py; kept for as long as a story still asks it.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import NamedTuple

from workflows.domain.canary.series import NO_EDGE
from workflows.domain.canary.statistics import (
    Interval,
    Share,
    chance_if_equal,
    newcombe,
    wilson,
)
from workflows.domain.canary.verdict import ArmCounts, MetricRule, MetricVerdict, Verdict, Word

# The gravest word of any metric is the verdict.
_GRAVITY = (Word.FAIL, Word.PROVIDER_ERROR, Word.NO_DATA, Word.INCONCLUSIVE, Word.PASS)

# A pass shows that the canary's slow share exceeds what the quantile allows by no more than that
# again (p99: 2 % for 1 %), and by no more than this.
_WIDEST_MARGIN = 0.05

# How many times the present traffic a look projects ahead, to say how much would decide.
_AHEAD = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)


@dataclass(frozen=True)
class _Finding:
    interval: Interval
    _: KW_ONLY
    worse: bool
    fine: bool

    @property
    def word(self) -> Word:
        if self.worse:
            return Word.FAIL
        return Word.PASS if self.fine else Word.INCONCLUSIVE


class _Comparison(NamedTuple):
    """Two shares, and how to find what they say: asked again for more traffic than there was."""

    ours: Share
    theirs: Share
    find: Callable[[Share, Share], _Finding]


@dataclass(frozen=True, kw_only=True)
class _Limit:
    """Milliseconds, both edges of the histogram: the baseline's quantile, and what is allowed."""

    quantile: float
    baseline: float
    allowed: float


def judge(rules: tuple[MetricRule, ...], *, canary: ArmCounts, baseline: ArmCounts) -> Verdict:
    """Compare what both versions served in one span of time, rule by rule.

    The gravest word wins: `fail`, then `noData`, `inconclusive`, `pass`. Nothing to compare
    with is `noData`: unknown is neither good nor bad.
    """
    metrics = tuple(_judged(rule, canary, baseline) for rule in rules)
    word = min((m.word for m in metrics), key=_GRAVITY.index, default=Word.NO_DATA)
    said = "; ".join(metric.reason for metric in metrics if metric.word is word)
    return Verdict(
        word=word,
        reason=said or "no metric to judge by",
        metrics=metrics,
        canary_requests=canary.requests,
        canary_errors=canary.errors,
        baseline_requests=baseline.requests,
    )


def _judged(rule: MetricRule, canary: ArmCounts, baseline: ArmCounts) -> MetricVerdict:
    for arm, counts in (("canary", canary), ("baseline", baseline)):
        if counts.requests <= 0:
            return _silent(rule, f"the {arm} served no requests", canary, baseline)
    if rule.type == "errorRatio":
        return _error_ratio(rule, canary, baseline)
    return _latency(rule, canary, baseline)


def _silent(rule: MetricRule, why: str, canary: ArmCounts, baseline: ArmCounts) -> MetricVerdict:
    return MetricVerdict(
        name=rule.name,
        word=Word.NO_DATA,
        reason=f"{rule.name}: {why}",
        canary_samples=canary.requests,
        baseline_samples=baseline.requests,
        needed=rule.min_samples,
    )


def _error_ratio(rule: MetricRule, canary: ArmCounts, baseline: ArmCounts) -> MetricVerdict:
    ours = Share(canary.errors, canary.requests)
    theirs = Share(baseline.errors, baseline.requests)
    comparison = _Comparison(ours, theirs, partial(_find_increase, rule))
    return _spoken(rule, comparison, partial(_say_increase, rule, ours.of))


def _find_increase(rule: MetricRule, ours: Share, theirs: Share) -> _Finding:
    interval = newcombe(ours, theirs, alpha=rule.alpha)
    worse = interval.low > rule.max_increase
    return _Finding(
        interval,
        # The exact test as well: an interval's end is too bold for a handful of errors.
        worse=worse and chance_if_equal(ours, theirs) <= rule.alpha,
        fine=interval.high <= rule.max_increase,
    )


def _say_increase(rule: MetricRule, requests: int, interval: Interval) -> str:
    effect, low, high = (100 * part for part in interval)
    return (
        f"{rule.name} {effect:+.1f} pp [{low:+.1f}, {high:+.1f}] after {requests} canary "
        f"requests, allowed +{100 * rule.max_increase:g} pp"
    )


def _latency(rule: MetricRule, canary: ArmCounts, baseline: ArmCounts) -> MetricVerdict:
    for arm, counts in (("canary", canary), ("baseline", baseline)):
        if _timed(counts) <= 0:
            return _silent(rule, f"no latency of the {arm} was counted", canary, baseline)
    limit = _limit(rule, canary, baseline)
    ours, theirs = _beyond(canary, limit.allowed), _beyond(baseline, limit.baseline)
    comparison = _Comparison(ours, theirs, partial(_find_slow, limit, rule.alpha))
    return _spoken(rule, comparison, partial(_say_slow, rule, limit, ours.of))


def _limit(rule: MetricRule, canary: ArmCounts, baseline: ArmCounts) -> _Limit:
    """Round both times up to where the histogram has an edge, never down.

    So no canary is failed for a slowness that the buckets cannot show.
    """
    quantile = rule.quantile or 0.0
    enough = quantile * _timed(baseline)
    at_most = next(edge for edge, count in baseline.buckets if count >= enough)
    wanted = at_most * (1 + rule.max_increase)
    allowed = next((edge for edge, _ in canary.buckets if edge >= wanted), NO_EDGE)
    return _Limit(quantile=quantile, baseline=at_most, allowed=allowed)


def _find_slow(limit: _Limit, alpha: float, ours: Share, theirs: Share) -> _Finding:
    interval = wilson(ours, alpha=alpha)
    slow = 1 - limit.quantile
    margin = min(slow, _WIDEST_MARGIN)
    return _Finding(
        interval,
        # The second test knows that the baseline's quantile is itself an estimate.
        worse=interval.low > slow and chance_if_equal(ours, theirs) <= alpha,
        fine=interval.high <= slow + margin and limit.allowed < NO_EDGE,
    )


def _say_slow(rule: MetricRule, limit: _Limit, requests: int, interval: Interval) -> str:
    quantile = f"p{100 * limit.quantile:g}"
    if limit.allowed >= NO_EDGE:
        return f"{rule.name}: the histogram ends below the {quantile} that is allowed"
    effect, low, high = (100 * part for part in interval)
    return (
        f"{rule.name} {effect:.1f} % [{low:.1f}, {high:.1f}] of {requests} canary requests over "
        f"{limit.allowed:g} ms, allowed {100 * (1 - limit.quantile):g} % "
        f"(baseline {quantile} up to {limit.baseline:g} ms)"
    )


def _timed(counts: ArmCounts) -> int:
    """How many latencies were counted; requests that were never answered have none."""
    return counts.buckets[-1][1] if counts.buckets else 0


def _beyond(counts: ArmCounts, edge: float) -> Share:
    within = max((count for e, count in counts.buckets if e <= edge), default=0)
    return Share(max(0, _timed(counts) - within), _timed(counts))


def _spoken(
    rule: MetricRule, comparison: _Comparison, sentence: Callable[[Interval], str]
) -> MetricVerdict:
    """The finding in words; too few samples of either version settle nothing."""
    ours, theirs, find = comparison
    finding = find(ours, theirs)
    word, reason, needed = finding.word, sentence(finding.interval), 0
    short_of = [
        f"{share.of} of {rule.min_samples} {arm} requests"
        for arm, share in (("canary", ours), ("baseline", theirs))
        if share.of < rule.min_samples
    ]
    if short_of:
        word, needed = Word.INCONCLUSIVE, rule.min_samples
        reason = f"{rule.name}: too early to say, {' and '.join(short_of)}"
    elif word is Word.INCONCLUSIVE:
        needed = _decisive(comparison)
        reason += f"; about {needed} would decide" if needed else "; no end in sight"
    return MetricVerdict(
        name=rule.name,
        word=word,
        reason=reason,
        effect=finding.interval.estimate,
        low=finding.interval.low,
        high=finding.interval.high,
        canary_samples=ours.of,
        baseline_samples=theirs.of,
        needed=needed,
    )


def _decisive(comparison: _Comparison) -> int:
    """How many canary requests would decide if all went on as so far; 0 if far too many."""
    ours, theirs, find = comparison
    for factor in _AHEAD:
        if find(ours.times(factor), theirs.times(factor)).word is not Word.INCONCLUSIVE:
            return ours.of * factor
    return 0
