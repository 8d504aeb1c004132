"""The options of what Temporal starts by the clock."""

from pathlib import Path

import pytest


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
    code, asked = typed(f"schedules.{verb}", "schedules", *words, "--schedules", "mine")

    assert code == 0
    assert asked["args"] == tuple(words[1:2])
    assert asked["folder"] == Path("mine")


def test_a_difference_of_schedules_is_drift(typed):
    assert typed("schedules.diff", "schedules", "diff", answer=30)[0] == 30


@pytest.mark.parametrize(("words", "prunes"), [([], False), (["--prune"], True)])
def test_nothing_is_deleted_unless_it_is_said(typed, words, prunes):
    assert typed("schedules.apply", "schedules", "apply", *words)[1]["prune"] is prunes
