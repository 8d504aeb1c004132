from math import log

import pytest

from bench.judging.simulation import METRICS, simulated, simulated_config
from workflows.domain.canary.confidence import Outlook
from workflows.domain.canary.config import MetricConfig, scaled
from workflows.domain.canary.evidence import taken
from workflows.domain.canary.judge import begin
from workflows.domain.canary.reading import readings
from workflows.domain.canary.windows import ArmWindow, JudgeWindow
from workflows.domain.canary.wording import (
    duration,
    effect,
    number,
    outlook,
    percent,
    samples,
    scale,
    tolerated,
)


@pytest.mark.parametrize(
    ("value", "said"), [(0.5, "0.5"), (20, "20"), (1234.4, "1234"), (3e7, "1e7")]
)
def test_an_e_value(value, said):
    assert number(log(value)) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (1.5, "+150 %"),
        (-0.023, "-2.3 %"),
        (0.0, "+0.0 %"),
        (-0.3, "-30 %"),
        (3e8, "over +10000 %"),
    ],
)
def test_a_change(change, said):
    assert percent(change) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(90, "90 s"), (600, "10 min"), (14400, "4 h"), (12345, "3.43 h")]
)
def test_a_time(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("direction", "said"), [("increase", "+10 %"), ("decrease", "-10 %"), ("both", "±10 %")]
)
def test_what_is_tolerated(direction, said):
    assert tolerated(METRICS[0].model_copy(update={"direction": direction})) == said


def test_an_effect_says_what_it_rests_on():
    config = simulated_config(metrics=(METRICS[0],))
    evidence = begin(config)
    for window in simulated(1, windows=20, worse_errors=3):
        evidence = taken(config, evidence, window)
    (read,) = readings(config, evidence)

    said = effect(config, read)

    assert said.startswith("errors +1")
    assert "against the baseline, tolerated +10 %, after 16" in said


def test_events_are_the_samples_of_a_count():
    crashes = MetricConfig(name="crashes", type="count", numerator="crashes")
    config = simulated_config(metrics=(crashes,), burn_in=0)
    window = JudgeWindow(
        at=60,
        canary=ArmWindow(values={"crashes": 7}),
        baseline=ArmWindow(values={"crashes": 5}),
    )
    (read,) = readings(config, taken(config, begin(config), window))

    assert samples(read) == (7, 5)


def test_an_outlook_says_what_is_known_and_no_more():
    assert outlook(Outlook(None, None, None, 0)) == ""
    assert outlook(Outlook(600, None, 0.3, 2)) == (
        "; worse by 30 % would show by the deadline, harm would be shown in 10 min"
    )


def test_scaled_times_are_confessed():
    assert scale(simulated_config()) == ""
    assert "multiplied by 0.0167" in scale(scaled(simulated_config(), 1 / 60))
