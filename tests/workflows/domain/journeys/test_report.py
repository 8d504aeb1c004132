import pytest

from workflows.domain.canary.verdict import Word
from workflows.domain.journeys.report import ArmReport, ArmWord, compare

PASSED, FAILED, UNREACHABLE = (
    ArmReport(word=word, reason=f"it {word}")
    for word in (ArmWord.PASSED, ArmWord.FAILED, ArmWord.UNREACHABLE)
)


@pytest.mark.parametrize(
    ("canary", "baseline", "word", "reason"),
    [
        (PASSED, PASSED, Word.PASS, "passed on both versions"),
        (PASSED, FAILED, Word.PASS, "where the baseline did not: it failed"),
        (PASSED, UNREACHABLE, Word.PASS, "where the baseline did not: it unreachable"),
        (FAILED, PASSED, Word.FAIL, "only the canary failed: it failed"),
        (FAILED, FAILED, Word.INCONCLUSIVE, "not the canary's fault"),
        (FAILED, UNREACHABLE, Word.INCONCLUSIVE, "nothing to compare it with: it unreachable"),
        (UNREACHABLE, PASSED, Word.PROVIDER_ERROR, "canary not tried: it unreachable"),
        (UNREACHABLE, FAILED, Word.PROVIDER_ERROR, "canary not tried"),
        (UNREACHABLE, UNREACHABLE, Word.PROVIDER_ERROR, "canary not tried"),
    ],
)
def test_a_failure_is_the_canarys_only_beside_a_baseline_that_passes(
    canary, baseline, word, reason
):
    outcome = compare(canary, baseline)

    assert outcome.word is word
    assert reason in outcome.reason
