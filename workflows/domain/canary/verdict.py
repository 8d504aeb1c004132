"""What a judge is asked and what it answers, in the five words of the product."""

from enum import StrEnum

from workflows.domain.values import View


class Word(StrEnum):
    """The five verdicts. Only `pass` lets a release go on; only `fail` is proof of harm."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NO_DATA = "noData"
    PROVIDER_ERROR = "providerError"


class MetricStatus(StrEnum):
    """Where one metric stands, whatever the others say."""

    HARMFUL = "harmful"
    SAFE = "safe"
    UNDECIDED = "undecided"
    UNDERPOWERED = "underpowered"
    NO_DATA = "noData"
    WARMING_UP = "warmingUp"


class MetricVerdict(View):
    """How one comparison came out.

    `effect` is the relative change of the canary against the baseline (0.5 = half as much again),
    with a confidence sequence: bounds that hold at all looks at once.
    """

    name: str
    word: Word
    reason: str
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    canary_samples: int = 0
    baseline_samples: int = 0
    needed: int = 0
    """Canary samples that would decide if all went on as so far; 0 if unknown or decided."""

    status: MetricStatus = MetricStatus.UNDECIDED
    harm: float = 0.0
    """Evidence that it is worse than tolerated: the natural logarithm of an e-value."""
    safety: float = 0.0
    """Evidence that it is not worse by its margin: the natural logarithm of an e-value."""
    phi: float = 1.0
    """How many times more the windows vary than chance alone would let them."""
    harm_in_seconds: float | None = None
    """When harm would be shown if all went on as so far; None if never."""
    safe_in_seconds: float | None = None
    """When safety would be shown if all went on as so far; None if never."""
    detectable: float | None = None
    """The smallest relative worsening that would show until the deadline."""
    at_most: float | None = None
    """The largest share of the new version that its counts leave, of a ratio like errors."""
    coverage: float = 0.0
    """Which part of the stage's windows had both versions."""


class Verdict(View):
    """The judge's answer at one look, with what each metric said."""

    word: Word
    reason: str
    metrics: tuple[MetricVerdict, ...] = ()
    canary_requests: int = 0
    canary_errors: int = 0
    baseline_requests: int = 0
    at: float = 0.0
    """The end of the last window, in seconds since the canary got traffic."""
    coverage: float = 0.0
    harm: float = 0.0
    """The evidence of harm of all metrics together: the natural logarithm of an e-value."""
    deciding: str = ""
    """The metric that decided, where one did."""
    at_deadline: bool = False
    """Whether the stage's horizon is over, so that this word is the stage's last."""
    time_scale: float = 1.0
    """Other than 1 where the judge's times were scaled for a demonstration."""

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}"
