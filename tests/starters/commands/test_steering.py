"""What people type to steer a release, and what is asked of it then."""

import pytest
from typer.testing import CliRunner

from starters.cli import app


@pytest.mark.parametrize(
    "word", ["hold", "resume", "promote", "abort", "rollback", "retry", "confirm-repaired"]
)
def test_each_word_reaches_the_release_with_name_and_reason(typed, word):
    code, asked = typed("steering.tell", word, "shop", "--by", "ana", "--reason", "why not")

    assert code == 0
    assert asked == {"args": ("shop", word), "by": "ana", "reason": "why not"}


@pytest.mark.parametrize("word", ["abort", "rollback", "reject"])
def test_what_throws_work_away_needs_a_reason(word):
    result = CliRunner().invoke(app, [word, "shop", "--by", "ana"])

    assert result.exit_code == 2
    assert "--reason" in result.output


@pytest.mark.parametrize("word", ["hold", "resume", "promote", "retry", "confirm-repaired"])
def test_the_others_need_none(typed, word):
    code, asked = typed("steering.tell", word, "shop")

    assert (code, asked["reason"]) == (0, "")


def test_approve_hands_over_the_digest_that_was_looked_at(typed):
    _, asked = typed("steering.vote", "approve", "shop", "--note", "read", "--digest", "sha256:1")

    assert asked["approved"] is True
    assert (asked["note"], asked["digest"]) == ("read", "sha256:1")


def test_the_reason_of_a_rejection_is_the_note_of_the_vote(typed):
    _, asked = typed("steering.vote", "reject", "shop", "--reason", "no runbook")

    assert asked["approved"] is False
    assert asked["note"] == "no runbook"
