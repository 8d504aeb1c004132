from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canary.series import NO_EDGE, since
from workflows.domain.canary.verdict import ArmCounts

EDGES = (1.0, 10.0, NO_EDGE)


def counted(requests, errors=0, buckets=(0, 0, 0), since=None):
    return ArmCounts(
        requests=requests,
        errors=errors,
        buckets=tuple(zip(EDGES, buckets, strict=True)),
        since=since,
    )


@st.composite
def readings(draw):
    errors, fine, *steps = draw(st.tuples(*[st.integers(0, 10_000)] * 5))
    within = (steps[0], steps[0] + steps[1], sum(steps))
    return counted(errors + fine, errors, within)


def plus(one, other):
    return ArmCounts(
        requests=one.requests + other.requests,
        errors=one.errors + other.errors,
        buckets=tuple(
            (edge, a + b) for (edge, a), (_, b) in zip(one.buckets, other.buckets, strict=True)
        ),
    )


@given(readings(), readings())
def test_what_was_added_is_what_comes_back(start, added):
    assert since(start, plus(start, added)) == added


@given(readings(), readings())
def test_no_increment_is_ever_negative(start, now):
    served = since(start, now)

    assert served.requests >= 0
    assert served.errors >= 0
    assert all(count >= 0 for _, count in served.buckets)


def test_counters_that_fell_began_anew():
    assert since(counted(100, 5), counted(30, 2)) == counted(30, 2)


def test_one_counter_that_fell_means_all_began_anew():
    assert since(counted(100, 5), counted(300, 2)).requests == 300
    assert since(counted(1, 0, (1, 1, 1)), counted(9, 0, (0, 9, 9))).requests == 9


def test_another_start_time_means_that_counters_began_anew_though_they_grew():
    start, now = counted(100, since=1_000.0), counted(150, since=1_500.0)

    assert since(start, now).requests == 150


def test_the_rounding_of_an_uptime_is_no_restart():
    start, now = counted(100, since=1_000.0), counted(150, since=1_004.9)

    assert since(start, now).requests == 50


def test_an_unknown_start_time_proves_nothing():
    assert since(counted(100), counted(150, since=1_500.0)).requests == 50


def test_a_version_first_seen_after_the_start_counts_from_zero():
    assert since(ArmCounts(), counted(7, 1, (3, 7, 7))) == counted(7, 1, (3, 7, 7))


def test_a_version_that_vanished_served_nothing():
    assert since(counted(7, 1, (3, 7, 7)), ArmCounts()) == ArmCounts()


def test_other_histogram_edges_mean_that_counters_began_anew():
    now = ArmCounts(requests=200, buckets=((5.0, 150), (NO_EDGE, 200)))

    assert since(counted(100, 0, (50, 90, 100)), now) == now
