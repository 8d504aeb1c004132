from dataclasses import replace
from pathlib import Path

import pytest

from starters.files.documents import read_documents, twice


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


def test_an_openslo_document_is_read_as_what_it_says_it_is(slos):
    reading = read_documents(slos)

    assert reading.problems == ()
    assert {("SLO", "checkout-availability"), ("SLI", "checkout-answers")} == reading.names
    assert all(document.model is not None for document in reading.documents)


OF_OPENSLO = "of OpenSLO, SLO and SLI are read: take the others out"


@pytest.mark.parametrize(
    ("version", "kind", "problem"),
    [
        (
            "lockgate.dev/v1alpha1",
            "SLO",
            (
                'apiVersion: found "lockgate.dev/v1alpha1"; expected openslo/v1 for a document of '
                "kind SLO"
            ),
        ),
        (
            "openslo/v2alpha",
            "SLI",
            'apiVersion: found "openslo/v2alpha"; expected openslo/v1',
        ),
        (
            "openslo/v1",
            "Service",
            (
                'apiVersion: found "openslo/v1"; expected lockgate.dev/v1alpha1 for a document of '
                f"kind Service; {OF_OPENSLO}"
            ),
        ),
        ("openslo/v1", "AlertPolicy", f'kind: found "AlertPolicy"; {OF_OPENSLO}'),
        (
            "lockgate.dev/v9",
            "Person",
            'apiVersion: found "lockgate.dev/v9"; expected lockgate.dev/v1alpha1',
        ),
    ],
)
def test_what_is_another_systems_or_of_another_time_is_one_problem(
    tmp_path, version, kind, problem
):
    """What else it lacks would only be told because it was taken for something that it is not."""
    path = tmp_path / "x.yaml"
    path.write_text(f"apiVersion: {version}\nkind: {kind}\nspec: {{}}\n", encoding="utf-8")

    (found,) = read_documents(path).problems

    assert f"{found.field}: {found.message}" == problem
