"""What came of a journey on each version, and whose fault it is where it failed."""

from enum import StrEnum

from workflows.domain.canary.verdict import Word
from workflows.domain.values import View

LONGEST_TEXT = 200
"""Of one expectation, finding or reason: a report is read in a history, not downloaded."""


class ArmWord(StrEnum):
    """How a journey ended on one version; `unreachable` is neither good nor bad."""

    PASSED = "passed"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


class Finding(View):
    """A check that did not hold: what it looked at, what it expected, what there was."""

    check: str
    expected: str
    found: str


class StepReport(View):
    """One request as it went; a step that was left out has neither status nor latency."""

    name: str
    status: int | None = None
    latency_ms: float | None = None
    findings: tuple[Finding, ...] = ()
    left_out: str | None = None


class Sent(View):
    """How many requests a version got of a journey, all tries and cleanup counted.

    `errors` are those that got a status of 500 or more, or no answer. To be taken off what the
    router counts for that version.
    """

    requests: int = 0
    errors: int = 0


class ArmReport(View):
    """The last try on one version; `leftover` names the cleanup steps that did not succeed.

    `trace` is the trace id that the last try's requests carried.
    """

    word: ArmWord
    reason: str
    steps: tuple[StepReport, ...] = ()
    cleanup: tuple[StepReport, ...] = ()
    leftover: tuple[str, ...] = ()
    tries: int = 1
    trace: str | None = None


class Outcome(View):
    """What the two versions together prove, in the words of the judge."""

    word: Word
    reason: str


class SentByArm(View):
    """The synthetic share of what the router counted for each version."""

    canary: Sent = Sent()
    baseline: Sent = Sent()


class JourneyReport(View):
    """One journey, run against canary and baseline at the same time."""

    journey: str
    word: Word
    reason: str
    canary: ArmReport
    baseline: ArmReport
    sent: SentByArm = SentByArm()

    def __str__(self) -> str:
        return f"{self.journey}: {self.word}: {self.reason}"


def compare(canary: ArmReport, baseline: ArmReport) -> Outcome:
    """A failure is the canary's only where the baseline, asked the same, passes."""
    if canary.word is ArmWord.PASSED:
        return Outcome(word=Word.PASS, reason=_passed_beside(baseline))
    if canary.word is ArmWord.UNREACHABLE:
        return Outcome(word=Word.PROVIDER_ERROR, reason=f"canary not tried: {canary.reason}")
    if baseline.word is ArmWord.PASSED:
        return Outcome(word=Word.FAIL, reason=f"only the canary failed: {canary.reason}")
    if baseline.word is ArmWord.UNREACHABLE:
        why = f"the canary failed ({canary.reason}), with nothing to compare it with"
        return Outcome(word=Word.INCONCLUSIVE, reason=f"{why}: {baseline.reason}")
    why = f"both versions failed, so it is not the canary's fault: canary: {canary.reason}"
    return Outcome(word=Word.INCONCLUSIVE, reason=f"{why}; baseline: {baseline.reason}")


def _passed_beside(baseline: ArmReport) -> str:
    if baseline.word is ArmWord.PASSED:
        return "passed on both versions"
    return f"the canary passed where the baseline did not: {baseline.reason}"
