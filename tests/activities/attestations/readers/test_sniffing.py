"""Files are known by their content; whatever they hold, they are read or refused in words."""

import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.attestations.readers import MOST_BYTES, Unreadable, read_evidence
from tests.attesting import (
    BUILD,
    COBERTURA,
    JUNIT,
    LCOV,
    a_key,
    a_statement,
    an_envelope,
    as_json,
    benchmark,
    cyclonedx,
    provenance,
    rehearsal,
    results,
    sarif,
    sign_off,
    spdx,
)
from workflows.domain.attestations import statement as types

KEY = a_key()
FILES = {
    "junit": JUNIT,
    "cobertura": COBERTURA,
    "lcov": LCOV,
    "sarif": as_json(sarif({"level": "error"})),
    "cyclonedx": as_json(cyclonedx({"ratings": [{"severity": "high"}]})),
    "spdx": as_json(spdx()),
    "test-result": as_json(a_statement(types.TEST_RESULT, results())),
    "provenance": an_envelope(a_statement(types.PROVENANCE, provenance()), KEY),
    "benchmark": an_envelope(a_statement(types.BENCHMARK, benchmark([[1.0, 1.0]] * 3)), KEY),
    "rehearsal": an_envelope(a_statement(types.REHEARSAL, rehearsal()), KEY),
    "sign-off": an_envelope(a_statement(types.SIGN_OFF, sign_off()), KEY),
    "report": an_envelope(a_statement(types.REPORT, {"content": JUNIT.decode()}), KEY),
}
SIGNED = ["provenance", "benchmark", "rehearsal", "sign-off", "report"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("junit", "test-result"),
        ("cobertura", "coverage"),
        ("lcov", "coverage"),
        ("sarif", "sarif"),
        ("cyclonedx", "sbom"),
        ("spdx", "sbom"),
        ("test-result", "test-result"),
        ("provenance", "slsa-provenance"),
        ("benchmark", "benchmark"),
        ("rehearsal", "migration-rehearsal"),
        ("sign-off", "security-sign-off"),
        ("report", "test-result"),
    ],
)
def test_a_file_is_known_by_its_content(name, found):
    evidence = read_evidence(b"\xef\xbb\xbf" + FILES[name])

    assert evidence.reading.type == found
    assert evidence.reading.signed == (evidence.envelope is not None) == (name in SIGNED)


@pytest.mark.parametrize("inner", [LCOV, as_json(sarif()), as_json(cyclonedx())])
def test_a_signed_report_of_another_format_is_read_and_about_its_subject(inner):
    signed = an_envelope(a_statement(types.REPORT, {"content": inner.decode()}), KEY)

    evidence = read_evidence(signed)

    assert evidence.reading.figures == read_evidence(inner).reading.figures
    assert evidence.reading.artifacts == (BUILD,)


def test_a_statement_within_a_statement_is_refused():
    inner = as_json(a_statement(types.TEST_RESULT, results())).decode()

    with pytest.raises(Unreadable, match="is none of JUnit XML"):
        read_evidence(as_json(a_statement(types.REPORT, {"content": inner})))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b"<html/>",
        b"\x89PNG",
        b"{" * 100_000,
        b'{"a":' * 50_000,
        b"<a>" * 100_000,
        gzip.compress(JUNIT),
        b'{"runs": 1e999}',
        as_json({"payload": "AA==", "payloadType": "text/plain", "signatures": []}),
        b"x" * (MOST_BYTES + 1),
    ],
)
def test_everything_else_is_refused_in_words(content):
    with pytest.raises(Unreadable):
        read_evidence(content)


@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_damaged_file_is_read_or_refused_and_never_crashes(name, data):
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["flip", "cut", "double"]))
        if kind == "flip":
            content[place] ^= data.draw(st.integers(1, 255))
        elif kind == "cut":
            del content[place : place + data.draw(st.integers(1, 40))]
        else:
            content[place:place] = content[place : place + 40]
        if not content:
            break

    with suppress(Unreadable):
        evidence = read_evidence(bytes(content))
        assert len(evidence.reading.model_dump_json()) < 64 * 1024


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


def places(document, path=()):
    yield path
    if isinstance(document, dict | list):
        items = document.items() if isinstance(document, dict) else enumerate(document)
        for key, value in items:
            yield from places(value, (*path, key))


DOCUMENTS = {
    **{name: json.loads(FILES[name]) for name in ("sarif", "cyclonedx", "spdx", "test-result")},
    "provenance": a_statement(types.PROVENANCE, provenance()),
    "benchmark": a_statement(types.BENCHMARK, benchmark([[1.0, 1.0]] * 3)),
    "rehearsal": a_statement(types.REHEARSAL, rehearsal()),
    "sign-off": a_statement(types.SIGN_OFF, sign_off()),
}


@given(st.sampled_from(sorted(DOCUMENTS)), st.data())
def test_any_value_in_any_place_is_read_or_refused_and_never_crashes(name, data):
    document = json.loads(json.dumps(DOCUMENTS[name]))
    paths = [path for path in places(document) if path]
    *way, last = data.draw(st.sampled_from(paths))
    holder = document
    for step in way:
        holder = holder[step]
    holder[last] = data.draw(json_values)

    with suppress(Unreadable):
        read_evidence(as_json(document))
