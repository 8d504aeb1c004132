"""An error that hardly happens has no ratio to compare, but a bound of its own."""

import pytest

from tests.workflows.domain.canary.watching import ERROR_RATE, a_judge, arm
from workflows.domain.canary.config import MetricConfig
from workflows.domain.canary.judge import begin, look
from workflows.domain.canary.rarity import rarity
from workflows.domain.canary.windows import JudgeWindow


def evidence(config, count, canary, **more):
    found = begin(config)
    for number in range(1, count + 1):
        window = JudgeWindow(at=60.0 * number, canary=canary, baseline=arm(1000, 0))
        found, _ = look(config, found, window)
    return found


def found(config=None, *, count=30, canary=None):
    config = config or a_judge()
    return rarity(config, evidence(config, count, canary or arm(1000, 0)), config.metrics[0])


def test_no_event_in_many_requests_is_negligible():
    rare = found()

    assert rare.events == 0
    assert rare.units == 28_000  # the burn-in is not counted
    assert rare.negligible
    assert str(rare).startswith("0 in 28000, at most ")


def test_no_event_in_few_requests_is_not():
    assert not found(count=4, canary=arm(20, 0)).negligible


def test_the_bound_falls_with_every_request_and_never_below_what_was_seen():
    bounds = [found(count=n, canary=arm(1000, 3)).at_most for n in (5, 10, 20, 30)]

    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] > 0.003


def test_before_anything_is_judged_nothing_is_said():
    assert found(count=2) is None


@pytest.mark.parametrize(
    "metric",
    [
        ERROR_RATE.model_copy(update={"direction": "decrease"}),
        MetricConfig(name="orders", type="count", numerator="errors"),
        MetricConfig(name="cpu", type="gauge", field="errors"),
    ],
)
def test_only_a_ratio_of_which_less_is_better_may_be_rare(metric):
    """That conversions are rare is no comfort."""
    assert found(a_judge(metrics=(metric,))) is None


def test_each_metric_is_read_from_its_own_place():
    other = MetricConfig(
        name="conversion",
        type="ratio",
        numerator="orders",
        denominator="visits",
        direction="decrease",
    )
    config = a_judge(metrics=(other, ERROR_RATE))
    seen = evidence(config, 30, arm(1000, 5, visits=100, orders=50))

    assert rarity(config, seen, ERROR_RATE).events == 28 * 5
