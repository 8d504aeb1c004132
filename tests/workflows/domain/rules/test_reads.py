"""Rules that would never fire are found before they are needed."""

import jsonschema
import pytest

from tests.workflows.domain.rules.test_document import a_document
from workflows.domain.rules.document import as_document
from workflows.domain.rules.engine import Read
from workflows.domain.rules.reads import input_schema, misread, unassessed


def read(path, *, file="a.rego", line=3):
    return Read(path=tuple(path.split(".")), file=file, line=line)


@pytest.mark.parametrize(
    "path",
    [
        "environment",
        "requestedBy",
        "release.spec.change.ticket",
        "release.spec.rollback.harmBudget.failedRequests",
        "catalog.services.checkout.owner",
        "catalog.people.ana.roles",
        "plan.stages",
        "facts.at",
    ],
)
def test_what_an_input_may_have_may_be_read(path):
    assert [*misread([read(path)])] == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("enviroment", "reads input.enviroment, which no input has; did you mean environment?"),
        (
            "release.spec.change.tikcet",
            "reads input.release.spec.change.tikcet, which no input has; did you mean ticket?",
        ),
        (
            "catalog.services.checkout.ownr",
            "reads input.catalog.services.checkout.ownr, which no input has; did you mean owner?",
        ),
        (
            "requested_by",
            "reads input.requested_by, which no input has; did you mean requestedBy?",
        ),
        ("at.hour", "reads input.at.hour, which no input has; it has no fields"),
    ],
)
def test_a_misspelt_field_is_named_with_the_nearest(path, message):
    (problem,) = misread([read(path)])

    assert problem.message == message
    assert (problem.file, problem.line) == ("a.rego", 3)


def test_the_schema_describes_the_documents_that_rules_see():
    jsonschema.validate(as_document(a_document()), input_schema())


UNKNOWN = {"facts": {"change": None, "at": "2026-03-02T12:00:00Z"}}


def test_going_by_a_fact_that_nobody_assessed_is_found_once_for_each_file():
    reads = [read("facts.change.files", line=n) for n in (3, 9)]

    (found,) = unassessed([*reads, read("facts.at")], UNKNOWN)

    assert (found.path, found.line) == (("facts", "change"), 3)


def test_a_file_that_asks_whether_it_is_known_goes_on_without():
    reads = [read("facts.change.files"), read("facts.change")]

    assert unassessed(reads, UNKNOWN) == ()


def test_what_another_file_asks_does_not_help():
    reads = [read("facts.change.files"), read("facts.change", file="b.rego")]

    assert len(unassessed(reads, UNKNOWN)) == 1


def test_a_fact_that_is_known_is_assessed():
    assert unassessed([read("facts.change.files")], {"facts": {"change": {"files": 3}}}) == ()
