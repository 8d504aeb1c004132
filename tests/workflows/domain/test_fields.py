from pydantic import JsonValue

from workflows.domain.fields import AT_MOST, difference
from workflows.domain.values import Value


class Held(Value):
    it: JsonValue


def told(before, after):
    return difference(Held(it=before), Held(it=after))


def test_what_is_alike_has_no_difference():
    assert told({"a": [1, {"name": "x"}]}, {"a": [1, {"name": "x"}]}) == ()


def test_each_field_is_told_with_what_it_was_and_is():
    assert told({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}}) == ("it.b.c: 2 became 3",)


def test_what_came_and_went_is_told_as_such():
    assert told({"a": 1}, {"b": 2}) == ("it.a: 1 is gone", "it.b: 2 is new")


def test_items_are_compared_by_their_names_wherever_they_stand():
    before = [{"name": "a", "n": 1}, {"name": "b", "n": 2}]
    after = [{"name": "new", "n": 0}, {"name": "b", "n": 3}, {"name": "a", "n": 1}]

    assert told(before, after) == (
        "it.b.n: 2 became 3",
        "it.new: {'name': 'new', 'n': 0} is new",
    )


def test_a_list_without_names_is_compared_as_a_whole():
    assert told([1, 2], [2, 1]) == ("it: [1, 2] became [2, 1]",)


def test_much_that_differs_is_cut_and_counted():
    changed = told({str(n): 0 for n in range(100)}, {str(n): 1 for n in range(100)})

    assert len(changed) == AT_MOST
    assert changed[-1] == "and 71 more"
