"""What is believed of a seal store."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.sealing.seals import Seals
from activities.sealing.transit import TransitSigner
from tests.fakes.seals import FakeSeals, FakeTransit
from workflows.domain.audit_log.checkpoint import Checkpoint
from workflows.domain.errors import Diverged, TargetMissing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=2)


def a_checkpoint(size, root="0", origin="shop/log"):
    return Checkpoint(origin=origin, size=size, root=root * 64, at=NOON)


@pytest.fixture
def store():
    return FakeSeals()


@pytest.fixture
def seals(store):
    return Seals(store, "shop/log")


@pytest.fixture
def signer():
    return TransitSigner(FakeTransit(), key="audit", origin="shop/log")


def seal(seals, signer, checkpoint):
    return seals.seal(*signer.sign(checkpoint.text), until=LATER)


def test_sizes_are_told_in_order_from_where_one_asks(seals, signer):
    for size in (30, 2, 100):
        seal(seals, signer, a_checkpoint(size))

    assert list(seals.sizes()) == [2, 30, 100]
    assert list(seals.sizes(at_least=30)) == [30, 100]
    assert list(seals.sizes(at_least=31)) == [100]


def test_a_checkpoint_is_read_back_with_its_note_and_its_key(seals, signer):
    note = seal(seals, signer, a_checkpoint(2))

    assert seals.read(2) == (note, a_checkpoint(2))
    assert [key.name for key in seals.signers()] == ["shop/log"]


def test_another_root_for_the_same_size_diverges(seals, signer):
    seal(seals, signer, a_checkpoint(2))

    with pytest.raises(Diverged, match="another root is sealed for 2 records"):
        seal(seals, signer, a_checkpoint(2, root="1"))


def test_the_same_root_at_another_moment_is_the_first_one(seals, signer):
    first = seal(seals, signer, a_checkpoint(2))

    assert seal(seals, signer, a_checkpoint(2).model_copy(update={"at": LATER})) == first


def test_what_was_never_sealed_is_missing(seals):
    with pytest.raises(TargetMissing, match="no checkpoint of 2 records"):
        seals.read(2)


def test_a_checkpoint_under_another_size_diverges(store, seals, signer):
    seal(seals, signer, a_checkpoint(2))
    store.held["checkpoints/shop/log/" + "3".zfill(20)] = store.held[
        "checkpoints/shop/log/" + "2".zfill(20)
    ]

    with pytest.raises(Diverged, match="is of the checkpoint of 2 records"):
        seals.read(3)


def test_a_checkpoint_of_another_log_diverges(store, signer):
    other = Seals(store, "other")
    seal(Seals(store, "shop/log"), signer, a_checkpoint(2))
    for name in list(store.held):
        store.held[name.replace("shop/log", "other")] = store.held[name]

    with pytest.raises(Diverged, match="is of the checkpoint"):
        other.read(2)


@pytest.mark.parametrize("content", [b"no key\n", b"\xff"])
def test_what_is_no_key_diverges(store, seals, content):
    store.held["keys/shop/log/00000000"] = content

    with pytest.raises(Diverged, match="keys/shop/log/00000000"):
        seals.signers()


def test_a_key_under_another_ones_name_diverges(store, seals, signer):
    seal(seals, signer, a_checkpoint(2))
    (name,) = [name for name in store.held if name.startswith("keys/")]
    store.held["keys/shop/log/00000000"] = store.held.pop(name)

    with pytest.raises(Diverged, match="holds the key shop/log"):
        Seals(store, "shop/log").signers()
