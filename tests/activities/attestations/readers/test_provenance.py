"""SLSA provenance: parameters by their path, none of them lost."""

import pytest

from activities.attestations.readers.provenance import read_provenance
from activities.attestations.readers.unreadable import Unreadable
from tests.attesting import BUILDER, PRODUCED, provenance


def parameters(**written):
    return read_provenance(provenance(**written)).figures.parameters


def test_builder_type_sources_and_time_are_read():
    read = read_provenance(provenance())

    assert read.figures.builder_id == BUILDER
    assert read.figures.build_type == "https://actions.github.io/buildtypes/workflow/v1"
    assert read.figures.sources == ("git+https://github.com/acme/checkout@refs/heads/x",)
    assert read.produced_at.isoformat() == PRODUCED


def test_parameters_are_read_by_their_path():
    written = {"workflow": {"ref": "main", "inputs": {"debug": True}}, "n": [1, "a"], "none": {}}

    assert parameters(**written) == {
        "workflow.ref": "main",
        "workflow.inputs.debug": "true",
        "n": '[1, "a"]',
        "none": "{}",
    }


def test_a_dot_in_a_name_cannot_pass_for_a_path():
    assert parameters(**{"a.b": "x"}) == {r"a\.b": "x"}
    assert parameters(a={"b": "x"}) == {"a.b": "x"}


def test_no_parameters_are_none():
    document = provenance()
    document["buildDefinition"]["externalParameters"] = {}

    assert read_provenance(document).figures.parameters == {}


@pytest.mark.parametrize(
    "written",
    [
        {str(n): "x" for n in range(51)},
        {"a": "x" * 501},
        {"a" * 201: "x"},
    ],
)
def test_more_than_a_person_could_expect_is_refused(written):
    with pytest.raises(Unreadable, match="externalParameters: at most 50"):
        parameters(**written)


def test_endless_nesting_is_refused():
    nested = "x"
    for _ in range(30):
        nested = {"a": nested}

    with pytest.raises(Unreadable, match="nested too deep"):
        parameters(a=nested)


@pytest.mark.parametrize("part", ["buildDefinition", "runDetails"])
def test_a_missing_part_is_named(part):
    document = {key: value for key, value in provenance().items() if key != part}

    with pytest.raises(Unreadable, match=f"SLSA provenance: {part}: Field required"):
        read_provenance(document)


def test_the_commits_that_were_built_are_read_by_either_name_of_their_digest():
    document = provenance()
    document["buildDefinition"]["resolvedDependencies"] = [
        {"uri": "git+https://git.test/a", "digest": {"gitCommit": "A" * 40}},
        {"uri": "git+https://git.test/b", "digest": {"sha1": "b" * 40}},
        {"uri": "git+https://git.test/c", "digest": {"gitCommit": "no commit"}},
        {"uri": "pkg:pypi/d", "digest": {"sha1": "d" * 40}},
    ]

    assert read_provenance(document).figures.commits == ("a" * 40, "b" * 40)
