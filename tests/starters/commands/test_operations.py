"""The options of looking after the installation."""

import pytest


def test_doctor_exits_with_what_it_found(typed):
    assert typed("operations.doctor", "doctor", answer=75)[0] == 75


def test_sweep_only_shows_when_unless_now(typed):
    assert typed("operations.show_schedules", "sweep")[1] != {}
    assert typed("operations.sweep_now", "sweep", "--now")[1] != {}


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("show_schedules", ["list"]),
        ("apply", ["apply"]),
        ("resume", ["resume", "lockgate-sweep"]),
        ("trigger", ["trigger", "lockgate-sweep"]),
        ("pause", ["pause", "lockgate-sweep", "--reason", "store is down"]),
    ],
)
def test_each_word_about_schedules_has_its_verb(typed, verb, words):
    code, asked = typed(f"operations.{verb}", "schedules", *words)

    assert code == 0
    assert asked["args"] == tuple(words[1:2])


def test_a_difference_of_schedules_is_drift(typed):
    assert typed("operations.diff", "schedules", "diff", answer=30)[0] == 30
