import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canary.recovery import RecoveryRule, RecoveryWord, idle, recovery


def word(failed, requests=1000, **rule):
    return recovery(RecoveryRule(**rule), requests=requests, failed=failed).word


def test_a_version_that_fails_no_more_than_before_has_recovered():
    found = recovery(RecoveryRule(ratio_before=0.02), requests=1000, failed=20)

    assert found.word is RecoveryWord.RECOVERED
    assert found.reason == "20 of 1000 requests failed, within the 2.00 % of before the release"
    assert str(found).startswith("recovered: ")


def test_a_version_that_is_proven_to_fail_more_has_not():
    found = recovery(RecoveryRule(ratio_before=0.02), requests=1000, failed=60)

    assert found.word is RecoveryWord.NOT_RECOVERED
    assert "above the 2.00 %" in found.reason
    assert (found.requests, found.failed) == (1000, 60)


def test_a_little_more_than_before_is_chance_until_it_is_proven():
    assert word(25, ratio_before=0.02) is RecoveryWord.RECOVERED
    assert word(2500, 100_000, ratio_before=0.02) is RecoveryWord.NOT_RECOVERED


@pytest.mark.parametrize("requests", [0, 49])
def test_too_few_requests_say_nothing_either_way(requests):
    found = recovery(RecoveryRule(), requests=requests, failed=requests)

    assert found.word is RecoveryWord.UNVERIFIED
    assert found.reason == f"{requests} requests since it was put back, 50 would tell"


def test_a_version_that_never_failed_may_fail_as_much_as_is_allowed():
    """One failed request of a thousand is no reason to call somebody at night."""
    assert word(9, ratio_before=0.0) is RecoveryWord.RECOVERED
    assert word(9, ratio_before=0.0, allowed=0.0) is RecoveryWord.NOT_RECOVERED


def test_where_nobody_knew_what_was_before_what_is_allowed_counts():
    assert word(10, ratio_before=None) is RecoveryWord.RECOVERED
    assert word(100, ratio_before=None) is RecoveryWord.NOT_RECOVERED


def test_what_failed_a_lot_before_is_as_before():
    assert word(300, ratio_before=0.3) is RecoveryWord.RECOVERED


@given(requests=st.integers(50, 5000), data=st.data(), before=st.floats(0, 0.5))
def test_fewer_failures_never_make_it_worse(requests, data, before):
    failed = data.draw(st.integers(0, requests))
    fewer = data.draw(st.integers(0, failed))

    if word(failed, requests, ratio_before=before) is RecoveryWord.RECOVERED:
        assert word(fewer, requests, ratio_before=before) is RecoveryWord.RECOVERED


def test_an_idle_version_is_not_waited_for():
    told = idle(RecoveryRule(), requests=1, seconds=12)

    assert told is not None
    assert told.word is RecoveryWord.UNVERIFIED
    assert "1 requests in 12 s" in told.reason


@pytest.mark.parametrize(("requests", "seconds"), [(0, 9), (2, 12), (60, 12)])
def test_a_version_that_may_still_tell_is_waited_for(requests, seconds):
    assert idle(RecoveryRule(), requests=requests, seconds=seconds) is None
