import pytest

from starters.pages.file_reference import reference
from starters.pages.shapes import shape
from workflows.domain.spec import KINDS


def test_every_kind_has_a_chapter_and_every_field_a_row():
    page = reference()

    for kind in KINDS:
        assert f"\n## {kind}\n" in page
        for part in shape(kind)["$defs"].values():
            for field in part.get("properties", {}):
                assert f"| `{field}` |" in page or field in {"name", "type", "connection"}


def test_a_row_tells_type_default_and_meaning():
    page = reference()

    assert (
        "| `expireAfter` | duration | `1d` | How long the gate stays open; then the release is "
        "denied. |" in page
    )
    assert "| `setWeight` | whole number, 0 to 100 | — |" in page
    assert "| `roles` | list of 1 or more names | required |" in page
    assert "| `builds` | `{type, connection}` | required |" in page
    assert "| `duration` | `auto` or duration | `auto` |" in page
    assert "| `labels` | text by name | none |" in page
    assert (
        "| `type` | `errorRatio` or `latencyQuantile` or `ratio` or `gauge` or `count` or `slo` | "
        "required | `errorRatio` and `latencyQuantile` are counted by the router" in page
    )


@pytest.mark.parametrize(
    "row",
    [
        "| `variables` | text, number, `true`, `false` or `null` by name | none |",
        "| `capture` | text or mapping by name | none |",
        "| `json` | any value | — | A body of JSON. |",
        "| `hidden` | `true` or `false` | `false` |",
        "| `status` | whole number or text or list of values | `['2xx']` |",
        "| `bodyContains` | list of up to 20 texts, at most 500 characters | none |",
        "### Journey: `spec.steps[].expect.headers.NAME`",
        "what later steps need of it.\n\nAs in `spec.steps[]`.",
    ],
)
def test_free_names_short_forms_and_what_was_told_before(journeys, row):
    assert row in reference()
