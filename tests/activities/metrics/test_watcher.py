"""Window by window through a stage: when a source is asked, and what its silence leads to."""

import pytest

from activities.metrics.watcher import Watcher
from tests.activities.metrics.scripted import (
    BEGAN,
    MINUTE,
    ScriptedPace,
    ScriptedSource,
    the_ask,
)
from workflows.domain.canary.thresholds import ThresholdRule
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.watch import Cause
from workflows.domain.errors import HandedOver, Refused, Unavailable

GOOD = {"requests": 10.0, "errors": 0.05}
BAD = {"requests": 10.0, "errors": 5.0}
STAGE = 30 * MINUTE


def watch(source, ask=None, tell=lambda _seen: None):
    return Watcher(source, ask or the_ask(), pace=source.pace, tell=tell).watch()


def a_source(pace=None, *, canary=GOOD, **more):
    return ScriptedSource(pace or ScriptedPace(), canary=canary, baseline=GOOD, **more)


def killed_at(seconds):
    """A pace whose worker is told to stop once so much time has passed."""

    def stop(now):
        if now - BEGAN >= seconds:
            raise HandedOver("this worker stops")

    return ScriptedPace(stop)


def test_each_window_begins_where_the_last_one_ended_and_the_stage_lasts_its_time():
    source = a_source()

    end = watch(source)

    assert source.looks == [(BEGAN + n * MINUTE, BEGAN + (n + 1) * MINUTE) for n in range(30)]
    assert end.verdict.word is Word.PASS
    assert (end.watch, end.seconds, end.served.requests) == (3, STAGE, 18_000)
    assert source.pace.waits == [MINUTE] * 30


def test_a_window_is_asked_for_once_its_points_have_arrived():
    """The source refuses to tell of points that it cannot have yet.

    Nor does a watch begin while the latest sample may be of before the shift.
    """
    source = a_source(settles=17.0)

    assert watch(source).verdict.word is Word.PASS
    assert source.pace.waits == [17, MINUTE + 17] + [MINUTE] * 29


def test_harm_ends_the_stage_before_its_time():
    source = a_source(canary=BAD)

    end = watch(source)

    assert (end.verdict.word, end.cause, end.early) == (Word.FAIL, Cause.JUDGE, True)
    assert source.pace.at < BEGAN + 10 * MINUTE


def test_a_source_that_is_down_through_the_stage_is_told_when_the_stage_is_over_and_not_before():
    source = a_source(down=[(BEGAN + 1, BEGAN + 10 * STAGE)])

    end = watch(source)

    assert end.verdict.word is Word.PROVIDER_ERROR
    assert end.cause is None
    assert "the source is down" in end.verdict.reason
    assert BEGAN + STAGE <= source.pace.at < BEGAN + STAGE + 2 * MINUTE


def test_a_source_that_never_answers_is_waited_for_as_long_as_the_stage_lasts():
    source = a_source(down=[(BEGAN, BEGAN + 10 * STAGE)])

    with pytest.raises(Unavailable, match="the source is down"):
        watch(source)

    assert source.pace.at == BEGAN + STAGE


def test_a_stage_begins_when_its_source_does():
    source = a_source(down=[(BEGAN, BEGAN + 5 * MINUTE)])

    end = watch(source)

    assert source.looks[0] == (BEGAN + 5 * MINUTE, BEGAN + 6 * MINUTE)
    assert end.verdict.word is Word.PASS
    assert source.pace.at == BEGAN + 35 * MINUTE


@pytest.mark.parametrize(("canary", "word"), [(GOOD, Word.PASS), (BAD, Word.FAIL)])
@pytest.mark.parametrize("remembers", [True, False])
def test_a_source_that_was_killed_and_came_back_makes_no_false_verdict(canary, word, remembers):
    down = [(BEGAN + MINUTE, BEGAN + 12.5 * MINUTE)]
    source = a_source(canary=canary, remembers=remembers, down=down)

    assert watch(source).verdict.word is word


def test_what_a_source_remembers_of_an_outage_is_caught_up_with_at_once():
    source = a_source(down=[(BEGAN + 5.5 * MINUTE, BEGAN + 9.5 * MINUTE)])

    watch(source)

    assert len(source.looks) == 30
    assert source.pace.waits.count(0.0) == 4
    assert source.pace.at == BEGAN + STAGE


def test_a_silent_source_is_not_asked_without_a_pause():
    source = a_source(down=[(BEGAN + 1, BEGAN + 10 * STAGE)])

    watch(source)

    assert min(source.pace.waits) == MINUTE


def test_what_is_wrong_with_our_access_is_no_silence():
    source = a_source()

    def refuse(*_args, **_more):
        raise Refused("a measure that is none")

    source.span = refuse
    with pytest.raises(Refused):
        watch(source)


def test_every_window_is_kept_before_the_next_is_waited_for():
    source = a_source()

    watch(source)

    assert len(source.pace.beats) == 30  # one at its beginning, none at its end
    assert len(set(source.pace.beats)) == 30


@pytest.mark.parametrize("minutes", [0.5, 1, 7, 29])
@pytest.mark.parametrize("canary", [GOOD, {"requests": 10.0, "errors": 0.07}])
def test_a_killed_watch_goes_on_at_its_next_window_and_ends_as_an_undisturbed_one(canary, minutes):
    undisturbed = watch(a_source(canary=canary))
    dying = a_source(killed_at(minutes * MINUTE), canary=canary)
    with pytest.raises(HandedOver):
        watch(dying)

    successor = ScriptedPace()
    successor.at, successor.left = dying.pace.at + 90, dying.pace.beats[-1]
    source = a_source(successor, canary=canary)
    end = watch(source)

    assert end == undisturbed
    ends = [until for _, until in dying.looks]
    assert source.looks[0][0] == (ends[-1] if ends else BEGAN)


def test_a_successor_of_a_watch_that_had_ended_only_says_so():
    dying = a_source(canary=BAD)
    undisturbed = watch(dying)
    successor = ScriptedPace()
    successor.left = dying.pace.beats[-1]

    assert watch(a_source(successor, canary=BAD)) == undisturbed


def test_news_are_told_at_first_and_then_as_requests_grow():
    told = []

    watch(a_source(), tell=told.append)

    requests = [seen.served.requests for seen in told]
    assert requests[:3] == [0, 600, 1200]
    assert requests == sorted(requests)
    # In a stage ten times as long, ten more: not ten times as many.
    long = []
    watch(a_source(), the_ask(horizon=10 * STAGE), tell=long.append)
    assert len(told) < len(long) < len(told) + 16


def test_another_word_is_news_whatever_the_requests_are():
    told = []
    idle = {"requests": 0.0, "errors": 0.0}
    source = a_source(ScriptedPace(), canary=idle)
    source.pace = ScriptedPace(
        lambda now: source.arms.update(canary=GOOD) if now > BEGAN + 3 * MINUTE else None
    )

    watch(source, tell=told.append)

    assert [seen.verdict.word for seen in told][:2] == [Word.NO_DATA, Word.NO_DATA]
    assert Word.INCONCLUSIVE in [seen.verdict.word for seen in told]


def test_news_say_which_watch_they_are_of_and_never_carry_its_evidence():
    """Evidence is large, and only the end of the activity hands it on."""
    told = []

    end = watch(a_source(), tell=told.append)

    assert {seen.watch for seen in told} == {3}
    assert {seen.carried for seen in told} == {None}
    assert end.carried is not None


def test_a_bake_asks_for_the_new_version_alone():
    ask = the_ask(baseline=None)
    limit = ThresholdRule(
        name="errors",
        type="ratio",
        numerator="errors",
        denominator="requests",
        limit=0.1,
        lasts=60,
    )
    rules = ask.rules.model_copy(update={"compares": False, "thresholds": (limit,)})
    ask = ask.model_copy(update={"rules": rules})

    good = watch(a_source(), ask)
    bad = watch(a_source(canary=BAD), ask)

    assert (good.verdict.word, good.served.baseline_requests) == (Word.PASS, 0)
    assert (bad.verdict.word, bad.cause, bad.seconds) == (Word.FAIL, Cause.THRESHOLD, MINUTE)
