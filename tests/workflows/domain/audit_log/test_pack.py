"""One content has one spelling, and a line that has another one is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs import SHOP, a_packing
from workflows.domain.audit_log.note import NoteUntrusted
from workflows.domain.audit_log.pack import (
    CHAINS,
    chain_files,
    digests,
    json_lines,
    read_json_lines,
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"ü'), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(values, max_size=4))
def test_what_was_written_is_read_back(written):
    assert read_json_lines("f", json_lines(written)) == written


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"1", "f line 1: cut in the middle"),
        (b"1\n2", "f line 2: cut in the middle"),
        (b"1\n}\n", "f line 2: not JSON"),
        (b"\n", "f line 1: not JSON"),
        (b"1 \n", "f line 1: not as JSON is written here"),
        (b'{"b":1,"a":2}\n', "not as JSON is written here"),
        (b'{"a":1,"a":2}\n', "not as JSON is written here"),
        (b'"\\u0041"\n', "not as JSON is written here"),
        (b"1.0e0\n", "not as JSON is written here"),
        (b"\xff\n", "not JSON"),
    ],
)
def test_another_spelling_is_named_with_its_line(content, told):
    with pytest.raises(NoteUntrusted, match=told):
        read_json_lines("f", content)


def test_each_chain_has_its_files_and_a_line_in_the_list():
    packing = a_packing()
    size = packing.seal().size
    part = packing.part(SHOP, size)

    files = chain_files([part])

    (line,) = read_json_lines(CHAINS, files[CHAINS])
    assert (line["chain"], line["records"], line["decisions"]) == (SHOP, 4, 1)
    assert line["head"] == part.links[-1].hash
    assert sorted(files) == [
        "chains.jsonl",
        "decisions/0001.jsonl",
        "proofs/0001.jsonl",
        "records/0001.jsonl",
    ]
    assert set(digests(files)) == set(files)
