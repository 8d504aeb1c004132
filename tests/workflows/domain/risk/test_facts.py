from datetime import timedelta

from tests.workflows.domain.risk.worlds import TUESDAY_NOON, a_source, on_call
from workflows.domain.risk.facts import (
    ChangeFacts,
    LineCoverage,
    OnCallFacts,
    Retrospective,
    Standing,
    Tally,
    Unknown,
)
from workflows.domain.values import digest_of

OWED = Retrospective(
    release="release/ledger/1",
    services=("ledger",),
    opened_at=TUESDAY_NOON,
    due_at=TUESDAY_NOON + timedelta(days=3),
)


def test_the_share_of_changed_lines_that_tests_ran():
    assert LineCoverage(lines=4, covered=3).share == 0.75
    assert LineCoverage(lines=0, covered=0).share == 1.0


def test_a_retrospective_is_overdue_from_its_deadline_until_somebody_closes_it():
    due = TUESDAY_NOON + timedelta(days=3)

    assert not OWED.overdue(due - timedelta(seconds=1))
    assert OWED.overdue(due)
    assert not OWED.model_copy(update={"closed_at": due}).overdue(due + timedelta(days=1))


def test_what_was_read_is_told_in_a_sentence():
    missing = (Unknown(what="cards", why="its repository is away"),)
    standing = Standing(
        pattern=digest_of("p"), clean_runs=2, tally=(Tally(score=3, kept=4, failed=1),)
    )

    assert str(ChangeFacts(sources=(a_source(),))) == "2 commits of 1 services"
    assert str(ChangeFacts(unknown=missing)) == "0 commits of 0 services; unknown: 1"
    assert str(OnCallFacts(on_call=(on_call(today=2),))) == "2 pages in 24 hours for 1 services"
    assert str(standing) == "2 clean runs of its pattern, 5 outcomes in all"
