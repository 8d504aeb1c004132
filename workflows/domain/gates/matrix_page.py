"""The decision matrix as a page: who must agree to what, for people to read."""

from collections.abc import Mapping
from html import escape

from workflows.domain.durations import write_duration
from workflows.domain.gates.matrix import matrix_digest
from workflows.domain.spec.matrix import DecisionMatrix, InputName, MatrixRule

_ANY = "any"
_LABELS: Mapping[InputName, str] = {
    "class": "change class",
    "risk": "risk",
    "environment": "environment",
    "dataClass": "class of data",
}


def as_markdown(policy: str, matrix: DecisionMatrix, people: Mapping[str, tuple[str, ...]]) -> str:
    """The matrix of *policy*; *people* maps each role to those of the catalog who hold it."""
    header, rows = _table(policy, matrix)
    lines = [f"# Who decides: {policy}", "", *_preface(matrix), ""]
    lines += [_cells(header), _cells(["---"] * len(header)), *(_cells(row) for row in rows)]
    if people:
        lines += ["", "| role | people |", "| --- | --- |"]
        lines += [_cells([role, ", ".join(names) or "nobody"]) for role, names in people.items()]
    return "\n".join(lines) + "\n"


def as_html(policy: str, matrix: DecisionMatrix, people: Mapping[str, tuple[str, ...]]) -> str:
    """The same as a page of its own."""
    header, rows = _table(policy, matrix)
    title = escape(f"Who decides: {policy}")
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
        *(f"<p>{escape(line)}</p>" for line in _preface(matrix)),
        _html_table(header, rows),
    ]
    if people:
        holders = [[role, ", ".join(names) or "nobody"] for role, names in people.items()]
        parts.append(_html_table(["role", "people"], holders))
    return "\n".join([*parts, "</body></html>"]) + "\n"


_STYLE = (
    "body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse;margin:1rem 0}"
    "td,th{border:1px solid #999;padding:.3rem .6rem;text-align:left}"
)


def _preface(matrix: DecisionMatrix) -> list[str]:
    return [
        "Exactly one row stands for each case; whoever asks for a release never counts.",
        f"This matrix is {matrix_digest(matrix)}.",
    ]


def _table(policy: str, matrix: DecisionMatrix) -> tuple[list[str], list[list[str]]]:
    header = ["row", *(_LABELS[name] for name in matrix.inputs), "who must agree", "looked back"]
    rows = [
        [
            f"{policy}#{position}",
            *(_condition(rule, name) for name in matrix.inputs),
            _decision(rule),
            f"within {write_duration(rule.retrospective)}" if rule.retrospective else "",
        ]
        for position, rule in enumerate(matrix.rules, start=1)
    ]
    return header, rows


def _condition(rule: MatrixRule, name: InputName) -> str:
    condition = rule.conditions[name]
    return _ANY if condition is None else ", ".join(condition)


def _decision(rule: MatrixRule) -> str:
    if rule.reclassify is not None:
        return f"goes by the row for class {rule.reclassify}"
    return ", ".join(f"{need.role} x {need.count}" for need in rule.require or ()) or "nobody"


def _cells(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _html_table(header: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
