import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.canonical import canonical, content_digest
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
