"""What rules read of their input: fields that there are not, and facts that nobody assessed."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from workflows.domain.rules.document import PolicyInput
from workflows.domain.rules.engine import Read, RuleProblem

ASSESSED: tuple[tuple[str, ...], ...] = ()
"""Parts of the input, beside the facts, that are null until somebody assessed them."""


@cache
def input_schema() -> dict[str, Any]:
    """The JSON Schema of `input`, in the words that rules use; do not change it."""
    schema = PolicyInput.model_json_schema(by_alias=True, mode="serialization")
    for part in (schema, *schema["$defs"].values()):
        fields = part.get("properties", {})
        part["properties"] = {to_camel(name): field for name, field in fields.items()}
        if "required" in part:
            part["required"] = [to_camel(name) for name in part["required"]]
        if not fields:
            del part["properties"]
    return schema


def misread(reads: Iterable[Read]) -> Iterator[RuleProblem]:
    """Reads of fields that no input has: such a rule would never fire, and nobody would know."""
    for read in reads:
        parts: list[dict[str, Any]] = [input_schema()]
        for depth, name in enumerate(read.path):
            known = {field for part in parts for field in part.get("properties", {})}
            inner = [each for part in parts for each in _below(part, name)]
            if not inner:
                where = ".".join(("input", *read.path[:depth]))
                hint = get_close_matches(name, known, n=1)
                near = f"did you mean {hint[0]}?" if hint else f"it has {_listed(known)}"
                message = f"reads {where}.{name}, which no input has; {near}"
                yield RuleProblem(file=read.file, line=read.line, message=message)
                break
            parts = inner


def _listed(known: set[str]) -> str:
    return ", ".join(sorted(known)) or "no fields"


def _below(part: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """What may stand at *name* of a value that *part* describes."""
    if not part:
        yield {}
        return
    for option in part.get("anyOf", ()):
        yield from _below(_followed(option), name)
    if name in part.get("properties", {}):
        yield _followed(part["properties"][name])
    elif (each := part.get("additionalProperties")) not in {None, False} or _patterns(part):
        yield _followed(_patterns(part) or (each if isinstance(each, dict) else {}))


def _patterns(part: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = next(iter(part.get("patternProperties", {}).values()), None)
    return found


def _followed(part: dict[str, Any]) -> dict[str, Any]:
    """*part* with its reference followed."""
    while (reference := part.get("$ref")) is not None:
        part = input_schema()["$defs"][reference.removeprefix("#/$defs/")]
    return part


def unassessed(reads: Iterable[Read], document: JsonValue) -> tuple[Read, ...]:
    """The first read of each file that goes by something nobody assessed.

    A rule that looks into it would silently not fire. A file that also reads it as a whole, such
    as `input.facts.change == null`, knows that it may be missing.
    """
    reads = tuple(reads)
    missing = [path for path in _nullable(document) if _at(document, path) is None]
    found: dict[tuple[str, tuple[str, ...]], Read] = {}
    for read in reads:
        for path in missing:
            asked = read.path[: len(path)] == path and len(read.path) > len(path)
            aware = any(r.path == path and r.file == read.file for r in reads)
            if asked and not aware:
                whole = Read(path=path, file=read.file, line=read.line)
                found.setdefault((read.file, path), whole)
    return tuple(found.values())


def _nullable(document: JsonValue) -> tuple[tuple[str, ...], ...]:
    facts = document.get("facts") if isinstance(document, Mapping) else None
    names = facts if isinstance(facts, Mapping) else {}
    return (*ASSESSED, *(("facts", name) for name in names))


def _at(document: JsonValue, path: tuple[str, ...]) -> JsonValue:
    for name in path:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document
