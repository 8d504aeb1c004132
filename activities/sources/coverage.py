"""Reports of coverage, line by line: Cobertura's XML, and LCOV's text."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from workflows.domain.errors import Refused

Lines = dict[int, int]
"""How often each line that can run was run, by its number."""

Report = Mapping[str, Lines]
"""The lines of each file, by its path as the report has it."""


def read_report(content: bytes) -> Report:
    """The lines of a report, whichever of the two formats it is in.

    Raises:
        Refused: it is neither, is damaged, or tells of no line at all.
    """
    text = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    report = _cobertura(content) if text.startswith(b"<") else _lcov(content)
    if not any(report.values()):
        raise Refused(
            "a report of coverage that tells of no line: it is neither Cobertura nor LCOV"
        )
    return report


def lines_of(report: Report, path: str) -> Lines | None:
    """The lines of *path*, of which the report may know but an end or a longer form.

    None where it knows no such file, or cannot tell which one it is: two files of one name in
    two folders must not cover for each other.
    """
    if path in report:
        return report[path]
    alike = [known for known in report if _ends(known, path) or _ends(path, known)]
    return report[alike[0]] if len(alike) == 1 else None


def _ends(long: str, short: str) -> bool:
    return long.endswith("/" + short.lstrip("/"))


def _cobertura(content: bytes) -> Report:
    try:
        root = fromstring(content, forbid_dtd=False)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Refused(f"a report of coverage is no readable XML: {type(error).__name__}") from None
    found: dict[str, Lines] = {}
    for kind in root.iter("class"):
        lines = found.setdefault(_normal(kind.get("filename", "")), {})
        # The lines of methods are listed once more below the class itself.
        for line in kind.findall("./lines/line"):
            _count(lines, line.get("number", ""), line.get("hits", ""))
    return found


def _lcov(content: bytes) -> Report:
    found: dict[str, Lines] = {}
    lines: Lines = {}
    for record in content.decode("utf-8", "replace").splitlines():
        key, _, rest = record.strip().partition(":")
        if key == "SF":
            lines = found.setdefault(_normal(rest), {})
        elif key == "DA":
            number, hits, *_ = [*rest.split(","), ""]
            _count(lines, number, hits)
        elif record.strip() == "end_of_record":
            lines = {}
    return found


def _count(lines: Lines, number: str, hits: str) -> None:
    """Several runs of one file in one report add up."""
    if number.isdigit() and hits.lstrip("-").isdigit():
        lines[int(number)] = lines.get(int(number), 0) + max(0, int(hits))


def _normal(path: str) -> str:
    return "/".join(_parts(path.replace("\\", "/")))


def _parts(path: str) -> Iterator[str]:
    for part in path.split("/"):
        if part not in {"", "."}:
            yield part
