"""What people type about time, and what is asked for it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from starters.cli import app


def test_next_and_simulate_take_the_release_file(typed):
    _, asked = typed("calendar.next_slot", "calendar", "next", "release.yaml", "--offline")
    _, simulated = typed("calendar.simulate", "calendar", "simulate", "release.yaml")

    assert asked["args"] == (Path("release.yaml"),)
    assert asked["offline"] is True
    assert simulated["days"] == 90


def test_a_freeze_has_a_scope_and_says_what_is_done_under_way(typed):
    words = ["freeze", "add", "peak", "--for", "4h", "--region", "eu-west", "--region", "us-east"]
    more = ["--team", "shop", "--in-flight", "unwind", "--action", "start", "--reason", "peak"]

    code, asked = typed("calendar.add", *words, *more)

    assert code == 0
    assert asked["args"] == ("peak",)
    assert asked["scope"] == {
        "orgs": [],
        "regions": ["eu-west", "us-east"],
        "teams": ["shop"],
        "services": [],
        "environments": [],
    }
    assert (asked["actions"], asked["in_flight"]) == (["start"], "unwind")


def test_the_line_is_stopped_and_let_go_by_one_word(typed):
    _, stopped = typed("calendar.stop_the_line", "stop-the-line", "--reason", "why")
    _, lifted = typed("calendar.stop_the_line", "stop-the-line", "--lift", "--reason", "why")

    assert (stopped["lift_it"], lifted["lift_it"]) == (False, True)


def test_an_override_names_window_and_time(typed):
    words = ["override", "shop", "--window", "peak", "--for", "2h", "--reason", "the fix"]

    _, asked = typed("calendar.override", *words)

    assert asked["args"] == ("shop",)
    assert (asked["window"], asked["lasts"], asked["reason"]) == ("peak", "2h", "the fix")


@pytest.mark.parametrize(
    "words",
    [
        ["freeze", "add", "peak", "--for", "4h"],
        ["freeze", "lift", "peak"],
        ["stop-the-line"],
        ["override", "shop", "--window", "peak", "--for", "2h"],
    ],
)
def test_nothing_is_frozen_lifted_or_set_aside_without_a_reason(words):
    result = CliRunner().invoke(app, words)

    assert result.exit_code == 2
    assert "--reason" in result.output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["peak"], "--for or with --until"),
        (["peak", "--for", "4h", "--until", "2026-11-30T09:00Z"], "--for or with --until"),
        (["peak", "--until", "2026-11-30T09:00"], "says no time zone"),
        (["peak", "--until", "soon"], "soon"),
        (["peak", "--for", "soon"], "is not a duration"),
        (["peak", "--until", "2001-01-01T00:00Z"], "not after its start"),
        (["Peak Season", "--for", "4h"], "name"),
        (["peak", "--for", "4h", "--action", "rollback"], "moves"),
        (["peak", "--for", "4h", "--in-flight", "wait"], "in_flight"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anybody_is_asked(lockgate, words, why):
    code, said = lockgate("freeze", "add", *words, "--reason", "why", "--by", "ana")

    assert code == 2
    assert why in said
