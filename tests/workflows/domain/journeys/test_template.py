import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.journeys.template import (
    NotSet,
    fill,
    fill_path,
    fill_text,
    names_in,
    slips_in,
)


def test_names_are_found_at_any_depth():
    content = {"{{ a }}": [{"x": "{{b}} and {{ c }}"}, 1, None, "plain"]}

    assert names_in(content) == {"a", "b", "c"}


def test_a_text_that_is_one_slot_keeps_the_values_type():
    content = {"amount": "{{ cents }}", "told": "{{ cents }} cents", "on": "{{ flag }}"}

    filled = fill(content, {"cents": 1780, "flag": True})

    assert filled == {"amount": 1780, "told": "1780 cents", "on": True}


def test_a_value_is_put_in_once_and_never_read_as_a_template():
    assert fill_text("{{ a }}", {"a": "{{ b }}", "b": "no"}) == "{{ b }}"


@pytest.mark.parametrize("braces", ["{{ a.b }}", "{{ 1 + 1 }}", "{{}}", "{{", "}}"])
def test_what_only_looks_like_a_slot_is_a_slip(braces):
    assert slips_in(f"x {braces} y") == (braces,)
    assert names_in(braces) == frozenset()


def test_a_name_without_a_value_is_told():
    with pytest.raises(NotSet, match="orderId"):
        fill(["{{ orderId }}"], {})


@given(st.text())
def test_a_value_in_a_path_stays_one_segment(value):
    if value in (".", ".."):
        with pytest.raises(ValueError, match="leads out"):
            fill_path("/orders/{{ it }}/lines", {"it": value})
        return

    filled = fill_path("/orders/{{ it }}/lines", {"it": value})

    assert filled.count("/") == 3
    assert not set("?#\r\n ") & set(filled)
