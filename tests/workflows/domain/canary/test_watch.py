"""One stage, window by window: the first rule that is broken ends it, and silence never passes."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.domain.canary.watching import (
    ARMS,
    BEGAN,
    MINUTE,
    a_judge,
    arm,
    end,
    rules,
    span,
    watched,
)
from workflows.domain.canary.config import MetricConfig
from workflows.domain.canary.harm import Harm, HarmBudget, LostFigure
from workflows.domain.canary.share import ShareWord
from workflows.domain.canary.spans import Mark
from workflows.domain.canary.thresholds import ThresholdRule
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.watch import (
    Arms,
    Carried,
    Cause,
    ShareAsked,
    WatchState,
    begun,
    ended,
    looked,
    report,
    silent,
)
from workflows.domain.canary.windows import ArmWindow

ALONE = Arms(canary=ARMS.canary, baseline=None)
ERRORS = ThresholdRule(
    name="errors", type="ratio", numerator="errors", denominator="requests", limit=0.05, lasts=120
)
CONVERSION = MetricConfig(
    name="conversion",
    type="ratio",
    numerator="orders",
    denominator="visits",
    direction="decrease",
)


def minutes(count, canary=None, baseline=None, **more):
    return [span(n, canary or arm(), baseline or arm(), **more) for n in range(1, count + 1)]


def baking(**changes):
    return rules(compares=False, **changes)


def bake_of(*canary, its_rules):
    return end(its_rules, [span(n, each) for n, each in enumerate(canary, 1)], arms=ALONE)


def test_a_canary_that_is_no_worse_passes_when_the_stage_is_over_and_not_before():
    its_rules = rules()
    spans = minutes(30)

    assert end(its_rules, spans[:29]) is None
    word = end(its_rules, spans)
    assert (word.verdict.word, word.cause, word.early) == (Word.PASS, None, False)
    assert word.seconds == 30 * MINUTE
    assert word.served.requests == 30_000
    assert word.verdict.at_deadline


def test_a_pass_that_comes_early_ends_the_stage_early():
    its_rules = rules(judge=a_judge(horizon=240 * MINUTE, early_promotion=True, bake=5 * MINUTE))

    word = end(its_rules, minutes(240, arm(20_000, 400), arm(20_000, 400)))

    assert (word.verdict.word, word.early) == (Word.PASS, True)
    assert 5 * MINUTE <= word.seconds < 240 * MINUTE


def test_harm_that_the_judge_proves_ends_the_stage_at_once():
    word = end(rules(), minutes(30, arm(1000, 500)))

    assert (word.verdict.word, word.cause, word.early) == (Word.FAIL, Cause.JUDGE, True)
    assert word.seconds < 10 * MINUTE


def test_a_crossed_threshold_fails_a_canary_that_is_no_worse_than_its_baseline():
    """Both fail a tenth: no comparison may argue a limit away."""
    alike = minutes(30, arm(1000, 100), arm(1000, 100))

    assert end(rules(), alike).verdict.word is not Word.FAIL
    word = end(rules(thresholds=(ERRORS,)), alike)
    assert (word.verdict.word, word.cause) == (Word.FAIL, Cause.THRESHOLD)
    assert word.verdict.reason.startswith("threshold errors: 10 % above 5 %")
    assert word.seconds == MINUTE


def test_a_threshold_looks_back_over_its_whole_span_and_no_further():
    """What lies before the span is forgotten: the state stays small however long a stage is."""
    spans = [span(1, arm(1000, 60), arm()), *(span(n, arm(), arm()) for n in range(2, 12))]
    its_rules = rules(thresholds=(ERRORS,))

    assert end(its_rules, spans[:1]).cause is Cause.THRESHOLD
    calm = watched(its_rules, spans[1:])
    assert [window.at for window in calm.recent] == [600.0, 660.0]


def test_a_latency_threshold_takes_its_buckets_from_the_source():
    slow = ThresholdRule(
        name="slow", type="quantile", field="latency", quantile=0.9, limit=150, lasts=60
    )
    canary = ArmWindow(values={"requests": 100, "errors": 0}, histograms={"latency": (50, 10, 40)})

    word = end(
        rules(thresholds=(slow,)),
        [span(1, canary, arm(), bounds={"latency": (100.0, 200.0)})],
    )

    assert word.cause is Cause.THRESHOLD


def test_a_latency_is_compared_in_the_buckets_of_the_source():
    latency = MetricConfig(name="p90", type="histogram", field="latency", quantile=0.9)
    fast, slow = ({"latency": counts} for counts in ((970, 20, 10), (500, 100, 400)))
    spans = [
        span(
            n,
            ArmWindow(values={"requests": 1000, "errors": 0}, histograms=slow),
            ArmWindow(values={"requests": 1000, "errors": 0}, histograms=fast),
            bounds={"latency": (100.0, 200.0)},
        )
        for n in range(1, 31)
    ]

    word = end(rules(judge=a_judge(metrics=(latency,))), spans)

    assert (word.verdict.word, word.cause) == (Word.FAIL, Cause.JUDGE)


def test_a_pass_says_which_thresholds_saw_too_little_to_be_kept():
    rare = ERRORS.model_copy(update={"name": "rare", "min_samples": 1_000_000})

    word = end(rules(thresholds=(rare,)), minutes(30))

    assert word.verdict.word is Word.PASS
    assert "threshold rare: 2000 of 1000000 samples" in word.verdict.reason


def test_the_budget_is_crossed_by_what_other_targets_spent_as_well():
    budget = HarmBudget(failed_requests=10)

    assert end(rules(budget=budget, spent=Harm(failed_requests=8)), minutes(1)) is None
    word = end(rules(budget=budget, spent=Harm(failed_requests=9)), minutes(1))
    assert (word.verdict.word, word.cause) == (Word.FAIL, Cause.HARM)
    assert word.verdict.reason == "harm budget: 11 failed requests, allowed 10"


def test_the_budget_of_a_figure_is_what_the_old_version_would_have_brought():
    budget = HarmBudget(lost=LostFigure(metric="conversion", amount=25))
    its_rules = rules(judge=a_judge(metrics=(CONVERSION,)), budget=budget)
    worse = minutes(30, arm(visits=1000, orders=90), arm(visits=1000, orders=100))

    word = end(its_rules, worse)

    assert word.cause is Cause.HARM
    assert word.seconds == 3 * MINUTE
    assert word.served.harm.lost == pytest.approx(30)


def test_a_figure_seen_of_one_version_alone_says_nothing_of_what_was_lost():
    budget = HarmBudget(lost=LostFigure(metric="conversion", amount=1))
    its_rules = rules(judge=a_judge(metrics=(CONVERSION,)), budget=budget)
    both = span(1, arm(visits=1000, orders=100), arm(visits=1000, orders=100))
    half = [span(2, arm(visits=1000, orders=0)), span(3, None, arm(visits=1000, orders=900))]

    state = watched(its_rules, [both, *half])

    assert ended(its_rules, state, now=state.mark.at) is None
    assert state.served.harm.lost == 0


def test_a_router_that_sends_another_share_fails_the_stage():
    asked = ShareAsked(percent=10)

    honest = end(rules(share=asked), minutes(30, arm(1000), arm(9000, 18)))
    lying = end(rules(share=asked), minutes(30, arm(4000, 8), arm(6000, 12)))

    assert (honest.verdict.word, honest.share.word) == (Word.PASS, ShareWord.AS_ORDERED)
    assert (lying.verdict.word, lying.cause) == (Word.FAIL, Cause.SHARE)
    assert lying.verdict.reason.startswith("the router does not serve its weight: ")


def test_a_canary_that_gets_nothing_of_its_share_is_a_lie_as_well():
    word = end(rules(share=ShareAsked(percent=10)), minutes(30, ArmWindow(values={"requests": 0})))

    assert (word.verdict.word, word.cause) == (Word.FAIL, Cause.SHARE)


def test_requests_with_a_header_may_make_the_share_larger_but_not_smaller():
    marked = ShareAsked(percent=10, marked=True)

    more = watched(rules(share=marked), minutes(5, arm(4000, 8), arm(6000, 12)))
    fewer = end(rules(share=marked), minutes(30, arm(100, 0), arm(9900, 20)))

    assert more.share.word is ShareWord.TOO_FEW_TO_SAY
    assert fewer.cause is Cause.SHARE


def test_sticky_sessions_count_as_one_request_each():
    """A share that is off by chance of whole sessions is no lie."""
    its_spans = minutes(1, arm(170, 0), arm(830, 2))

    assert end(rules(share=ShareAsked(percent=10)), its_spans).cause is Cause.SHARE
    sticky = ShareAsked(percent=10, requests_per_session=40)
    assert end(rules(share=sticky), its_spans) is None


def test_harm_is_told_before_whatever_else_is_wrong():
    """What costs most comes first: people read one reason."""
    everything = rules(
        thresholds=(ERRORS,),
        share=ShareAsked(percent=10),
        budget=HarmBudget(failed_requests=1),
    )

    assert end(everything, minutes(1, arm(1000, 900))).cause is Cause.HARM


def test_no_data_is_never_a_pass():
    gaps = [span(n) for n in range(1, 31)]
    idle = minutes(30, arm(0, 0), arm(0, 0))

    for spans in (gaps, idle):
        assert end(rules(), spans).verdict.word is Word.NO_DATA


def test_a_bake_passes_when_its_time_is_over_and_no_threshold_was_crossed():
    its_rules = baking(thresholds=(ERRORS,))

    assert bake_of(*[arm()] * 29, its_rules=its_rules) is None
    word = bake_of(*[arm()] * 30, its_rules=its_rules)
    assert word.verdict.word is Word.PASS
    assert word.verdict.reason == "no threshold crossed in 30000 requests, 60 failed"


def test_a_bake_fails_on_a_threshold_and_compares_with_nobody():
    fine, bad = arm(1000, 10), arm(1000, 300)

    word = bake_of(fine, fine, fine, bad, its_rules=baking(thresholds=(ERRORS,)))

    assert (word.verdict.word, word.cause, word.seconds) == (Word.FAIL, Cause.THRESHOLD, 240)
    assert bake_of(*[bad] * 30, its_rules=baking()).verdict.word is Word.PASS


def test_a_bake_without_requests_is_no_data():
    word = bake_of(*[None] * 30, its_rules=baking(thresholds=(ERRORS,)))

    assert word.verdict.word is Word.NO_DATA


def test_a_bake_whose_thresholds_saw_nothing_at_the_end_is_no_data():
    """It had traffic once, and nobody knows how the version did since."""
    word = bake_of(*[arm()] * 20, *[None] * 10, its_rules=baking(thresholds=(ERRORS,)))

    assert word.verdict.word is Word.NO_DATA
    assert word.verdict.reason == "threshold errors: no sample in the last 120 s"


def test_the_share_is_not_looked_at_where_nothing_is_beside_the_canary():
    its_rules = baking(share=ShareAsked(percent=10))

    assert watched(its_rules, [span(1, arm())], arms=ALONE).share is None


def test_a_source_that_is_silent_to_the_end_is_neither_good_nor_bad():
    its_rules = rules()
    state = silent(watched(its_rules, minutes(5)), now=BEGAN + 6 * MINUTE, why="it is down")
    over = BEGAN + 30 * MINUTE

    assert ended(its_rules, state, now=over - 1) is None
    word = ended(its_rules, state, now=over)
    assert word.verdict.word is Word.PROVIDER_ERROR
    assert word.verdict.reason == "the source of metrics does not answer: it is down"
    assert word.carried.evidence == state.evidence


def test_a_single_query_that_fails_as_the_stage_ends_is_asked_again():
    its_rules = rules()
    over = BEGAN + 30 * MINUTE
    state = silent(watched(its_rules, minutes(29)), now=over, why="a reset")

    assert ended(its_rules, state, now=over) is None
    again = ended(its_rules, state, now=over + its_rules.judge.interval)
    assert again is not None
    assert again.verdict.word is Word.PROVIDER_ERROR


def test_silence_counts_from_its_beginning_and_ends_with_an_answer():
    its_rules = rules()
    once = silent(watched(its_rules, []), now=BEGAN + 60, why="down")
    twice = silent(once, now=BEGAN + 120, why="still down")
    back = looked(its_rules, twice, ARMS, span(1, arm(), arm()))

    assert (twice.silent_since, twice.silence) == (BEGAN + 60, "still down")
    assert (back.silent_since, back.silence) == (None, "")


def test_an_outage_in_the_middle_makes_no_false_verdict():
    its_rules = rules()
    state = silent(watched(its_rules, minutes(10)), now=BEGAN + 700, why="down")

    word = end(its_rules, minutes(30)[10:], state)

    assert word.verdict.word is Word.PASS


def test_the_next_stage_goes_on_with_the_evidence_of_the_one_before():
    """Harm that was nearly shown before is not forgotten at the next weight."""
    first = watched(rules(), minutes(10))
    carried = Carried.model_validate_json(report(first).carried.model_dump_json())

    second = begun(rules(), Mark(at=BEGAN + 3600), carried)
    later = looked(rules(), second, ARMS, span(61, arm(), arm()))

    assert second.evidence == first.evidence
    assert (second.canary_at, second.stage_at) == (BEGAN, BEGAN + 3600)
    assert later.lasted == MINUTE
    assert later.evidence.canary_requests == 11_000
    assert later.served.requests == 1000


def a_day(seed, *, worse):
    dice = random.Random(seed)
    for number in range(1, 31):
        if dice.random() < 0.1:
            yield span(number)
            continue
        requests = dice.randint(100, 3000)
        yield span(
            number,
            arm(requests, sum(dice.random() < 0.01 * worse for _ in range(requests))),
            arm(9 * requests, round(0.09 * requests)),
        )


@pytest.mark.parametrize("worse", [1, 3])
@given(seed=st.integers(0, 10_000), killed=st.integers(0, 30))
@settings(max_examples=15, deadline=None)
def test_a_watch_that_was_killed_ends_as_an_undisturbed_one(worse, seed, killed):
    """Whatever was heartbeaten last is all that a successor has."""
    its_rules = rules(
        thresholds=(ERRORS,),
        share=ShareAsked(percent=10),
        budget=HarmBudget(failed_requests=2000),
    )
    spans = list(a_day(seed, worse=worse))
    undisturbed = watched(its_rules, spans)

    kept = watched(its_rules, spans[:killed]).model_dump_json()
    resumed = watched(its_rules, spans[killed:], WatchState.model_validate_json(kept))

    assert resumed == undisturbed
    assert ended(its_rules, resumed, now=resumed.mark.at) == end(its_rules, spans)


def test_the_state_comes_back_from_a_heartbeat_after_every_window():
    its_rules = rules(thresholds=(ERRORS,), share=ShareAsked(percent=10))
    state = watched(its_rules, [])
    for each in a_day(7, worse=2):
        state = looked(its_rules, state, ARMS, each)
        assert WatchState.model_validate_json(state.model_dump_json()) == state


def test_a_day_of_windows_fits_into_a_heartbeat():
    its_rules = rules(judge=a_judge(interval=10, horizon=86_400), thresholds=(ERRORS,))
    spans = minutes(240)

    assert len(watched(its_rules, spans).model_dump_json()) < 100_000
