"""What a judge is asked and what it answers, in the five words of the product."""

from enum import StrEnum
from typing import Literal

from workflows.domain.values import Value, View


class Word(StrEnum):
    """The five verdicts. Only `pass` lets a release go on; only `fail` is proof of harm."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NO_DATA = "noData"
    PROVIDER_ERROR = "providerError"


class MetricRule(Value):
    """One comparison: how much worse the canary may be, and how sure a verdict must be.

    `max_increase` is added to an error ratio (0..1) and multiplies a latency quantile;
    `alpha` is already divided by the metrics and looks of its step.
    """

    name: str
    type: Literal["errorRatio", "latencyQuantile"]
    quantile: float | None = None
    max_increase: float
    alpha: float
    min_samples: int


class ArmCounts(Value):
    """What one version has served so far: cumulative counts, since its counters began.

    `buckets` are cumulative histogram counts: `(upper edge in milliseconds, requests at most so
    slow)`, edges rising. `since` is when the counters were last zero, in seconds of the epoch,
    where the source knows it.
    """

    requests: int = 0
    errors: int = 0
    buckets: tuple[tuple[float, int], ...] = ()
    since: float | None = None


class MetricVerdict(View):
    """How one comparison came out; effect and interval are canary minus baseline, or a ratio."""

    name: str
    word: Word
    reason: str
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    canary_samples: int = 0
    baseline_samples: int = 0
    needed: int = 0


class Verdict(View):
    """The judge's answer at one look, with what each metric said."""

    word: Word
    reason: str
    metrics: tuple[MetricVerdict, ...] = ()
    canary_requests: int = 0
    canary_errors: int = 0
    baseline_requests: int = 0

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}"
