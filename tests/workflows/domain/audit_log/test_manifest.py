"""One manifest has one text, and nothing else is signed as one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.audit_log.manifest import Manifest, read_manifest
from workflows.domain.audit_log.note import NoteUntrusted

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE, TWO = "1" * 64, "2" * 64
PACK = Manifest(at=NOON, by="ana", files={"records/0001.jsonl": TWO, "index.html": ONE})
TEXT = (
    "lockgate evidence pack 1\nat 2026-03-01T12:00:00.000000Z\nby ana\n"
    f"{ONE}  index.html\n{TWO}  records/0001.jsonl\n"
)

names = st.text("abcz019./-", min_size=1, max_size=20)


def test_it_names_each_file_as_sha256sum_does():
    assert PACK.text == TEXT
    assert read_manifest(TEXT) == PACK


@given(
    st.dictionaries(names, st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1),
    st.text(min_size=1, max_size=20).filter(lambda by: "\n" not in by),
)
def test_what_was_written_is_read_back(files, by):
    written = Manifest(at=NOON, by=by, files=files)

    assert read_manifest(written.text) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.removesuffix("\n"),
        TEXT + "\n",
        TEXT.replace("pack 1", "pack 2"),
        TEXT.replace("by ana\n", ""),
        TEXT.replace(".000000Z", "Z"),
        TEXT.replace("2026-03-01", "2026-03-41"),
        TEXT.replace("  index", " index"),
        TEXT.replace("index.html", "../INDEX"),
        TEXT + f"{ONE}  a\n",
        TEXT + f"{ONE}  records/0001.jsonl\n",
    ],
)
def test_nothing_else_is_read_as_a_manifest(text):
    with pytest.raises(NoteUntrusted, match="not a manifest"):
        read_manifest(text)
