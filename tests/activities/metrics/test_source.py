import math

from activities.metrics.source import LATENCY_SERIES, REQUESTS_SERIES, Sample, counts
from workflows.domain.canary.series import NO_EDGE
from workflows.domain.canary.verdict import ArmCounts

ARM = "checkout-aaaaaaaaaaaa"


def answered(kind, value, arm=ARM):
    labels = {"envoy_cluster_name": arm, "envoy_response_code_class": kind}
    return Sample(REQUESTS_SERIES, labels, value)


def within(le, value, arm=ARM):
    return Sample(LATENCY_SERIES, {"envoy_cluster_name": arm, "le": le}, value)


def test_only_server_errors_are_the_versions_fault():
    samples = [answered("2", 90), answered("3", 3), answered("4", 5), answered("5", 2)]

    assert counts(ARM, samples, since=None) == ArmCounts(requests=100, errors=2)


def test_an_interim_answer_is_not_a_second_request():
    assert counts(ARM, [answered("1", 7), answered("2", 7)], since=None).requests == 7


def test_other_versions_are_left_out():
    samples = [answered("2", 5), answered("2", 50, arm="checkout-bbbbbbbbbbbb")]

    assert counts(ARM, samples, since=None).requests == 5


def test_a_version_without_series_served_nothing_since_the_counters_began():
    assert counts(ARM, [], since=12.0) == ArmCounts(since=12.0)


def test_what_is_no_number_is_not_there():
    samples = [answered("2", math.nan), answered("5", math.inf), within("1", math.nan)]

    assert counts(ARM, samples, since=None) == ArmCounts()


def test_buckets_rise_to_one_without_an_edge_that_history_can_hold():
    samples = [within("+Inf", 9), within("10", 8), within("2.5", 3)]

    read = counts(ARM, samples, since=None)

    assert read.buckets == ((2.5, 3), (10.0, 8), (NO_EDGE, 9))
    assert ArmCounts.model_validate_json(read.model_dump_json()) == read


def test_several_series_of_one_version_are_added():
    samples = [answered("2", 5), answered("2", 6), within("1", 2), within("1", 3)]

    assert counts(ARM, samples, since=None) == ArmCounts(requests=11, buckets=((1.0, 5),))
