"""`{{ name }}` in what a journey sends and expects: put in as it is, and never evaluated."""

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from pydantic import JsonValue

Scalar = str | int | float | bool | None
"""What a variable may be, and what a capture may take out of an answer."""

_SLOT = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,62})\s*\}\}")
_BRACES = re.compile(r"\{\{.*?\}\}|\{\{|\}\}")


class NotSet(Exception):
    """A template names a value that no step has captured; the argument is the name."""


def names_in(content: JsonValue) -> frozenset[str]:
    """Every name that *content* has a slot for, at any depth."""
    return frozenset(name for text in _texts(content) for name in _SLOT.findall(text))


def slips_in(content: JsonValue) -> tuple[str, ...]:
    """Braces that look like a slot and are none, such as `{{ order.id }}`."""
    return tuple(
        braces
        for text in _texts(content)
        for braces in _BRACES.findall(text)
        if not _SLOT.fullmatch(braces)
    )


def fill(content: JsonValue, values: Mapping[str, Scalar]) -> JsonValue:
    """*content* with every slot filled; a text that is one slot alone keeps its value's type.

    Raises:
        NotSet: *values* lack a name.
    """
    if isinstance(content, dict):
        return {fill_text(key, values): fill(held, values) for key, held in content.items()}
    if isinstance(content, list):
        return [fill(held, values) for held in content]
    if isinstance(content, str) and (slot := _SLOT.fullmatch(content)):
        return _value(slot[1], values)
    return fill_text(content, values) if isinstance(content, str) else content


def fill_text(text: str, values: Mapping[str, Scalar]) -> str:
    """*text* with every slot filled by the text of its value.

    Raises:
        NotSet: *values* lack a name.
    """
    return _SLOT.sub(lambda slot: as_text(_value(slot[1], values)), text)


def fill_path(path: str, values: Mapping[str, Scalar]) -> str:
    """*path* with every slot filled by one segment's worth: no value reaches beyond its place.

    Raises:
        NotSet: *values* lack a name.
        ValueError: a segment became `.` or `..`, which would lead elsewhere.
    """
    filled = _SLOT.sub(lambda slot: quote(as_text(_value(slot[1], values)), safe=""), path)
    if {".", ".."} & set(filled.split("/")):
        raise ValueError("the path leads out of its folder")
    return filled


def as_text(value: JsonValue) -> str:
    """A text as it is, anything else as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _value(name: str, values: Mapping[str, Scalar]) -> Scalar:
    if name not in values:
        raise NotSet(name)
    return values[name]


def _texts(content: JsonValue) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        yield from content
        for held in content.values():
            yield from _texts(held)
    elif isinstance(content, list):
        for held in content:
            yield from _texts(held)
