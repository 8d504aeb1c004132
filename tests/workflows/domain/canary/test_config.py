import pytest

from workflows.domain.canary.config import Criticality, JudgeConfig, scaled


def test_scaling_shortens_all_times_of_the_judge_and_none_of_the_stage():
    config = JudgeConfig(interval=1, horizon=60, metrics=())

    fast = scaled(config, 1 / 60)

    assert (fast.interval, fast.horizon) == (1, 60)
    assert (fast.cell, fast.blip, fast.burn_in) == pytest.approx((1, 3, 2))
    assert (fast.settling, fast.decay, fast.bake_seconds) == pytest.approx((10, 30, 20))
    assert fast.time_scale == pytest.approx(1 / 60)


def test_a_bake_that_is_given_is_scaled_too():
    config = JudgeConfig(interval=1, horizon=60, metrics=(), bake=600)

    assert scaled(config, 0.1).bake_seconds == 60


@pytest.mark.parametrize(
    ("criticality", "bake", "holds"),
    [
        (Criticality.LOW, 900, False),
        (Criticality.NORMAL, 1200, False),
        (Criticality.HIGH, 2400, True),
        (Criticality.CRITICAL, 3600, True),
    ],
)
def test_criticality_says_how_long_to_bake_and_whether_to_hold(criticality, bake, holds):
    config = JudgeConfig(interval=60, horizon=3600, metrics=(), criticality=criticality)

    assert (config.bake_seconds, config.holds_at_deadline) == (bake, holds)
