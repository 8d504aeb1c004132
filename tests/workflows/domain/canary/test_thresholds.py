import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canary.thresholds import (
    ThresholdRule,
    blind,
    first_crossed,
    longest_span,
)
from workflows.domain.canary.windows import ArmWindow, JudgeWindow


def rule(**more):
    given = {"name": "errors", "type": "ratio", "numerator": "errors", "denominator": "requests"}
    return ThresholdRule(**{**given, "limit": 0.05, "lasts": 30, "min_samples": 20, **more})


SLOW = {"type": "quantile", "field": "latency", "quantile": 0.9, "bounds": (100.0, 200.0)}
SLOW |= {"limit": 150.0, "name": "slow"}
SICK = {"type": "count", "numerator": "healthFailures", "limit": 2, "min_samples": 1}


def window(at, **values):
    return JudgeWindow(at=at, canary=ArmWindow(values=values), baseline=None)


def served(*errors, requests=100):
    return [
        window(10.0 * number, requests=requests, errors=each)
        for number, each in enumerate(errors, 1)
    ]


def latencies(*counts):
    return [JudgeWindow(at=10, canary=ArmWindow(histograms={"latency": counts}), baseline=None)]


def test_a_ratio_beyond_its_limit_over_the_span_is_crossed():
    crossing = first_crossed([rule()], served(0, 6, 7, 8))

    assert crossing.rule == "errors"
    assert (crossing.found, crossing.limit, crossing.samples) == (0.07, 0.05, 300)
    assert str(crossing) == "threshold errors: 7 % above 5 % in the last 30 s (300 samples)"


def test_only_the_span_counts():
    assert first_crossed([rule()], served(90, 0, 0, 0)) is None
    assert first_crossed([rule(lasts=40)], served(90, 0, 0, 0)) is not None


def test_exactly_the_limit_is_allowed():
    assert first_crossed([rule()], served(5, 5, 5)) is None


def test_too_few_samples_prove_nothing_and_are_told():
    few = served(5, requests=6)

    assert first_crossed([rule()], few) is None
    assert blind([rule()], few) == ("threshold errors: 6 of 20 samples in the last 30 s",)
    assert blind([rule()], served(0, 0, 0)) == ()


@pytest.mark.parametrize(
    "windows",
    [
        [],
        [JudgeWindow(at=10, canary=None, baseline=ArmWindow(values={"requests": 9, "errors": 9}))],
        [window(10, requests=0, errors=0)],
        [window(10, orders=3)],
        [window(10, requests=100)],
    ],
)
@pytest.mark.parametrize("more", [{}, {"limit": -1.0}, {"worse": "below", "limit": 2.0}])
def test_no_data_never_crosses_and_is_never_passed_over(windows, more):
    assert first_crossed([rule(**more)], windows) is None
    assert blind([rule(**more)], windows) == ("threshold errors: no sample in the last 30 s",)


def test_a_window_with_one_count_of_two_is_left_out():
    windows = [*served(3), window(20, requests=900)]

    assert first_crossed([rule(limit=0.02)], windows).found == 0.03


def test_what_is_missing_to_the_whole_is_measured_by_the_complement():
    good = rule(numerator="good", complement=True)

    assert first_crossed([good], [window(10, requests=100, good=90)]).found == pytest.approx(0.1)
    assert first_crossed([good], [window(10, requests=100, good=99)]) is None


def test_a_quantile_is_at_least_as_slow_as_its_buckets_lower_edge():
    assert first_crossed([rule(**SLOW)], latencies(80, 9, 11)).found == 200
    assert first_crossed([rule(**SLOW)], latencies(80, 10, 10)) is None


def test_a_quantile_is_not_read_from_buckets_of_other_edges():
    assert first_crossed([rule(**SLOW)], latencies(0, 100)) is None
    assert blind([rule(**SLOW)], latencies(0, 100))


def test_failed_health_checks_are_counted():
    once, often = (
        [window(10, healthFailures=2)],
        [window(t, healthFailures=1) for t in (10, 20, 30)],
    )

    assert first_crossed([rule(**SICK)], once) is None
    assert first_crossed([rule(**SICK)], often).found == 3


def test_a_gauge_is_its_mean_and_may_be_too_low():
    low = rule(type="gauge", field="stock", limit=10, worse="below", min_samples=2)
    told = [window(10, stock=4), window(20, stock=12)]

    assert first_crossed([low], told).found == 8
    assert first_crossed([low], told[:1]) is None


def test_a_burst_that_is_over_turns_nothing_back():
    burnt = rule(newest=10)

    assert first_crossed([rule()], served(30, 0, 0)) is not None
    assert first_crossed([burnt], served(30, 0, 0)) is None
    assert first_crossed([burnt], served(30, 0, 8)) is not None


def test_the_first_rule_that_is_crossed_is_told():
    rules = [rule(name="loose", limit=0.5), rule(name="strict", limit=0.01), rule(name="next")]

    assert first_crossed(rules, served(9, 9, 9)).rule == "strict"
    assert longest_span([*rules, rule(lasts=90)]) == 90
    assert longest_span([]) == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8))
def test_more_errors_never_take_a_crossing_back(counts):
    windows = [window(10.0 * n, requests=50, errors=few) for n, (few, _) in enumerate(counts)]
    worse = [
        window(10.0 * n, requests=50, errors=max(few, more))
        for n, (few, more) in enumerate(counts)
    ]

    if first_crossed([rule()], windows) is not None:
        assert first_crossed([rule()], worse) is not None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "errors not above 5 % over 30 s"),
        (SLOW, "slow not above p90 of 150 ms over 30 s"),
        ({"type": "gauge", "worse": "below", "limit": 3}, "errors not below 3 over 30 s"),
    ],
)
def test_a_rule_says_what_it_forbids(more, said):
    assert str(rule(**more)) == said
