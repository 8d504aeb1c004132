import pytest

from workflows.domain.canary.catastrophe import catastrophe
from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.evidence import Evidence
from workflows.domain.canary.windows import ArmWindow, JudgeWindow

ERRORS = MetricConfig(name="errors", type="ratio", numerator="errors", denominator="requests")


def test_two_windows_of_failures_are_enough():
    evidence = after([(40, 1), (40, 1)])

    assert evidence.failure.metric == "errors"
    assert evidence.failure.reason == (
        "errors 40 % against the baseline's 1.0 %, 2 windows in a row"
    )


@pytest.mark.parametrize(
    "errors",
    [
        pytest.param([(40, 1)], id="one window"),
        pytest.param([(40, 1), (5, 1), (40, 1)], id="not in a row"),
        pytest.param([(29, 1), (29, 1)], id="not so many"),
        pytest.param([(40, 9), (40, 9)], id="the baseline errs as well"),
    ],
)
def test_less_is_left_to_the_statistics(errors):
    assert after(errors).failure is None


def test_a_gap_neither_counts_nor_ends_the_row():
    assert after([(40, 1), None]).failure is None
    assert after([(40, 1), None, (40, 1)]).failure is not None


def test_short_windows_must_be_more():
    assert after([(40, 1)] * 3, interval=15).failure is None
    assert after([(40, 1)] * 4, interval=15).failure is not None


def test_a_handful_of_failures_is_no_catastrophe():
    assert after([(1, 0), (2, 0)], requests=2).failure is None


def after(errors, *, interval=60, requests=100):
    config = JudgeConfig(interval=interval, horizon=3600, metrics=(ERRORS,))
    evidence = Evidence()
    for index, both in enumerate(errors):
        ours, theirs = both or (None, None)
        window = JudgeWindow(
            at=(index + 1) * interval, canary=arm(ours, requests), baseline=arm(theirs, requests)
        )
        evidence = catastrophe(config, evidence, window)
    return evidence


def arm(errors, requests):
    return None if errors is None else ArmWindow(values={"errors": errors, "requests": requests})
