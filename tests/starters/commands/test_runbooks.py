"""The options of what people say of runbooks."""

import pytest

from starters.exit_codes import ExitCode


def test_a_review_says_whether_it_can_be_gone_by(typed):
    words = ("runbook", "review", "take-back", "--reject", "--by", "ben", "--note", "step 3")

    _, asked = typed("runbooks.review", *words)

    assert asked["args"] == ("take-back",)
    assert (asked["approved"], asked["by"], asked["note"]) == (False, "ben", "step 3")
    assert str(asked["catalog"]) == "catalog"


@pytest.mark.parametrize("words", [("review", "take-back"), ("rehearse", "take-back"), ("show",)])
def test_nothing_is_taken_for_granted(typed, words):
    """Neither that a review approves nor that a rehearsal passed."""
    code, asked = typed("runbooks.review", "runbook", *words)

    assert (code, asked) == (ExitCode.USAGE, {})


def test_a_rehearsal_says_whether_it_worked(typed):
    _, asked = typed("runbooks.rehearse", "runbook", "rehearse", "take-back", "--passed")

    assert (asked["args"], asked["passed"]) == (("take-back",), True)


def test_lint_exits_with_what_it_found(typed):
    code, asked = typed("runbooks.lint", "runbook", "lint", "--catalog", "ops", answer=2)

    assert (code, str(asked["args"][0])) == (2, "ops")


def test_show_names_its_runbook(typed):
    _, asked = typed("runbooks.display", "runbook", "show", "take-back", "-o", "json")

    assert (asked["args"], str(asked["output"])) == (("take-back",), "json")
