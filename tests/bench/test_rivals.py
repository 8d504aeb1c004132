import pytest

from bench.rivals import argo, flagger, kayenta
from bench.rivals.series import quantile_of, value

ERRORS = {
    "name": "errors",
    "type": "ratio",
    "num": "errors",
    "den": "requests",
    "direction": "increase",
    "tolerance": 0.1,
    "margin": 0.5,
    "slo": 0.05,
}
CONFIG = {"interval_s": 60, "horizon_s": 600, "metrics": [ERRORS]}


def test_argo_fails_when_the_failures_exceed_the_limit_and_forgets_none():
    assert verdicts(argo.make(CONFIG, failure_limit=2), [9, 1, 9, 1, 9]) == (5, "rollback")
    assert verdicts(argo.make(CONFIG, failure_limit=3), [9, 1, 9, 1, 9]) == (5, "continue")


def test_argo_may_compare_with_the_baseline():
    assert verdicts(argo.make(CONFIG, absolute=False, failure_limit=0), [4]) == (1, "rollback")
    assert verdicts(argo.make(CONFIG, absolute=True, failure_limit=0), [4]) == (1, "continue")


def test_flagger_rolls_back_at_the_check_after_the_threshold():
    assert verdicts(flagger.make(CONFIG, threshold=2), [9, 1, 9, 1]) == (4, "rollback")


def test_kayenta_judges_when_its_interval_is_over():
    noisy = [20, 21, 19, 22, 18, 20, 21, 19, 20, 22]

    assert verdicts(kayenta.make(CONFIG), noisy) == (10, "rollback")
    assert verdicts(kayenta.make(CONFIG, judgements=2), noisy) == (5, "rollback")
    assert verdicts(kayenta.make(CONFIG), [2] * 10) == (10, "promote")


def test_the_shift_has_an_interval():
    low, shift, high = kayenta.interval([5, 6, 7, 8], [1, 2, 3, 4])

    assert low < shift == 4 < high


@pytest.mark.parametrize(
    ("counts", "found"), [((0, 100, 0), 7.5), ((0, 0, 9), 10.0), ((), None), ((0, 0, 0), None)]
)
def test_a_quantile_is_read_as_prometheus_reads_it(counts, found):
    assert quantile_of(counts, (5.0, 10.0), 0.5) == found


def test_a_window_without_traffic_has_no_value():
    assert value(ERRORS, None) is None
    assert value(ERRORS, {"requests": 0, "errors": 0}) is None


def verdicts(judge, errors):
    for index, count in enumerate(errors, start=1):
        window = {
            "t": 60 * index,
            "canary": {"requests": 100, "errors": count},
            "control": {"requests": 100, "errors": 2},
        }
        answer = judge.update(window)
        if answer["verdict"] != "continue":
            break
    return index, answer["verdict"]
