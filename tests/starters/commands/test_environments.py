"""The options of `lockgate env`."""

from pathlib import Path

import pytest

from starters.environments.reclaiming import Asked
from starters.exit_codes import ExitCode

REQUEST = ("env", "request", "pr-7", "--template", "preview", "--purpose", "the new checkout")


def test_a_request_says_what_it_is_made_from_for_whom_and_with_what(typed):
    code, asked = typed(
        "environment_requests.request",
        *REQUEST,
        *("--set", "Size=large", "--set", "Key=a", "--owner", "ben", "--by", "ana"),
        *("--catalog", "ops/catalog", "--wait", "--timeout", "30m"),
        answer=20,
    )

    assert code == 20
    assert asked["args"] == ("pr-7",)
    assert (asked["template"], asked["purpose"]) == ("preview", "the new checkout")
    assert asked["chosen"] == ["Size=large", "Key=a"]
    assert (asked["owner"], asked["by"]) == ("ben", "ana")
    assert (asked["catalog"], asked["timeout"]) == (Path("ops/catalog"), "30m")
    assert (asked["wait"], asked["dry_run"]) == (True, False)


@pytest.mark.parametrize("left_out", ["--template", "--purpose"])
def test_a_request_needs_a_template_and_a_purpose(typed, left_out):
    at = REQUEST.index(left_out)

    code, asked = typed("environment_requests.request", *REQUEST[:at], *REQUEST[at + 2 :])

    assert (code, asked) == (ExitCode.USAGE, {})


def test_mine_are_those_of_whoever_asks(typed):
    _, mine = typed("environments.list_environments", "env", "list", "--mine", "--by", "ana")
    _, every = typed("environments.list_environments", "env", "list", "--team", "team-shop")

    assert (mine["owner"], mine["team"], mine["ended"]) == ("ana", None, False)
    assert (every["owner"], every["team"]) == (None, "team-shop")


@pytest.mark.parametrize("verb", ["extend", "hold", "teardown"])
def test_whoever_changes_something_says_why(typed, verb):
    code, asked = typed(f"environments.{verb}", "env", verb, "pr-7")

    assert (code, asked) == (ExitCode.USAGE, {})


def test_an_extension_may_say_how_long(typed):
    words = ("env", "extend", "pr-7", "--reason", "review")

    _, most = typed("environments.extend", *words)
    _, day = typed("environments.extend", *words, "--for", "1d", "--by", "ana")

    assert (most["args"], most["lasts"], most["reason"]) == (("pr-7",), None, "review")
    assert (day["lasts"], day["by"]) == ("1d", "ana")


def test_a_hold_is_set_or_lifted(typed):
    _, asked = typed("environments.hold", "env", "hold", "pr-7", "--reason", "case 4711")
    _, lifted = typed("environments.hold", "env", "hold", "pr-7", "--lift", "--reason", "closed")

    assert (asked["lift"], lifted["lift"]) == (False, True)


def test_a_teardown_names_protection_and_answers_how_it_went(typed):
    words = ("env", "teardown", "pr-7", "--reason", "merged", "--protected", "--by", "ana")

    code, asked = typed("environments.teardown", *words, "--wait", answer=21)
    _, orphan = typed("environments.teardown", *words, "--provider", "cloudformation/preview")

    assert code == 21
    assert asked["said"] == Asked(by="ana", reason="merged", protected=True)
    assert (asked["wait"], asked["written"]) == (True, ())
    assert orphan["written"] == ["cloudformation/preview"]


def test_show_answers_the_code_of_the_phase(typed):
    code, asked = typed("environments.display", "env", "show", "pr-7", answer=13)

    assert (code, asked["args"]) == (13, ("pr-7",))


@pytest.mark.parametrize(
    "words", [("env", "hold", "pr-7"), ("env", "teardown", "pr-7"), ("abort", "shop-v2")]
)
@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_reason_that_says_nothing_is_refused(lockgate, words, reason):
    code, said = lockgate(*words, "--reason", reason)

    assert code == ExitCode.USAGE
    assert "expected why, in a few words, found nothing" in said
