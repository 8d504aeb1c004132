"""One archive for given files, which any unzip opens, and no other archive of them."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.audit_log.archive import NotThePack, packed, unpacked

FILES = {"index.html": b"<p>", "records/0001.jsonl": b'{"a":1}\n', "empty": b""}
some_files = st.dictionaries(
    st.text("abc/.0", min_size=1, max_size=12), st.binary(max_size=60), min_size=1, max_size=6
)


def test_any_unzip_opens_it():
    with zipfile.ZipFile(io.BytesIO(packed(FILES))) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == FILES


@given(some_files)
def test_what_was_packed_is_unpacked(files):
    assert unpacked(packed(files)) == (files, None)


@given(some_files, st.data())
def test_any_changed_byte_is_seen_and_its_place_told(files, data):
    """Whatever else the bytes say then: nothing that is read back has them."""
    archive = bytearray(packed(files))
    at = data.draw(st.integers(0, len(archive) - 1))
    archive[at] ^= data.draw(st.integers(1, 255))

    try:
        found, differs = unpacked(bytes(archive))
    except NotThePack:
        return
    assert differs is not None or found != files


@given(some_files, st.data())
def test_a_cut_or_longer_archive_is_not_the_pack(files, data):
    archive = packed(files)
    cut = archive[: data.draw(st.integers(0, len(archive) - 1))]

    for other in (cut, archive + b"\0"):
        try:
            assert unpacked(other)[1] is not None
        except NotThePack as error:
            assert "not an evidence pack" in str(error)  # noqa: PT017 - either way of noticing


def test_what_is_no_archive_says_so():
    with pytest.raises(NotThePack, match="at byte 0"):
        unpacked(b"not a zip at all")


def test_more_than_a_plain_zip_can_hold_is_refused():
    with pytest.raises(ValueError, match="at most 60 000 files"):
        packed({str(number): b"" for number in range(60_001)})
