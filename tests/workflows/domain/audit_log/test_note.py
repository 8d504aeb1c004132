"""Notes against the vector of Go's sumdb, and every byte of a note."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workflows.domain.audit_log.note import (
    NoteUntrusted,
    SigningKey,
    named,
    opened,
    read_key,
    signed,
)

KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE = (
    f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
    "qdngotpRZb6KE6RyyBwJnAM=\n"
)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OURS = SigningKey(name="shop/audit", public=PRIVATE.public_key().public_bytes_raw())


def our_note(text=TEXT, key=OURS):
    return signed(text, key, PRIVATE.sign(text.encode()))


def test_the_note_of_another_log_is_opened_with_its_key():
    assert opened(NOTE, [read_key(KEY)]) == TEXT


def test_a_key_is_written_as_it_was_read():
    assert str(read_key(KEY)) == KEY
    assert read_key(str(OURS)) == OURS


def test_what_we_sign_is_opened_with_our_key_among_others():
    assert opened(our_note(), [read_key(KEY), OURS]) == TEXT


def test_every_changed_byte_of_a_note_is_noticed():
    note = our_note().encode()

    believed = []
    for place in range(len(note)):
        for bit in range(8):
            changed = bytearray(note)
            changed[place] ^= 1 << bit
            try:
                opened(changed.decode(), [OURS])
            except (NoteUntrusted, UnicodeDecodeError):
                continue
            believed.append((place, bit))

    assert believed == []


def test_a_key_of_the_same_name_is_not_taken_for_the_one_that_signed():
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()

    with pytest.raises(NoteUntrusted, match=r"signed by the key shop/audit.*not known here"):
        opened(our_note(), [SigningKey(name=OURS.name, public=other)])


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        ("", "not a signed note"),
        (TEXT, "not a signed note"),
        (NOTE.removesuffix("\n"), "not a signed note"),
        (NOTE + "— PeterNeumann x08g\n", "not a signed note"),
        (f"{TEXT}\n— PeterNeumann x08go/ZJ\n", "another length"),
        (f"{TEXT}\n— PeterNeumann x08go/Z!\n", "not base64"),
        (f"{TEXT}\n— PeterNeumann x08goF==\n", "bits are set"),
    ],
)
def test_what_is_no_note_says_why(note, problem):
    with pytest.raises(NoteUntrusted, match=problem):
        opened(note, [read_key(KEY)])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "not a key"),
        ("one+two", "not a key"),
        ("a b+c74f20a3+AR", "not a key"),
        (KEY.replace("c74f20a3", "c74f20a4"), "has the id c74f20a3"),
        (KEY[:-4], "not an Ed25519 key"),
        (KEY.replace("+ARpc", "+Arpc"), "not an Ed25519 key"),
    ],
)
def test_what_is_no_key_says_why(line, problem):
    with pytest.raises(NoteUntrusted, match=problem):
        read_key(line)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "x" * 201])
def test_some_names_cannot_be_those_of_a_key(name):
    with pytest.raises(ValueError, match="cannot name"):
        named(name)
