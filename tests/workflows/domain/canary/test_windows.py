from workflows.domain.canary.windows import ArmWindow, JudgeWindow


def test_a_window_survives_the_heartbeat_that_carries_it():
    arm = ArmWindow(values={"requests": 3}, histograms={"latency": (1, 2)})
    window = JudgeWindow(at=60.0, canary=arm, baseline=None)

    assert JudgeWindow.model_validate_json(window.model_dump_json()) == window
