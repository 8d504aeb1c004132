import pytest

from starters.pages.shapes import each_of, part_at, resolve, shape
from workflows.domain.spec import KINDS


def fields_of(kind):
    """Every field of the kind's schema: the mapping it belongs to, its name, and its schema."""
    root = shape(kind)
    for name, part in {kind: root, **root["$defs"]}.items():
        for field, schema in part.get("properties", {}).items():
            yield name, field, resolve(root, schema)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_that_people_write_has_a_meaning(kind):
    silent = [
        f"{name}.{field}"
        for name, field, schema in fields_of(kind)
        if "description" not in schema and field != "kind"
    ]

    assert silent == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_mapping_takes_unknown_fields(kind):
    root = shape(kind)
    mappings = [part for part in (root, *root["$defs"].values()) if "properties" in part]

    assert all(part["additionalProperties"] is False for part in mappings)


def test_defaults_are_in_the_words_of_a_file():
    assert part_at("AnalysisTemplate", ("spec", "holdTimeout", "after"))["default"] == "30m"
    assert part_at("Policy", ("spec", "approvals", "expireAfter"))["default"] == "1d"


def test_a_part_is_found_through_lists_and_options():
    path = ("spec", "steps", 3, "setHeaderRoute", "match", 0, "headerValue")

    assert part_at("Strategy", path)["required"] == ["exact"]
    assert part_at("Strategy", ("spec", "nothing")) == {}


def test_a_part_is_found_through_a_mapping_of_free_names(journeys):
    secret = ("spec", "secretRefs", "login", "field")
    header = ("spec", "steps", 0, "expect", "headers", "x-version", "matches")

    assert part_at("Journey", secret)["description"] == "Which of its fields."
    assert part_at("Journey", header)["maxLength"] == 500


def test_a_field_under_another_name_has_its_meaning(journeys):
    request = ("spec", "steps", 0, "request")

    assert part_at("Journey", (*request, "json"))["description"] == "A body of JSON."


@pytest.mark.parametrize("closed", [{}, {"additionalProperties": False}, {"type": "string"}])
def test_what_takes_no_free_names_has_none(closed):
    assert each_of(closed) == {}


def test_there_is_no_shape_of_an_unknown_kind():
    with pytest.raises(KeyError):
        shape("Deployment")
