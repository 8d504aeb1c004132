import random
from bisect import bisect_left
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canary.first_judge import judge
from workflows.domain.canary.series import NO_EDGE
from workflows.domain.canary.verdict import ArmCounts, MetricRule, Word

EDGES = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 750, 1000, NO_EDGE)
LOOKS_AND_METRICS = 24


def errors_rule(**changes):
    rule = MetricRule(
        name="error-rate", type="errorRatio", max_increase=0.05, alpha=0.0005, min_samples=100
    )
    return rule.model_copy(update=changes)


def latency_rule(**changes):
    rule = MetricRule(
        name="latency-p95",
        type="latencyQuantile",
        quantile=0.95,
        max_increase=0.2,
        alpha=0.0005,
        min_samples=100,
    )
    return rule.model_copy(update=changes)


def arm(requests, errors=0, latencies=()):
    slots = [0] * len(EDGES)
    for latency in latencies:
        slots[bisect_left(EDGES, latency)] += 1
    buckets = tuple(zip(EDGES, accumulate(slots), strict=True)) if latencies else ()
    return ArmCounts(requests=requests, errors=errors, buckets=buckets)


def word(rule, canary, baseline):
    return judge((rule,), canary=canary, baseline=baseline).word


@st.composite
def arms(draw, at_least=0):
    requests = draw(st.integers(at_least, 3000))
    return ArmCounts(requests=requests, errors=draw(st.integers(0, requests)))


# What an operator reads


def test_a_failure_says_by_how_much_how_surely_and_what_was_allowed():
    verdict = judge((errors_rule(alpha=0.025),), canary=arm(212, 34), baseline=arm(848, 15))

    assert verdict.word is Word.FAIL
    assert verdict.reason == (
        "error-rate +14.3 pp [+9.8, +19.8] after 212 canary requests, allowed +5 pp"
    )
    assert (verdict.canary_requests, verdict.canary_errors) == (212, 34)
    assert verdict.baseline_requests == 848


def test_a_slow_canary_is_told_by_its_share_beyond_the_edge_that_is_allowed():
    canary, baseline = arm(200, latencies=[130] * 200), arm(800, latencies=[12] * 800)

    verdict = judge((latency_rule(),), canary=canary, baseline=baseline)

    assert verdict.word is Word.FAIL
    assert verdict.reason == (
        "latency-p95 100.0 % [94.9, 100.0] of 200 canary requests over 20 ms, allowed 5 % "
        "(baseline p95 up to 15 ms)"
    )


def test_an_undecided_metric_says_how_much_traffic_would_decide():
    (metric,) = judge((errors_rule(),), canary=arm(150), baseline=arm(600)).metrics

    assert metric.word is Word.INCONCLUSIVE
    assert metric.needed == 300
    assert metric.reason.endswith("; about 300 would decide")


def test_a_canary_at_the_limit_has_no_end_in_sight():
    (metric,) = judge((errors_rule(),), canary=arm(1000, 60), baseline=arm(1000, 10)).metrics

    assert metric.needed == 0
    assert metric.reason.endswith("; no end in sight")


# The words


def test_no_canary_requests_are_no_data():
    verdict = judge((errors_rule(),), canary=arm(0), baseline=arm(900))

    assert verdict.word is Word.NO_DATA
    assert verdict.reason == "error-rate: the canary served no requests"


def test_nothing_to_compare_with_is_no_data_even_if_all_fails():
    """A shared outage looks the same: unknown is neither good nor bad."""
    assert word(errors_rule(), arm(500, 500), arm(0)) is Word.NO_DATA


def test_requests_without_latencies_are_no_data_for_latency():
    assert word(latency_rule(), arm(500, 500), arm(500, latencies=[9] * 500)) is Word.NO_DATA
    assert word(latency_rule(), arm(500, latencies=[9] * 500), arm(500)) is Word.NO_DATA


@pytest.mark.parametrize(
    ("canary", "baseline", "reason"),
    [
        (arm(99, 99), arm(900), "99 of 100 canary requests"),
        (arm(900), arm(99), "99 of 100 baseline requests"),
    ],
)
def test_too_few_samples_settle_nothing(canary, baseline, reason):
    (metric,) = judge((errors_rule(),), canary=canary, baseline=baseline).metrics

    assert metric.word is Word.INCONCLUSIVE
    assert metric.needed == 100
    assert reason in metric.reason


def test_the_gravest_metric_is_the_verdict():
    fast = [9] * 500
    good, bad, mute = errors_rule(), errors_rule(max_increase=0.0, name="strict"), latency_rule()
    canary, baseline = arm(500, 15), arm(500, 0, latencies=fast)

    assert judge((good, bad, mute), canary=canary, baseline=baseline).word is Word.FAIL
    assert judge((good, mute), canary=canary, baseline=baseline).word is Word.NO_DATA
    both = judge((good, bad), canary=canary, baseline=baseline)
    assert both.reason.startswith("strict")


def test_a_pass_needs_every_metric():
    rules = (errors_rule(), latency_rule())
    arms = {"canary": arm(500, 2, [9] * 500), "baseline": arm(900, 3, [9] * 900)}

    verdict = judge(rules, **arms)

    assert verdict.word is Word.PASS
    assert "error-rate" in verdict.reason
    assert "latency-p95" in verdict.reason


def test_a_judge_without_metrics_never_passes():
    assert judge((), canary=arm(500), baseline=arm(500)).word is Word.NO_DATA


# Edges


def test_a_slowness_that_the_buckets_cannot_show_never_fails():
    """Baseline up to 15 ms, a fifth more is 18 ms: the next edge is 20 ms."""
    canary, baseline = arm(5000, latencies=[19] * 5000), arm(5000, latencies=[12] * 5000)

    assert word(latency_rule(), canary, baseline) is Word.PASS


def test_a_quantile_in_the_open_bucket_cannot_be_judged():
    beyond = arm(900, latencies=[5000] * 900)

    verdict = judge((latency_rule(),), canary=beyond, baseline=beyond)

    assert verdict.word is Word.INCONCLUSIVE
    assert "the histogram ends below" in verdict.reason


def test_a_high_quantile_passes_on_less_than_a_twofold_tail():
    rule = latency_rule(quantile=0.99)
    baseline = arm(4000, latencies=[9] * 3980 + [90] * 20)

    assert word(rule, arm(2000, latencies=[9] * 1990 + [90] * 10), baseline) is Word.PASS
    assert word(rule, arm(2000, latencies=[9] * 1972 + [90] * 28), baseline) is Word.INCONCLUSIVE
    assert word(rule, arm(2000, latencies=[9] * 1900 + [90] * 100), baseline) is Word.FAIL


# Properties


@given(arms(at_least=1), arms(), st.floats(1e-5, 0.2), st.floats(0, 0.5), st.data())
def test_more_errors_never_turn_a_failure_into_anything_better(
    canary, baseline, alpha, increase, data
):
    rule = errors_rule(alpha=alpha, max_increase=increase)
    more = data.draw(st.integers(canary.errors, canary.requests))
    worse = canary.model_copy(update={"errors": more})

    if word(rule, canary, baseline) is Word.FAIL:
        assert word(rule, worse, baseline) is Word.FAIL
    if word(rule, worse, baseline) is Word.PASS:
        assert word(rule, canary, baseline) is Word.PASS


@given(arms(), arms(), st.floats(1e-5, 0.4))
def test_two_versions_are_never_both_worse_than_each_other(one, other, alpha):
    rule = errors_rule(alpha=alpha, max_increase=0.0, min_samples=1)
    there, back = (
        judge((rule,), canary=one, baseline=other),
        judge((rule,), canary=other, baseline=one),
    )

    assert not there.word is back.word is Word.FAIL
    assert (there.word is Word.NO_DATA) is (back.word is Word.NO_DATA)


@given(arms(), arms(), st.floats(1e-5, 0.4), st.floats(0, 1))
def test_silence_never_passes_and_never_fails(canary, baseline, alpha, increase):
    rules = (
        errors_rule(alpha=alpha, max_increase=increase),
        latency_rule(alpha=alpha, max_increase=increase),
    )
    silent = ArmCounts()

    assert judge(rules, canary=silent, baseline=baseline).word is Word.NO_DATA
    assert judge(rules, canary=canary, baseline=silent).word is Word.NO_DATA


@given(arms(at_least=100), st.floats(1e-5, 0.2), st.floats(0, 0.5))
def test_a_canary_equal_to_its_baseline_never_fails(counts, alpha, increase):
    assert word(errors_rule(alpha=alpha, max_increase=increase), counts, counts) is not Word.FAIL


@given(
    st.lists(st.floats(0.1, 5000), min_size=1, max_size=300),
    st.floats(0.5, 0.999),
    st.floats(0, 1),
)
def test_latencies_equal_to_the_baselines_never_fail(latencies, quantile, increase):
    rule = latency_rule(quantile=quantile, max_increase=increase, alpha=0.2, min_samples=1)
    same = arm(len(latencies), latencies=latencies)

    assert word(rule, same, same) is not Word.FAIL


# Rates, simulated with a fixed seed; 3 standard errors of slack where a rate is bounded


def seeded(seed):
    return random.Random(seed)


def binomial(source, requests, ratio):
    return sum(source.random() < ratio for _ in range(requests))


def rate(word_of, runs):
    return sum(word_of() for _ in range(runs)) / runs


@pytest.mark.parametrize("ratio", [0.001, 0.01, 0.1, 0.5])
@pytest.mark.parametrize(("canary", "baseline"), [(100, 100), (100, 900), (400, 100)])
def test_a_healthy_canary_is_failed_no_oftener_than_alpha(ratio, canary, baseline):
    """Even where no increase at all is allowed, and for a handful of errors."""
    source, runs, alpha = seeded(7), 600, 0.05
    rule = errors_rule(alpha=alpha, max_increase=0.0)

    def failed():
        ours = arm(canary, binomial(source, canary, ratio))
        return word(rule, ours, arm(baseline, binomial(source, baseline, ratio))) is Word.FAIL

    assert rate(failed, runs) <= alpha + 3 * (alpha * (1 - alpha) / runs) ** 0.5


@pytest.mark.parametrize("tail", [0.03, 0.0501, 0.07])
@pytest.mark.parametrize(("canary", "baseline"), [(150, 600), (600, 150)])
def test_an_equally_fast_canary_is_failed_no_oftener_than_alpha(tail, canary, baseline):
    """Also where the baseline's quantile falls on one edge or the next by chance alone."""
    source, runs, alpha = seeded(11), 300, 0.05
    rule = latency_rule(alpha=alpha, max_increase=0.0)

    def latencies(requests):
        return [12 if source.random() > tail else source.choice((22, 80)) for _ in range(requests)]

    def failed():
        ours = arm(canary, latencies=latencies(canary))
        return word(rule, ours, arm(baseline, latencies=latencies(baseline))) is Word.FAIL

    assert rate(failed, runs) <= alpha + 3 * (alpha * (1 - alpha) / runs) ** 0.5


def test_looking_often_fails_a_healthy_canary_no_oftener_than_the_authors_alpha():
    """The plan divides alpha by looks; the data of one look are in the next."""
    source, runs, alpha = seeded(13), 400, 0.05
    rule = errors_rule(alpha=alpha / 12, max_increase=0.0, min_samples=20)

    def failed():
        ours = theirs = (0, 0)
        for _ in range(12):
            ours = (ours[0] + 40, ours[1] + binomial(source, 40, 0.1))
            theirs = (theirs[0] + 40, theirs[1] + binomial(source, 40, 0.1))
            if word(rule, arm(*ours), arm(*theirs)) is Word.FAIL:
                return True
        return False

    assert rate(failed, runs) <= alpha


def test_fifteen_points_more_errors_are_found_in_250_requests():
    source = seeded(17)
    rule = errors_rule(alpha=0.01 / LOOKS_AND_METRICS)

    def found():
        ours, theirs = binomial(source, 250, 0.17), binomial(source, 750, 0.02)
        return word(rule, arm(250, ours), arm(750, theirs)) is Word.FAIL

    assert rate(found, 300) >= 0.9


def test_a_healthy_canary_passes_within_500_requests():
    source = seeded(19)
    rules = tuple(rule(alpha=0.01 / LOOKS_AND_METRICS) for rule in (errors_rule, latency_rule))

    def served(requests):
        latencies = [source.lognormvariate(2.5, 0.6) for _ in range(requests)]
        return arm(requests, binomial(source, requests, 0.01), latencies)

    def passed():
        return judge(rules, canary=served(500), baseline=served(500)).word is Word.PASS

    assert rate(passed, 60) >= 0.9
