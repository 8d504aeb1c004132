"""in-toto statements: about which builds, and saying what."""

import pytest

from tests.attesting import BUILD, OTHER, a_statement, as_json
from workflows.domain.attestations.statement import (
    TEST_RESULT,
    StatementInvalid,
    is_statement,
    read_statement,
)


def test_a_statement_names_its_builds_and_what_it_says():
    document = a_statement(TEST_RESULT, {"result": "PASSED"})
    document["subject"].append({"digest": {"sha256": OTHER[7:].upper(), "sha512": "x"}})

    read = read_statement(as_json(document))

    assert read.subjects == (BUILD, OTHER)
    assert (read.predicate_type, read.predicate) == (TEST_RESULT, {"result": "PASSED"})
    assert read == read_statement(document)
    assert is_statement(document)
    assert not is_statement({"_type": "x"})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "_type: found"),
        ({"subject": []}, "subject: expected 1 to 100 subjects"),
        ({"subject": "x"}, "subject: expected"),
        ({"subject": [{"digest": {"sha1": "ab"}}]}, "subject.0.digest: expected a sha256"),
        ({"subject": [{"digest": {"sha256": "z" * 64}}]}, "subject.0.digest"),
        ({"subject": ["x"]}, "subject.0.digest"),
        ({"predicate": []}, "predicateType and predicate"),
        ({"predicateType": 7}, "predicateType and predicate"),
    ],
)
def test_what_is_no_statement_is_refused(change, why):
    with pytest.raises(StatementInvalid, match=why):
        read_statement({**a_statement(TEST_RESULT, {}), **change})


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"a": 1, "a": 2}', b'{"a":' * 9999])
def test_bytes_that_are_no_object_are_refused(content):
    with pytest.raises(StatementInvalid, match="the payload is not"):
        read_statement(content)
