"""Bills of materials: what they list, and what they say about vulnerabilities."""

import pytest

from activities.attestations.readers.materials import (
    read_cyclonedx,
    read_spdx,
    read_spdx_graph,
)
from activities.attestations.readers.unreadable import Unreadable
from tests.attesting import BUILD, PRODUCED, cyclonedx, spdx


def found(*vulnerabilities):
    figures = read_cyclonedx(cyclonedx(*vulnerabilities)).figures
    return {(each.severity, each.state, each.count) for each in figures.vulnerabilities}


def test_components_are_counted_however_deep_they_are():
    read = read_cyclonedx(cyclonedx())

    assert (read.figures.components, read.figures.vulnerabilities) == (3, ())
    assert read.produced_at.isoformat() == PRODUCED


def test_a_bill_that_is_silent_on_vulnerabilities_is_not_one_without_any():
    silent = {key: value for key, value in cyclonedx().items() if key != "vulnerabilities"}

    assert read_cyclonedx(silent).figures.vulnerabilities is None


def test_a_vulnerability_counts_by_its_worst_rating_and_its_state():
    worst = {"ratings": [{"severity": "low"}, {"severity": "high"}]}

    assert found(
        worst, {**worst, "analysis": {"state": "not_affected"}}, {"ratings": [{}]}, {}
    ) == {
        ("high", "unstated", 1),
        ("high", "not_affected", 1),
        ("unknown", "unstated", 2),
    }


@pytest.mark.parametrize(
    "read",
    [
        read_cyclonedx(
            cyclonedx(
                metadata={"component": {"hashes": [{"alg": "SHA-256", "content": BUILD[7:]}]}}
            )
        ),
        read_spdx(
            spdx(
                packages=[
                    {
                        "SPDXID": "SPDXRef-root",
                        "checksums": [{"algorithm": "SHA256", "checksumValue": BUILD[7:]}],
                    }
                ],
                relationships=[
                    {"relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-root"}
                ],
            )
        ),
    ],
)
def test_the_build_that_a_bill_names_is_read(read):
    assert read.artifacts == (BUILD,)


def test_spdx_counts_packages_and_knows_no_vulnerabilities():
    read = read_spdx(spdx(documentDescribes=["SPDXRef-a"]))

    assert (read.figures.components, read.figures.vulnerabilities) == (1, None)


def test_spdx_3_counts_packages_of_its_graph():
    graph = [{"type": "software_Package"}, {"type": "CreationInfo", "created": PRODUCED}]

    read = read_spdx_graph({"@graph": graph})

    assert (read.figures.components, read.produced_at.isoformat()) == (1, PRODUCED)


@pytest.mark.parametrize(
    ("read", "document"),
    [
        (read_cyclonedx, {"bomFormat": "CycloneDX"}),
        (read_cyclonedx, cyclonedx({"ratings": [{"severity": "awful"}]})),
        (read_cyclonedx, cyclonedx(*({"analysis": {"state": str(n)}} for n in range(100)))),
        (read_cyclonedx, cyclonedx(components=["x"])),
        (read_spdx, {"spdxVersion": "SPDX-2.3"}),
        (read_spdx_graph, {"@graph": 7}),
    ],
)
def test_another_document_is_refused(read, document):
    with pytest.raises(Unreadable, match=r"CycloneDX: |SPDX"):
        read(document)
