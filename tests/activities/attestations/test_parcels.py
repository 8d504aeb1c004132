"""Files as they travel: bounded before they are opened, and while they are."""

import base64
import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.attestations.parcels import packed, unpacked
from workflows.domain.errors import Refused
from workflows.domain.values import digest_of
from workflows.ports.attestations import MOST_SENT, SentFile


def sent(raw: bytes, content: bytes = b"x") -> SentFile:
    return SentFile(digest=digest_of(content), content=base64.b64encode(raw).decode())


@given(st.binary(max_size=2000))
def test_a_file_arrives_as_it_was_sent(content):
    assert unpacked(packed(digest_of(content), content), most=2000) == content


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (SentFile(digest=digest_of("x"), content="?"), "gzip in base64"),
        (sent(b"hello"), "gzip in base64"),
        (sent(b""), "did not arrive whole"),
        (sent(gzip.compress(b"x" * 1000)[:-5], b"x" * 1000), "more than 100 bytes"),
        (sent(gzip.compress(b"x")[:-4]), "did not arrive whole"),
        (sent(gzip.compress(b"y")), "expected sha256"),
        (sent(gzip.compress(b"x" * 10_000_000)), "more than 100 bytes unpacked"),
        (sent(os.urandom(MOST_SENT + 1)), "at most 1048576 are taken"),
    ],
)
def test_what_is_not_such_a_file_is_refused(file, why):
    with pytest.raises(Refused, match=why):
        unpacked(file, most=100)


def test_a_file_that_is_too_large_to_travel_is_not_sent():
    content = os.urandom(MOST_SENT)

    with pytest.raises(Refused, match="take it from the store itself"):
        packed(digest_of(content), content)
