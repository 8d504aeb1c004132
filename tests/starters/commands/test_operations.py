"""The options of looking after the installation."""


def test_doctor_exits_with_what_it_found(typed):
    assert typed("operations.doctor", "doctor", answer=75)[0] == 75


def test_sweep_only_shows_when_unless_now(typed):
    assert typed("schedules.show_schedules", "sweep")[1] != {}
    assert typed("operations.sweep_now", "sweep", "--now")[1] != {}
