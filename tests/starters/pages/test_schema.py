import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from starters.files.written import read_yaml
from starters.pages import schema
from starters.pages.schema import combined, pages

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(
    [*ROOT.glob("examples/**/catalog/*.yaml"), *ROOT.glob("examples/**/releases/*.yaml")]
)


@pytest.mark.parametrize("name", pages())
def test_the_committed_page_is_the_generated_one(name):
    """Mend it with `make docs`."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages()[name]


def test_no_page_is_left_of_a_kind_that_is_gone():
    folder = ROOT / "docs" / "reference" / "schema"

    assert {f"reference/schema/{path.name}" for path in folder.iterdir()} <= set(pages())


def test_every_schema_is_one():
    for name, text in pages().items():
        if name.endswith(".json"):
            Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_fits_the_schema_that_it_names(path):
    hint, *_ = path.read_text(encoding="utf-8").splitlines()
    named = path.parent / hint.removeprefix("# yaml-language-server: $schema=")
    validator = Draft202012Validator(json.loads(named.read_text(encoding="utf-8")))
    documents, _ = read_yaml(path)

    assert [error.message for d in documents for error in validator.iter_errors(d.value)] == []


@pytest.mark.parametrize(
    ("document", "fits"),
    [
        ({"kind": "Person", "spec": {"roles": ["sre"]}}, True),
        ({"kind": "Person", "spec": {"roles": ["sre"], "role": "x"}}, False),
        ({"kind": "Person", "spec": {"roles": ["No Name"]}}, False),
        ({"kind": "Strategy", "spec": {"steps": [{"setWeight": 100}]}}, True),
        ({"kind": "Strategy", "spec": {"steps": [{"pause": {"duration": "5 min"}}]}}, False),
        ({"kind": "Deployment", "spec": {}}, False),
    ],
)
def test_the_combined_schema_judges_a_document_by_its_kind(document, fits):
    whole = {
        "apiVersion": "lockgate.dev/v1alpha1",
        "metadata": {"name": "a"},
        **document,
    }

    assert Draft202012Validator(combined()).is_valid(whole) is fits


def test_pages_are_written_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["schema", str(tmp_path)])

    schema.main()
    first = capsys.readouterr().out
    schema.main()

    assert len(first.splitlines()) == len(pages())
    assert capsys.readouterr().out == ""
    assert (tmp_path / "reference/release-file.md").is_file()
