"""What the rules of a package say, and which of them said it."""

import pytest

from infra.rego.evaluation import MOST, evaluated
from infra.rego.syntax import Broken


def said(text, given=None, *, package="lockgate"):
    files = {"p.rego": f"package lockgate\n{text}"}
    return evaluated({"files": files, "package": package, "input": given or {}})["said"]


def problem(text, given=None, **question):
    with pytest.raises(Broken) as broken:
        said(text, given, **question)
    (found,) = broken.value.problems
    return found


def test_each_message_has_the_place_of_its_own_rule():
    text = """
deny contains msg if {
	input.weight > 50 # é
	msg := sprintf("%d %% at once", [input.weight])
}

deny contains "never" if input.weight > 99

warn contains {"msg": "steep"} if input.weight > 40

require contains {"role": "sre", "msg": "why"} if count(deny) > 0
"""
    assert said(text, {"weight": 60}) == {
        "deny": [{"value": "60 % at once", "file": "p.rego", "line": 3}],
        "warn": [{"value": {"msg": "steep"}, "file": "p.rego", "line": 10}],
        "require": [{"value": {"msg": "why", "role": "sre"}, "file": "p.rego", "line": 12}],
    }


def test_two_rules_that_say_the_same_are_placed_at_the_first():
    assert said('deny contains "x"\ndeny contains "x" if true') == {
        "deny": [{"value": "x", "file": "p.rego", "line": 2}]
    }


def test_a_set_that_is_assigned_is_placed_where_that_is():
    assert said('deny := {"x"}')["deny"] == [{"value": "x", "file": "p.rego", "line": 2}]


def test_where_no_place_can_be_told_the_message_stands():
    """A name that the copies of the rules would take."""
    text = 'deny contains "x"\ndeny contains "y"\nlockgate_place_of_deny := 3'

    assert [m["value"] for m in said(text)["deny"]] == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("deny := 1 if input.nothing", "lockgate.deny is undefined"),
        ("deny := true", "lockgate.deny is no set of messages"),
        ('deny contains "x"\nwarn if input.y', "lockgate.warn is undefined"),
        ("deny contains 1 / 0", "divide by zero"),
        ("deny contains upper(1)", "`upper` expects string argument. Got `1` instead"),
        (
            f"deny contains x if some x in numbers.range(1, {MOST + 1})",
            f"lockgate.deny has {MOST + 1} messages, at most {MOST}",
        ),
    ],
)
def test_rules_without_a_result_are_broken_and_do_not_pass(text, message):
    found = problem(text)

    assert found["message"] == message
    assert found["file"] == "p.rego"
    assert found["line"] >= 2


def test_a_package_that_says_nothing_is_broken():
    assert problem("deny contains 1", package="lockgat")["message"] == (
        "package lockgat defines none of deny, warn, require"
    )
