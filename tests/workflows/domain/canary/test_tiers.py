from itertools import pairwise

import pytest

from bench.judging.simulation import METRICS
from workflows.domain.canary.config import Criticality, MetricConfig
from workflows.domain.canary.tiers import TIERS, looked_for

ERRORS, LATENCY, CONVERSION = METRICS


@pytest.mark.parametrize(
    ("criticality", "metric", "worsening"),
    [
        (Criticality.LOW, ERRORS, 2.0),
        (Criticality.NORMAL, LATENCY, 0.25),
        (Criticality.HIGH, CONVERSION, 0.05),
        (Criticality.CRITICAL, ERRORS, 0.3),
        (Criticality.NORMAL, MetricConfig(name="queue", type="gauge", field="queue"), 0.25),
    ],
)
def test_what_a_stage_looks_for(criticality, metric, worsening):
    assert looked_for(criticality, metric) == worsening


def test_the_more_critical_the_smaller_the_longer_and_the_surer():
    tiers = [TIERS[criticality] for criticality in Criticality]

    for less, more in pairwise(tiers):
        assert more.errors < less.errors
        assert more.latency < less.latency
        assert more.kpi < less.kpi
        assert more.power >= less.power
        assert (more.floor, more.cap) > (less.floor, less.cap)
