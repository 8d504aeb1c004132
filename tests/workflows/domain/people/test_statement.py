import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import build_of
from workflows.domain.people.statement import Statement

words = st.text(max_size=8)
statements = st.builds(
    Statement,
    release=words,
    run=words,
    gate=words,
    digest=st.sampled_from([build_of("plan", str(n)) for n in range(3)]),
    decision=words,
    reason=words,
    terms=st.dictionaries(words, words, max_size=2),
)


@given(statements, statements)
def test_two_statements_share_a_nonce_only_if_they_say_the_same(one, other):
    assert (one.nonce == other.nonce) == (one == other)


def test_words_cannot_move_from_one_field_into_another():
    digest = build_of("plan", "1")
    one = Statement(gate="prod", decision="approve", reason="x", digest=digest)
    other = Statement(gate="prodapprove", decision="", reason="x", digest=digest)

    assert one.nonce != other.nonce


@pytest.mark.parametrize("field", list(Statement.model_fields))
def test_every_field_is_part_of_what_is_said(field):
    """A field that the nonce forgets could be changed after somebody signed."""
    before = Statement(digest=build_of("plan", "1"), decision="approve")
    changed = {"terms": {"until": "tomorrow"}, "digest": build_of("plan", "2")}
    after = before.model_copy(update={field: changed.get(field, "another")})

    assert before.nonce != after.nonce
