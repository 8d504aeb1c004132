"""Records on their way into the log, and what the log answers for."""

import pytest

from activities.sealing.log import MerkleLog
from workflows.domain.audit import written
from workflows.domain.audit_log.merkle import EMPTY, includes, leaf_hash
from workflows.domain.errors import TargetMissing


def quiet():
    """No heartbeat."""


def test_a_log_without_records_has_the_root_of_nothing(log):
    assert (log.grow(quiet), log.size(), log.root(0)) == (0, 0, EMPTY)


def test_every_record_is_taken_in_once_however_many_there_are(log, append, ledger):
    """More than one transaction takes."""
    append("one", 620)
    append("two", 7)
    beats = []

    assert log.waiting() == 627
    assert log.grow(lambda: beats.append(1)) == 627
    assert log.grow(quiet) == 627

    assert (beats, log.waiting()) == ([1], 0)
    places = [log.place_of(number) for number in range(627)]
    assert len(set(places)) == 627
    assert list(log.leaves(quiet))[:2] == [
        leaf_hash(written(link).encode()) for link in ledger.page("one", limit=2).links
    ]


def test_a_chain_that_goes_on_is_in_the_log_in_its_order(log, append):
    append("b", 2)
    log.grow(quiet)
    append("a", 1)
    append("b", 1, begin=2)
    log.grow(quiet)

    assert [log.place_of(number) for number in range(4)] == [
        "position 1 of b",
        "position 2 of b",
        "position 1 of a",
        "position 3 of b",
    ]
    assert log.place_of(4) == "record 4 of the log"


def test_an_old_size_is_proved_as_it_was(log, append, ledger):
    append("a", 3)
    size = log.grow(quiet)
    before = log.root(size)
    append("a", 5, begin=3)
    log.grow(quiet)

    assert log.root(size) == before
    page = log.prove("a", size=size, after=1, limit=10)
    assert [proof.position for proof in page.proofs] == [2, 3]
    link = ledger.page("a", after=1, limit=1).links[0]
    assert includes(
        leaf_hash(written(link).encode()),
        index=page.proofs[0].leaf,
        size=size,
        path=[bytes.fromhex(step) for step in page.proofs[0].path],
        root_hash=before,
    )


def test_nothing_is_proved_of_a_size_that_never_was(log, append):
    append("a", 1)
    log.grow(quiet)

    for asked in (
        lambda: log.root(2),
        lambda: log.consistency(1, 2),
        lambda: log.prove("a", size=2, after=0, limit=1),
    ):
        with pytest.raises(TargetMissing, match="holds 1 records, and never held 2"):
            asked()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET sentence = 'x' WHERE position = 3",
        "DELETE FROM audit_record WHERE position = 3",
        "UPDATE log_nodes SET hash = 'x' WHERE level = 0 AND number = 2",
        "DELETE FROM log_leaves WHERE number = 2",
    ],
)
def test_leaves_end_before_the_record_that_is_not_what_was_taken_in(
    log, append, tamper, statement
):
    append("a", 5)
    log.grow(quiet)
    tamper(statement)

    assert len(list(log.leaves(quiet))) == 2


def test_a_second_log_on_the_same_ledger_is_the_same_log(log, append, ledger):
    append("a", 3)
    log.grow(quiet)

    assert MerkleLog(ledger).root(3) == log.root(3)
