from dataclasses import replace
from pathlib import Path

from starters.documents import read_documents, twice


def test_documents_are_read_as_their_kinds_with_their_places(shop):
    reading = read_documents(Path("catalog/rules.yaml"))

    assert reading.problems == ()
    assert [document.kind for document in reading.documents] == [
        "Strategy",
        "Strategy",
        "AnalysisTemplate",
        "Policy",
        "Person",
        "Person",
    ]
    assert str(reading.documents[1].place) == "catalog/rules.yaml:8:18"
    assert ("Person", "ana") in reading.names


def test_a_broken_document_keeps_its_name(spoil):
    spoil("catalog/rules.yaml", "name: ana}\nspec: {roles", "name: ana}\nspec: {rolls")

    reading = read_documents(Path("catalog/rules.yaml"))

    assert ("Person", "ana") in reading.names
    assert [document.name for document in reading.documents if document.model is None] == ["ana"]


def test_a_document_with_a_key_given_twice_is_not_used(spoil):
    spoil("catalog/rules.yaml", "{roles: [sre]}", "{roles: [sre], roles: [lead]}")

    reading = read_documents(Path("catalog/rules.yaml"))

    assert [d.name for d in reading.documents if d.model is None] == ["ana"]
    assert len(reading.problems) == 1


def test_the_same_name_is_fine_for_another_kind_and_not_for_the_same(shop):
    documents = read_documents(Path("catalog/rules.yaml")).documents

    (problem,) = twice((*documents, replace(documents[0])))

    assert problem.message == (
        "Strategy direct is defined twice; first at catalog/rules.yaml:3:18"
    )
