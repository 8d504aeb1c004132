"""What is believed of proofs and checkpoints that somebody hands over."""

import pytest

from tests.packs import SHOP, a_packing
from workflows.domain.audit_log.note import NoteUntrusted
from workflows.domain.audit_log.proof import newest_of, unproved
from workflows.ports.sealing import ProveRecords, ReadSeals


@pytest.fixture
def packing():
    packing = a_packing()
    packing.seal()
    return packing


def seals_of(packing, *sizes):
    return packing.sealing.read_seals(ReadSeals(sizes=sizes)).seals


def proofs_of(packing, chain=SHOP):
    return packing.sealing.prove_records(ProveRecords(chain=chain, size=5)).proofs


def test_the_newest_checkpoint_counts_once_the_others_are_its_beginning(packing):
    newest = newest_of(seals_of(packing, 3), [packing.sealing.key])

    assert newest.size == 5
    assert list(unproved(packing.audit.links[SHOP], proofs_of(packing), newest)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda seals: (), "no checkpoint at all"),
        (lambda seals: seals[::-1], "checkpoint 2 is not larger"),
        (lambda seals: (seals[1], seals[1]), "checkpoint 2 is not larger"),
        (
            lambda seals: (seals[0].model_copy(update={"proof": ()}), seals[1]),
            "checkpoint 1, the checkpoint of 3 records .* is not the beginning of",
        ),
        (
            lambda seals: (seals[0].model_copy(update={"proof": ("zz",)}), seals[1]),
            "is not the beginning of",
        ),
        (
            lambda seals: (seals[0].model_copy(update={"note": "x"}), seals[1]),
            "checkpoint 1: not a signed note",
        ),
    ],
)
def test_checkpoints_that_do_not_continue_each_other_are_not_believed(packing, change, told):
    with pytest.raises(NoteUntrusted, match=told):
        newest_of(change(seals_of(packing, 3)), [packing.sealing.key])


def test_a_checkpoint_of_another_log_is_not_believed(packing):
    other = a_packing()
    other.seal()
    seal = other.sealing.sealed[3].replace("fake\n3", "else\n3")
    text = seal.partition("\n\n")[0] + "\n"
    forged = seals_of(packing, 3)[0].model_copy(update={"note": other.sealing._sign(text)})

    with pytest.raises(NoteUntrusted, match="checkpoint 1 is of the log else"):
        newest_of((forged, *seals_of(packing)), [packing.sealing.key])


def test_a_proof_of_another_place_is_named(packing):
    newest = newest_of(seals_of(packing), [packing.sealing.key])
    links, proofs = packing.audit.links[SHOP], proofs_of(packing)
    moved = proofs[1].model_copy(update={"leaf": proofs[0].leaf})

    assert list(unproved(links, (proofs[0], moved), newest)) == [
        f"position 2 of {SHOP} is not what {newest} covers"
    ]
    assert list(unproved(links, proofs[1:], newest)) == [
        "proof 1 is of position 2, which is not the record's"
    ]
    assert "proof 5 is of position 9" in next(
        unproved(links, (*proofs, proofs[0].model_copy(update={"position": 9})), newest)
    )
