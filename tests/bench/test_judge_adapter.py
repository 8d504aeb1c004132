import json

import pytest

from bench.judge_adapter import judge_config, make_judge
from bench.judging.cases import load_cases, run_case

CONFIG = {
    "interval_s": 60,
    "horizon_s": 3600,
    "criticality": "normal",
    "split": {"canary": 0.1, "control": 0.9},
    "metrics": [{"name": "errors", "type": "ratio", "num": "errors", "den": "requests"}],
}


@pytest.fixture(scope="module")
def cases():
    by_family = {}
    for case in load_cases():
        by_family.setdefault(case["label"]["family"], []).append(case)
    return by_family


@pytest.mark.parametrize(
    "family", ["aa_clean", "aa_incident", "aa_blip", "aa_missing", "aa_gauge"]
)
def test_equal_versions_of_real_traces_are_left_in_peace(cases, family):
    rows = [run_case(make_judge(case["config"]), case) for case in cases[family][:3]]

    assert [row.reason for row in rows if row.verdict == "rollback"] == []


@pytest.mark.parametrize(
    ("family", "within"), [("err_x5.0", 900), ("lat_+50%", 1300), ("reg_missing", 900)]
)
def test_clear_regressions_of_real_traces_are_found(cases, family, within):
    rows = [run_case(make_judge(case["config"]), case) for case in cases[family][:3]]

    assert all(row.detected and row.to_detect <= within for row in rows)


def test_two_runs_say_the_same(cases):
    (case,) = cases["leak"][:1]

    first, second = (run_case(make_judge(case["config"]), case) for _ in range(2))

    assert (first.verdict, first.at, first.reason) == (second.verdict, second.at, second.reason)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"metrics": None, "split": None, "criticality": "odd", "interval_s": 0},
        {
            **CONFIG,
            "metrics": [{"type": "histogram", "bounds": [5, float("inf")], "quantile": 99}],
        },
        {**CONFIG, "metrics": [{"type": "gauge"}, {"type": "count"}, {"type": "unheard-of"}]},
        {**CONFIG, "metrics": [CONFIG["metrics"][0]] * 2, "horizon_s": None},
    ],
)
@pytest.mark.parametrize(
    "arm",
    [
        None,
        {},
        {"requests": 0, "errors": 0},
        {"requests": 10, "errors": None, "latency": [1, None]},
        {"requests": 10, "errors": 30, "histogram": [1, 2], "gauge": -1, "count": float("nan")},
    ],
)
def test_whatever_a_case_leaves_out_nothing_breaks(config, arm):
    judge = make_judge(json.loads(json.dumps(config)))

    answers = [judge.update({"t": 60 * i, "canary": arm, "control": arm}) for i in range(1, 9)]

    assert {answer["verdict"] for answer in answers} <= {"continue", "promote"}


def test_a_case_is_translated():
    config = judge_config(CONFIG)

    (metric,) = config.metrics
    assert (config.interval, config.horizon, config.split) == (60, 3600, 0.1)
    assert (metric.numerator, metric.denominator) == ("errors", "requests")
    assert (metric.tolerance, metric.margin) == (0.1, 0.5)
    assert not config.early_promotion


def test_silence_is_never_promoted():
    judge = make_judge(CONFIG)

    answers = {judge.update({"t": 60 * i})["verdict"] for i in range(1, 61)}

    assert answers == {"continue"}
