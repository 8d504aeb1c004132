"""What the log of a worker says of sealing; the rest is in tests/contract/test_sealing.py."""

from datetime import timedelta

import pytest
import structlog

from activities.sealing.activities import SealingActivities, SealPlace
from activities.sealing.transit import TransitSigner
from tests.activities.sealing.conftest import NOON
from tests.fakes.seals import FakeSeals, FakeTransit
from workflows.domain.errors import Unavailable
from workflows.ports.sealing import SealRecord


@pytest.fixture
def store():
    return FakeSeals()


@pytest.fixture
def sealing(ledger, store):
    signer = TransitSigner(FakeTransit(), key="audit", origin="o")
    place = SealPlace(origin="o", store=store, signer=signer, retention=timedelta(days=7))
    return SealingActivities(ledger, place, now=lambda: NOON, beat=lambda: None)


def test_the_log_says_how_much_was_sealed_once(sealing, append):
    append("a", 2)

    with structlog.testing.capture_logs() as logs:
        sealing.seal_record(SealRecord(why="a test"))
        sealing.seal_record(SealRecord(why="a test"))

    assert [(line["event"], line["records"], line["why"]) for line in logs] == [
        ("record_sealed", 2, "a test")
    ]


def test_a_checkpoint_is_locked_for_as_long_as_is_said(sealing, store, append):
    append("a", 1)
    sealing.seal_record(SealRecord())

    assert set(store.locked.values()) == {NOON + timedelta(days=7)}


def test_a_seal_that_failed_half_way_is_made_whole_by_the_next(sealing, store, append):
    """The records are in the log, and the store was away."""
    append("a", 2)
    real, store.keep = store.keep, lambda *_, **__: (_ for _ in ()).throw(Unavailable("away"))
    with pytest.raises(Unavailable):
        sealing.seal_record(SealRecord())
    store.keep = real

    assert sealing.seal_record(SealRecord()).size == 2
