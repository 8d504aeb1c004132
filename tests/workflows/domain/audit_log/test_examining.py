"""What somebody may do to a pack, byte by byte and in earnest, and what is told of it."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.packs import SHOP, a_packing, a_small_packing
from workflows.domain.audit_log.archive import packed, unpacked
from workflows.domain.audit_log.examining import examine
from workflows.domain.audit_log.note import SigningKey, opened, read_key, signed
from workflows.domain.audit_log.pack import KEYS, MANIFEST, json_lines

PACKING = a_packing()
PACK = PACKING.pack(sizes=(3,))
KEY = str(PACKING.sealing.key)
SMALL = a_small_packing().pack()

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER_KEY = SigningKey(name="fake", public=OTHER.public_key().public_bytes_raw())


def changed(name, change, *, pack=PACK):
    """The pack with one file changed, and nothing else."""
    files, _ = unpacked(pack)
    return packed({**files, name: change(files[name])})


def line(number, change):
    def at(content):
        lines = content.decode().split("\n")
        lines[number] = change(lines[number])
        return "\n".join(lines).encode()

    return at


def resigned(change):
    """The pack after *change* of its files, its manifest signed anew by the log's key."""
    files, _ = unpacked(PACK)
    contents = {name: content for name, content in files.items() if name != MANIFEST}
    return packed(PACKING.signed(change(contents)))


def flaws(pack, **asked):
    return " | ".join(examine(pack, **asked).flaws)


def test_a_pack_as_it_was_exported_is_whole():
    found = examine(PACK, trusted=(KEY,))

    assert found.flaws == ()
    assert (found.records, found.by, found.keys) == (5, "ana", (KEY,))
    assert found.newest is not None
    assert found.newest.size == 5
    assert {part.chain: len(part.decisions) for part in found.parts} == {"access": 0, SHOP: 1}


def test_every_single_changed_byte_of_a_small_pack_is_found():
    """Exhaustive over the places, each with a change that differs from place to place."""
    believed = []
    for place in range(len(SMALL)):
        archive = bytearray(SMALL)
        archive[place] ^= 1 << place % 8
        if not examine(bytes(archive)).flaws:
            believed.append(place)

    assert examine(SMALL).flaws == ()
    assert believed == []


@given(st.integers(0, len(PACK) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_pack_with_rulings_is_found(place, flip):
    archive = bytearray(PACK)
    archive[place] ^= flip

    assert examine(bytes(archive)).flaws


@given(st.integers(0, len(SMALL) - 1))
def test_a_pack_cut_anywhere_is_found(length):
    assert examine(SMALL[:length]).flaws


def test_an_edit_is_told_with_its_place():
    edited = changed("records/0002.jsonl", line(1, lambda one: one.replace("did a", "did x")))

    told = flaws(edited)

    assert f"{SHOP}: position 2 was changed after it was written" in told
    assert "records/0002.jsonl was changed" in told


def test_a_deletion_is_told_with_its_place():
    def without_second(content):
        lines = content.split(b"\n")
        return b"\n".join([*lines[:1], *lines[2:]])

    told = flaws(changed("records/0002.jsonl", without_second))

    assert f"{SHOP}: position 2 is missing" in told


def test_a_reorder_is_told_with_its_place():
    def swapped(content):
        lines = content.split(b"\n")
        return b"\n".join([lines[0], lines[2], lines[1], *lines[3:]])

    assert f"{SHOP}: position 2 is missing; 3 stands" in flaws(
        changed("records/0002.jsonl", swapped)
    )


def test_a_truncation_is_told():
    told = flaws(changed("records/0002.jsonl", lambda content: content.split(b"\n")[0] + b"\n"))

    assert "the chain ends with" in told
    assert "1 records, 4 proofs" in told


@pytest.mark.parametrize("name", ["records/0002.jsonl", "proofs/0002.jsonl", "index.html", KEYS])
def test_a_file_that_was_removed_or_added_is_named(name):
    files, _ = unpacked(PACK)

    added = packed({**files, "more.txt": b"x"})
    removed = packed({kept: content for kept, content in files.items() if kept != name})

    assert "more.txt was added" in flaws(added)
    assert flaws(removed)


def test_a_ruling_in_the_place_of_another_is_told_even_where_the_manifest_is_signed_anew():
    def forged(files):
        name = "decisions/0002.jsonl"
        ruling = json.loads(files[name])
        ruling["order"]["requested_by"] = "eve"
        return {**files, name: json_lines([ruling])}

    told = flaws(resigned(forged))

    assert f"{SHOP}: ruling 1 is not one that the record names" in told
    assert "which the record names, is missing" in told


def test_a_record_that_was_written_anew_is_told_even_where_the_manifest_is_signed_anew():
    """By somebody who has the key of packs, and the ledger, and not the sealed checkpoints."""
    other = a_packing()
    other.audit.links[SHOP].clear()
    other.append(SHOP, *(link.entry for link in PACKING.audit.links[SHOP][:-1]))
    other.append(SHOP, PACKING.audit.links[SHOP][-1].entry.model_copy(update={"outcome": "good"}))

    def rewritten(files):
        name = "records/0002.jsonl"
        content = json_lines(other.audit.links[SHOP])
        chains = (
            files["chains.jsonl"]
            .decode()
            .replace(PACKING.audit.links[SHOP][-1].hash, other.audit.links[SHOP][-1].hash)
        )
        return {**files, name: content, "chains.jsonl": chains.encode()}

    told = flaws(resigned(rewritten))

    assert f"position 4 of {SHOP} is not what the checkpoint of 5 records" in told
    assert "was changed" not in told


def test_a_key_in_the_place_of_the_real_one_is_told():
    told = flaws(changed(KEYS, lambda _: f"{OTHER_KEY}\n".encode()))

    assert "not known here" in told


def test_a_pack_signed_whole_by_another_key_is_told_to_whoever_knows_the_key():
    """Nothing in the file itself can show it: that is why keys are kept elsewhere."""
    files, _ = unpacked(SMALL)
    ours = [read_key(KEY)]

    def anew(note):
        text = opened(note, ours)
        return signed(text, OTHER_KEY, OTHER.sign(text.encode()))

    seals = [json.loads(one) for one in files["checkpoints.jsonl"].decode().splitlines()]
    lines = [{**seal, "note": anew(seal["note"])} for seal in seals]
    forged = {
        **{name: content for name, content in files.items() if name != MANIFEST},
        KEYS: f"{OTHER_KEY}\n".encode(),
        "checkpoints.jsonl": json_lines(lines),
    }
    manifest = anew(PACKING.signed(forged)[MANIFEST].decode())
    pack = packed({**forged, MANIFEST: manifest.encode()})

    assert examine(pack).flaws == ()
    assert examine(pack).keys == (str(OTHER_KEY),)
    assert "is none of the keys that you trust" in flaws(pack, trusted=(KEY,))


def test_what_is_no_pack_at_all_says_so():
    assert "not an evidence pack" in flaws(b"hello")
    assert "not an evidence pack" in flaws(b"")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("records/0002.jsonl", b"{", "cut in the middle"),
        ("records/0002.jsonl", b"{\n", "line 1: not JSON"),
        ("records/0002.jsonl", b'{ "a": 1 }\n', "line 1: not as JSON is written here"),
        ("records/0002.jsonl", b'{"a":1}\n', "line 1: not a Link"),
        ("proofs/0002.jsonl", b'{"leaf":0,"path":["zz"],"position":1}\n', "is not what"),
        ("chains.jsonl", b"", "was changed"),
        ("checkpoints.jsonl", b"", "no checkpoint at all"),
        (KEYS, b"x\n", "not a key"),
        (MANIFEST, b"x", "not a signed note"),
    ],
)
def test_what_cannot_be_read_says_where(name, content, told):
    assert told in flaws(changed(name, lambda _: content))
