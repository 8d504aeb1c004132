import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canary.counters import ArmTotals, Reading, increments, over, together
from workflows.domain.canary.windows import ArmWindow

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parent / "counters.jsonl").read_text(encoding="utf-8").splitlines()
]
BY_NAME = {vector["name"]: vector for vector in VECTORS}
COUNTERS = [v for v in VECTORS if "points_by_le" not in v and "companion_points" not in v]
TOLERANCE = 15.0


def counted(**values):
    return ArmTotals(values=values)


def timed(*counts, **more):
    return ArmTotals(histograms={"latency": counts}, **more)


def windows(readings, interval, how_many):
    return [
        over(readings, start=n * interval, end=(n + 1) * interval, tolerance=TOLERANCE)
        for n in range(how_many)
    ]


def reading(at, value):
    known = {"x": value} if math.isfinite(value := float(value)) else {}
    return Reading(at, ArmTotals(values=known))


@pytest.mark.parametrize("vector", COUNTERS, ids=lambda vector: vector["name"])
def test_counters_become_increments_as_the_specification_says(vector):
    readings = [reading(at, value) for at, value in vector["points"]]

    told = windows(readings, vector["interval_s"], len(vector["expect"]))

    assert [window and window.values["x"] for window in told] == vector["expect"]


def test_an_error_counter_without_series_is_zero_beside_one_of_requests():
    """The source fills in the zero, since it sees that the process was there to count."""
    vector = BY_NAME["error_series_absent"]
    readings = [
        Reading(at, counted(requests=value, errors=0)) for at, value in vector["companion_points"]
    ]

    told = windows(readings, vector["interval_s"], len(vector["expect"]))

    assert [window.values["errors"] for window in told] == vector["expect"]


def test_a_histogram_begins_anew_in_all_its_buckets_at_once():
    vector = BY_NAME["histogram_reset_mid"]
    within, whole = vector["points_by_le"]["0.1"], vector["points_by_le"]["+Inf"]
    readings = [
        Reading(at, timed(low, high - low))
        for (at, low), (_, high) in zip(within, whole, strict=True)
    ]

    told = [window.histograms["latency"] for window in windows(readings, vector["interval_s"], 2)]

    expected = vector["expect_by_bucket"]
    assert told == list(zip(expected["0.1"], expected["+Inf"], strict=True))


def test_one_counter_that_fell_is_a_restart_of_all_of_its_process():
    """After the restart the errors had passed their old count before anybody looked."""
    before, now = counted(requests=1000, errors=5), counted(requests=10, errors=7)

    assert increments(before, now) == ArmWindow(values={"requests": 10, "errors": 7})


def test_a_start_time_shows_a_restart_that_the_counts_do_not():
    before = ArmTotals(values={"requests": 10}, since=1000.0)
    now = ArmTotals(values={"requests": 40}, since=2000.0)

    assert increments(before, now) == ArmWindow(values={"requests": 40})


def test_a_start_time_that_is_read_a_little_off_is_the_same_start():
    before = ArmTotals(values={"requests": 10}, since=1000.0)
    now = ArmTotals(values={"requests": 40}, since=1004.0)

    assert increments(before, now) == ArmWindow(values={"requests": 30})


@pytest.mark.parametrize("pair", [(None, counted(x=1)), (counted(x=1), None), (None, None)])
def test_without_a_look_at_both_ends_nothing_is_known(pair):
    assert increments(*pair) is None


def test_a_measure_that_was_unknown_at_one_end_is_left_out():
    assert increments(counted(x=1), counted(x=3, y=9)) == ArmWindow(values={"x": 2})


def test_a_histogram_that_had_no_edges_yet_had_counted_nothing():
    assert increments(timed(), timed(3, 4)) == ArmWindow(histograms={"latency": (3, 4)})


def test_a_histogram_that_changed_its_edges_is_not_compared():
    assert increments(timed(1, 2), timed(3, 4, 5)) is None


def test_a_gauge_is_the_mean_of_what_was_read_in_the_window():
    readings = [Reading(at, ArmTotals(gauges={"depth": at})) for at in (0.0, 20.0, 40.0, 60.0)]

    assert windows(readings, 60, 1) == [ArmWindow(values={"depth": 40.0})]


def test_a_window_without_a_reading_in_it_is_unknown_and_the_next_one_has_its_counts():
    readings = [Reading(0.0, counted(x=0)), Reading(14.0, counted(x=7))]

    assert over(readings, start=2.0, end=12.0, tolerance=15.0) is None
    assert over(readings, start=12.0, end=14.0, tolerance=15.0) == ArmWindow(values={"x": 7})


def test_processes_are_added_and_one_with_a_gap_is_left_out():
    one, other = ArmWindow(values={"x": 1}, histograms={"l": (1, 2)}), ArmWindow(values={"x": 5})

    assert together([one, None, other]) == ArmWindow(values={"x": 6}, histograms={"l": (1, 2)})
    assert together([one, one]) == ArmWindow(values={"x": 2}, histograms={"l": (2, 4)})
    assert together([None, None]) is None


def test_a_gauge_of_several_processes_is_their_mean():
    windows = [ArmWindow(values={"depth": 4.0, "x": 4}), ArmWindow(values={"depth": 8.0, "x": 8})]

    assert together(windows, gauges={"depth"}) == ArmWindow(values={"depth": 6.0, "x": 12})


@given(
    st.lists(st.integers(0, 50), min_size=2, max_size=30),
    st.lists(st.integers(1, 29), max_size=5, unique=True),
    st.randoms(use_true_random=False),
)
def test_windows_that_follow_each_other_neither_lose_nor_repeat_a_count(steps, cuts, order):
    totals = [sum(steps[: n + 1]) for n in range(len(steps))]
    readings = [reading(at, value) for at, value in enumerate(totals)]
    order.shuffle(readings)
    edges = [0, *sorted(cut for cut in cuts if cut < len(steps) - 1), len(steps) - 1]

    told = [over(readings, start=a, end=b, tolerance=1.0) for a, b in pairwise(edges)]

    assert sum(window.values["x"] for window in told) == totals[-1] - totals[0]
