"""A router that lies is caught soon, and an honest one never, however often it is looked at."""

import random
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.domain.canary.share import (
    ALPHA,
    ShareWord,
    plausible_shares,
    requests_to_tell,
    share_is_as_asked,
)

LOOKS = 10_000


def word(asked: int, canary: int, every: int, **more) -> ShareWord:
    return share_is_as_asked(asked, canary_requests=canary, all_requests=every, **more).word


def requests_until_caught(asked: int, *, sent: float, seed: int, at_most: int) -> int:
    dice = random.Random(seed)
    canary = 0
    for every in range(1, at_most + 1):
        canary += dice.random() < sent
        if word(asked, canary, every) is ShareWord.LYING:
            return every
    raise AssertionError(f"not caught within {at_most} requests")


@pytest.mark.parametrize(("sent", "soon"), [(0.0, 100), (0.4, 120), (1.0, 10), (0.2, 900)])
def test_a_router_that_takes_ten_percent_and_sends_otherwise_is_caught_soon(sent, soon):
    for seed in range(20):
        assert requests_until_caught(10, sent=sent, seed=seed, at_most=soon) <= soon


@pytest.mark.parametrize(("asked", "seed"), [(10, 1), (1, 2), (50, 3)])
def test_an_honest_router_is_never_called_a_liar_in_ten_thousand_looks(asked, seed):
    dice = random.Random(seed)
    looks = accumulate(dice.random() < asked / 100 for _ in range(LOOKS))

    words = [word(asked, canary, every) for every, canary in enumerate(looks, start=1)]

    assert len(words) == LOOKS
    assert ShareWord.LYING not in words
    if asked > 1:
        assert words[-1] is ShareWord.AS_ORDERED


def test_looking_a_hundred_times_as_often_does_not_make_more_liars():
    """At an alpha of a tenth, so that there are alarms to be counted: 200 routers, 300 looks."""
    dice = random.Random(4)
    alarms = 0
    for _ in range(200):
        looks = accumulate(dice.random() < 0.1 for _ in range(300))
        words = {word(10, canary, every, alpha=0.1) for every, canary in enumerate(looks, 1)}
        alarms += ShareWord.LYING in words

    assert 0 < alarms <= 20


def sticky_looks(seed: int, longest: int) -> list[tuple[int, int]]:
    """Counts after each request of an honest router that keeps sessions, many open at a time."""
    dice = random.Random(seed)
    open_sessions: list[list[int]] = []
    counts, canary = [], 0
    for every in range(1, LOOKS // 2 + 1):
        if len(open_sessions) < 30:
            open_sessions.append([int(dice.random() < 0.1), dice.randint(1, longest)])
        session = dice.choice(open_sessions)
        canary += session[0]
        session[1] -= 1
        if not session[1]:
            open_sessions.remove(session)
        counts.append((canary, every))
    return counts


def test_an_honest_router_that_keeps_sessions_is_no_liar():
    """Its share is off by chance as if there were as many requests as sessions; so it is taken."""
    taken_for_requests = 0
    for seed in range(3):
        looks = sticky_looks(seed, longest=40)
        words = {word(10, canary, every, requests_per_session=40) for canary, every in looks}
        assert ShareWord.LYING not in words
        taken_for_requests += any(word(10, *look) is ShareWord.LYING for look in looks)

    assert taken_for_requests > 0


def test_a_router_that_keeps_sessions_and_lies_is_caught_too():
    assert word(10, 0, 4000, requests_per_session=40) is ShareWord.LYING
    assert word(10, 1600, 4000, requests_per_session=40) is ShareWord.LYING


@pytest.mark.parametrize("every", [1, 20, 5000])
def test_at_none_one_request_is_too_many_and_at_all_of_it_one_too_few(every):
    assert word(0, 1, every) is ShareWord.LYING
    assert word(100, every - 1, every) is ShareWord.LYING


def test_none_and_all_of_it_are_as_ordered_once_a_percent_could_not_have_hidden():
    assert word(0, 0, 100) is word(100, 100, 100) is ShareWord.TOO_FEW_TO_SAY
    assert word(0, 0, 1100) is word(100, 1100, 1100) is ShareWord.AS_ORDERED


@pytest.mark.parametrize("asked", [0, 1, 10, 50, 100])
def test_nothing_counted_says_nothing(asked):
    ruling = share_is_as_asked(asked, canary_requests=0, all_requests=0)

    assert ruling.word is ShareWord.TOO_FEW_TO_SAY
    assert str(ruling) == f"tooFewToSay: asked for {asked}%, and no request was counted yet"


def test_the_ruling_is_a_sentence_with_its_numbers():
    ruling = share_is_as_asked(10, canary_requests=0, all_requests=200)

    assert str(ruling) == (
        "lying: asked for 10%, and 0 of 200 requests went to the canary: 0%, which is a share "
        "between 0% and 4.94% (wrong once in 1000 stages, however often looked at)"
    )


@pytest.mark.parametrize(
    ("canary", "every", "more"),
    [
        (3, 2, {}),
        (-1, 2, {}),
        (1, 2, {"alpha": 0.0}),
        (1, 2, {"alpha": 1.0}),
        (1, 2, {"requests_per_session": 0.5}),
    ],
)
def test_what_is_no_count_is_no_ruling(canary, every, more):
    with pytest.raises(ValueError, match="request"):
        word(10, canary, every, **more)


counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.sampled_from([0.1, 0.01, ALPHA]), st.sampled_from([1, 10]))
def test_the_interval_holds_what_was_counted_and_is_the_mirror_of_the_other_arm_s(
    count, alpha, sessions
):
    canary, every = count
    ours = plausible_shares(canary, every, alpha=alpha, requests_per_session=sessions)
    theirs = plausible_shares(every - canary, every, alpha=alpha, requests_per_session=sessions)

    assert 0 <= ours.low <= ours.estimate <= ours.high <= 1
    assert ours.low == pytest.approx(1 - theirs.high, abs=1e-6)
    assert ours.high == pytest.approx(1 - theirs.low, abs=1e-6)


@given(counts)
def test_more_sessions_of_the_same_shape_and_a_bolder_alpha_narrow_it(count):
    canary, every = count
    wide = plausible_shares(canary, every)
    more = plausible_shares(10 * canary, 10 * every)
    bolder = plausible_shares(canary, every, alpha=0.1)
    sticky = plausible_shares(canary, every, requests_per_session=5)

    def width(interval):
        return interval.high - interval.low

    assert width(more) <= width(wide) + 1e-9
    assert width(bolder) <= width(wide) + 1e-9
    assert width(wide) <= width(sticky) + 1e-9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100))
def test_what_it_takes_to_tell_is_enough_for_an_honest_router_and_little_less_is_not(asked):
    enough = requests_to_tell(asked)

    assert word(asked, asked * enough // 100, enough) is ShareWord.AS_ORDERED
    if enough > 100:
        less = enough - 100
        assert word(asked, asked * less // 100, less) is ShareWord.TOO_FEW_TO_SAY
