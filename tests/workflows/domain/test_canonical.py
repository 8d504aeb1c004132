import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canonical import canonical, content_digest, read_json
from workflows.domain.values import digest_of

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
finite = scalars.filter(lambda value: value not in (float("inf"), float("-inf")))
# JSON is UTF-8: half of a surrogate pair is no text.
encodable = finite.filter(lambda v: not isinstance(v, str) or v.isprintable())
keys = st.text("abcdefg", max_size=4)
documents = st.recursive(
    encodable, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)


def backwards(value):
    """The same value with the keys of every mapping in the other order."""
    if isinstance(value, dict):
        return {key: backwards(inner) for key, inner in reversed(value.items())}
    return [backwards(inner) for inner in value] if isinstance(value, list) else value


@given(documents)
def test_the_digest_does_not_depend_on_the_order_of_keys(document):
    assert content_digest(document) == content_digest(backwards(document))


@given(documents)
def test_nothing_is_lost_in_the_canonical_text(document):
    assert json.loads(canonical(document)) == document


def test_the_digest_is_that_of_the_compact_sorted_text():
    """Other front doors must be able to compute it: this spelling is a promise."""
    assert content_digest({"b": [1, "ü"], "a": None}) == digest_of('{"a":null,"b":[1,"ü"]}')


def test_a_number_that_json_cannot_say_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})


@given(documents)
def test_the_canonical_text_is_read_as_what_it_means(document):
    assert read_json(canonical(document)) == document
    assert read_json(canonical(document).encode()) == document


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("{} {}", "Extra data"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "given twice: c"),
        ("[NaN]", "NaN is no number"),
        ("[-Infinity]", "-Infinity is no number"),
        ("[" * 100_000, "nested too deep"),
        (b"\xff", "invalid start byte"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(text, why):
    with pytest.raises(ValueError, match=why):
        read_json(text)
