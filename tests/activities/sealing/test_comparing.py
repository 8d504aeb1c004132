"""Where a log differs from what was sealed, whichever record it is."""

from datetime import timedelta

import pytest

from activities.sealing.comparing import compared, first_flaw
from activities.sealing.seals import Seals
from activities.sealing.transit import TransitSigner
from tests.activities.sealing.conftest import NOON
from tests.fakes.seals import FakeSeals, FakeTransit
from workflows.domain.audit_log.checkpoint import Checkpoint
from workflows.domain.errors import Diverged

COUNTS = (1, 3, 2, 4, 1)
"""How many records came before each of five checkpoints: they cover 1, 4, 6, 10 and 11."""


def quiet():
    """No heartbeat."""


@pytest.fixture
def seals():
    return Seals(FakeSeals(), "o")


@pytest.fixture
def sealed(log, append, seals):
    signer = TransitSigner(FakeTransit(), key="audit", origin="o")
    begin = 0
    for count in COUNTS:
        append("a", count, begin=begin)
        begin += count
        size = log.grow(quiet)
        checkpoint = Checkpoint(origin="o", size=size, root=log.root(size).hex(), at=NOON)
        seals.seal(*signer.sign(checkpoint.text), until=NOON + timedelta(days=1))


def test_a_log_as_it_was_sealed_fits(log, seals, sealed):
    newest = compared(log, seals, at_least=0)

    assert newest is not None
    assert newest[1].size == 11
    assert first_flaw(log, seals, quiet) == (11, None)


def test_a_log_that_nothing_was_sealed_of_fits_everything(log, append, seals):
    append("a", 2)

    assert compared(log, seals, at_least=0) is None
    assert first_flaw(log, seals, quiet) == (0, None)


@pytest.mark.parametrize("position", range(1, 12))
def test_any_record_that_was_changed_is_found(log, seals, sealed, tamper, position):
    tamper("UPDATE audit_record SET outcome = 'x' WHERE position = :at", at=position)

    fits, flaw = first_flaw(log, seals, quiet)

    assert fits == position - 1
    assert f"position {position} of a was changed" in flaw


@pytest.mark.parametrize("number", range(11))
def test_a_rewritten_log_is_found_between_two_checkpoints(log, seals, sealed, tamper, number):
    """The change is hidden in the log as well: only the sealed roots still tell of it."""
    tamper(
        "UPDATE audit_record SET outcome = 'x' WHERE position = :at",
        "DELETE FROM log_leaves",
        "DELETE FROM log_nodes",
        at=number + 1,
    )
    log.grow(quiet)
    before = max([size for size in (0, 1, 4, 6, 10) if size <= number])
    after = min([size for size in (1, 4, 6, 10, 11) if size > number])

    with pytest.raises(Diverged) as diverged:
        compared(log, seals, at_least=0)

    told = f"records {before + 1} to {after} of the log, from position {before + 1} of a"
    assert told in str(diverged.value)
    assert told in first_flaw(log, seals, quiet)[1]


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("held", [0, 1, 5, 10])
def test_a_log_that_is_shorter_says_how_much_is_gone(log, seals, tamper, append, held):
    tamper(
        "DELETE FROM audit_record",
        "DELETE FROM chain_heads",
        "DELETE FROM log_leaves",
        "DELETE FROM log_nodes",
    )
    if held:
        append("a", held)
    log.grow(quiet)

    with pytest.raises(Diverged, match=rf"holds {held} records.*are gone") as diverged:
        compared(log, seals, at_least=held)
    assert "restoring an older copy" in str(diverged.value)
    assert "are gone" in first_flaw(log, seals, quiet)[1]
