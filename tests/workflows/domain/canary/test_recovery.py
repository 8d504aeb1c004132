import pytest

from workflows.domain.canary.recovery import RecoveryRule, RecoveryWord, idle, recovery

RULE = RecoveryRule(ratio_before=0.02)


@pytest.mark.parametrize(
    ("requests", "failed", "word"),
    [
        (49, 0, RecoveryWord.UNVERIFIED),
        (50, 0, RecoveryWord.RECOVERED),
        (1000, 20, RecoveryWord.RECOVERED),
        (1000, 60, RecoveryWord.NOT_RECOVERED),
    ],
)
def test_it_has_recovered_unless_more_fails_than_before(requests, failed, word):
    assert recovery(RULE, requests=requests, failed=failed).word is word


def test_an_idle_version_is_not_waited_for():
    told = idle(RULE, requests=1, seconds=12)

    assert told is not None
    assert told.word is RecoveryWord.UNVERIFIED
    assert "1 requests in 12 s" in told.reason


@pytest.mark.parametrize(("requests", "seconds"), [(0, 9), (2, 12), (60, 12)])
def test_a_version_that_may_still_tell_is_waited_for(requests, seconds):
    assert idle(RULE, requests=requests, seconds=seconds) is None
