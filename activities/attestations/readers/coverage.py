"""Coverage reports: Cobertura's XML and LCOV's trace files, counted line by line."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from activities.attestations.readers.moments import epoch
from activities.attestations.readers.unreadable import Unreadable, local
from workflows.domain.attestations.attestation import Reading
from workflows.domain.attestations.figures import (
    CoverageFigures,
)
from workflows.domain.attestations.types import EvidenceType

Hits = dict[tuple[str, str], bool]
"""Whether each line, or branch, was reached: by its file and its place in it."""

_CONDITIONS = re.compile(r"\((\d{1,9})/(\d{1,9})\)")
_NUMBER = re.compile(r"\d{1,18}")


def read_cobertura(root: Element) -> Reading:
    """What the lines themselves say, each once; the sums at the top are not believed.

    Raises:
        Unreadable: no line at all, or one without number and hits.
    """
    lines: Hits = {}
    branches: dict[tuple[str, str], tuple[int, int]] = {}
    counted = False
    for line, file in _lines(root):
        _count_line(line, file, lines, branches)
        counted = counted or line.get("branch") is not None
    if not lines:
        raise Unreadable("Cobertura: the report holds no line")
    return Reading(
        type=EvidenceType.COVERAGE,
        produced_at=epoch(root.get("timestamp")),
        figures=CoverageFigures(
            lines_covered=sum(lines.values()),
            lines=len(lines),
            branches_covered=sum(c for c, _ in branches.values()) if counted else None,
            branches=sum(of for _, of in branches.values()) if counted else None,
        ),
    )


def _lines(root: Element) -> Iterator[tuple[Element, str]]:
    """Each line of each class, with the file that the class is in."""
    ahead: list[tuple[Element, str | None]] = [(root, None)]
    while ahead:
        element, file = ahead.pop()
        if local(element) == "class":
            file = element.get("filename", element.get("name", ""))
        elif local(element) == "line" and file is not None:
            yield element, file
        ahead += [(each, file) for each in element]


def _count_line(
    line: Element, file: str, lines: Hits, branches: dict[tuple[str, str], tuple[int, int]]
) -> None:
    number, hits = line.get("number", ""), line.get("hits", "")
    if not (_NUMBER.fullmatch(number) and _NUMBER.fullmatch(hits)):
        raise Unreadable(
            f"Cobertura: a line of {file[:100]!r} has number {number[:20]!r} and hits "
            f"{hits[:20]!r}, expected whole numbers"
        )
    place = (file, number)
    lines[place] = lines.get(place, False) or int(hits) > 0
    if taken := _CONDITIONS.search(line.get("condition-coverage", "")):
        covered, of = int(taken[1]), int(taken[2])
        if covered > of:
            raise Unreadable(f"Cobertura: {covered} of {of} branches in {file[:100]!r}")
        branches[place] = max(branches.get(place, (0, of)), (covered, of))


def read_lcov(content: bytes) -> Reading:
    """What the DA and BRDA records say, each line and branch once; sums are not believed.

    Raises:
        Unreadable: a record outside a file or without its numbers, or a file that is cut off.
    """
    lines: Hits = {}
    branches: Hits = {}
    file: str | None = None
    for number, record in enumerate(_text(content).splitlines(), start=1):
        kind, _, rest = record.strip().partition(":")
        if kind == "SF":
            file = rest
        elif kind == "end_of_record":
            file = None
        elif kind in {"DA", "BRDA"}:
            if file is None:
                raise Unreadable(f"LCOV: line {number}: {kind} outside of a file")
            _count_record(kind, (file, rest), number, lines if kind == "DA" else branches)
    if file is not None:
        raise Unreadable(f"LCOV: {file[:100]!r} has no end_of_record: the file is not whole")
    if not lines:
        raise Unreadable("LCOV: the report holds no line")
    return Reading(
        type=EvidenceType.COVERAGE,
        figures=CoverageFigures(
            lines_covered=sum(lines.values()),
            lines=len(lines),
            branches_covered=sum(branches.values()) if branches else None,
            branches=len(branches) if branches else None,
        ),
    )


def _count_record(kind: str, told: tuple[str, str], number: int, into: Hits) -> None:
    file, rest = told
    parts = rest.split(",")
    place, hits = (parts[0], parts[1:2]) if kind == "DA" else (",".join(parts[:3]), parts[3:4])
    taken = hits[0] if hits else ""
    if not _NUMBER.fullmatch(parts[0]) or not (_NUMBER.fullmatch(taken) or taken == "-"):
        raise Unreadable(f"LCOV: line {number}: {kind}:{rest[:40]} is not a line and its hits")
    reached = taken != "-" and int(taken) > 0
    into[file, place] = into.get((file, place), False) or reached


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"LCOV: not UTF-8: {error.reason}") from error
