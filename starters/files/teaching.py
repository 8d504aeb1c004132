"""Turns what a model refused into a sentence that says what to write instead."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pydantic import JsonValue
from pydantic_core import ErrorDetails

from starters.files.problems import FieldPath, Problem, field_name, nearest
from starters.files.written import Written
from starters.pages.shapes import part_at

NAME = "a name: 1 to 63 of a-z, 0-9, `-` and `.`, with a letter or digit at both ends"
_PATTERNS = {
    "^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$": NAME,
    "^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$": "1 to 63 of A-Z, a-z, 0-9 and `.` `_` `+` `-`",
    "^[a-z0-9-]{1,64}$": "the name of a header in lower case: a-z, 0-9 and `-`",
}
_DIGEST = "^sha256:[0-9a-f]{64}$"
_LONGEST_QUOTE = 60

Sentence: TypeAlias = Callable[["_Refusal"], str]


class _Refusal:
    """One field that a model refused, with what the sentences about it need to know."""

    def __init__(self, *, kind: str, written: Written, error: ErrorDetails) -> None:
        self.kind = kind
        self.written = written
        self.path: FieldPath = _as_written(written, error["loc"])
        self.allowed: Mapping[str, Any] = error.get("ctx", {})

    @property
    def value(self) -> JsonValue:
        return self.written.at(self.path)

    @property
    def found(self) -> str:
        """What is written there, as the reader will recognise it."""
        value = self.value
        if value is None:
            return "found nothing"
        if isinstance(value, dict):
            return "found a mapping"
        if isinstance(value, list):
            return "found a list"
        text = self.written.texts[self.path]
        if len(text) > _LONGEST_QUOTE:
            text = f"{text[:_LONGEST_QUOTE]}…"
        return f'found "{text}"' if isinstance(value, str) else f"found {text}"

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields that the mapping at the path may have."""
        properties: Mapping[str, Any] = part_at(self.kind, self.path).get("properties", {})
        return properties


def explain(kind: str, written: Written, error: ErrorDetails) -> Problem | None:
    """What *error*, of a document of *kind*, means to the person who wrote it.

    None for an error that only follows from another one: pydantic counts the items of a list
    after it has dropped those that it refused.
    """
    refusal = _Refusal(kind=kind, written=written, error=error)
    path, type_ = refusal.path, error["type"]
    if any(refused[: len(path)] == path for refused in written.refused):
        return None
    if type_ == "missing":
        return _missing(refusal)
    if type_ == "extra_forbidden":
        return Problem(written.place_of_key(path), field_name(path), _unknown(refusal))
    if type_ == "too_short" and len(_items(refusal)) >= refusal.allowed["min_length"]:
        return None
    sentence = _SENTENCES.get(type_)
    message = sentence(refusal) if sentence else f"{refusal.found}; {error['msg']}"
    return Problem(written.place_of(path), field_name(path), message)


def _as_written(written: Written, path: FieldPath) -> FieldPath:
    """*path*, without the position in a list where one item stands for the list."""
    if path and path[-1] == 0 and path not in written.values and path[:-1] in written.texts:
        return path[:-1]
    return path


def _missing(refusal: _Refusal) -> Problem:
    written, path = refusal.written, refusal.path
    place = written.place_of_key(path[:-1])
    if isinstance(path[-1], int):
        return Problem(place, field_name(path), "is missing; expected one item")
    required = part_at(refusal.kind, path[:-1]).get("required", [])
    message = f"is missing; required here: {', '.join(required)}"
    return Problem(place, field_name(path), message)


def _unknown(refusal: _Refusal) -> str:
    *around, name = refusal.path
    known = part_at(refusal.kind, tuple(around)).get("properties", {})
    return f"is not a field here; {nearest(str(name), known)}"


def _items(refusal: _Refusal) -> list[JsonValue]:
    value = refusal.value
    return value if isinstance(value, list) else []


def _pattern(refusal: _Refusal) -> str:
    pattern = refusal.allowed["pattern"]
    if pattern == _DIGEST:
        return _digest(refusal)
    return f"{refusal.found}; expected {_PATTERNS.get(pattern, f'text like {pattern}')}"


def _digest(refusal: _Refusal) -> str:
    text = str(refusal.value)
    name, at, digest = text.rpartition("@")
    if at and digest.startswith("sha256:"):
        return f"{refusal.found}; expected the digest alone, without `{name}@`"
    hexadecimal = text.removeprefix("sha256:")
    if hexadecimal != text:
        return (
            f"{refusal.found}; expected 64 digits of 0-9 and a-f after `sha256:`, "
            f"here are {len(hexadecimal)} characters"
        )
    return f"{refusal.found}; tags can move; write the digest `sha256:…` that the build printed"


def _text(refusal: _Refusal) -> str:
    value = refusal.value
    if value is None or isinstance(value, dict | list):
        return f"{refusal.found}; expected text"
    return f'{refusal.found}; expected text: write "{refusal.written.texts[refusal.path]}"'


def _number(refusal: _Refusal) -> str:
    expected = "a whole number" if _schema(refusal).get("type") == "integer" else "a number"
    value = refusal.value
    quoted = isinstance(value, str) and value.strip().replace(".", "", 1).isdigit()
    return f"{refusal.found}; expected {expected}{' without quotes' if quoted else ''}"


def _schema(refusal: _Refusal) -> Mapping[str, Any]:
    return part_at(refusal.kind, refusal.path)


def _choice(refusal: _Refusal) -> str:
    schema = _schema(refusal)
    choices = [str(choice) for choice in schema.get("enum", [schema.get("const")])]
    expected = f"{refusal.found}; expected {' or '.join(choices)}"
    if isinstance(refusal.value, str) and len(choices) > 1:
        guess = nearest(refusal.value, choices)
        return f"{expected}; {guess}" if guess.startswith("did you mean") else expected
    return expected


def _mapping(refusal: _Refusal) -> str:
    return f"{refusal.found}; expected a mapping with the fields {', '.join(refusal.fields)}"


def _bound(words: str, key: str) -> Sentence:
    return lambda refusal: f"{refusal.found}; expected {words} {refusal.allowed[key]:g}"


_SENTENCES: Mapping[str, Sentence] = {
    "string_type": _text,
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda r: f"{r.found}; expected some text",
    "string_too_long": lambda r: (
        f"has {len(str(r.value))} characters; expected at most {r.allowed['max_length']}"
    ),
    "int_type": _number,
    "int_from_float": _number,
    "float_type": _number,
    "literal_error": _choice,
    "model_type": _mapping,
    "model_attributes_type": _mapping,
    "dict_type": _mapping,
    "tuple_type": lambda r: f"{r.found}; expected a list, each item after `- `",
    "time_delta_type": lambda r: (
        f"{r.found}; expected a duration with its unit, such as 30s, 10m, 4h, 7d or 1h30m"
    ),
    "too_short": lambda r: (
        f"has {len(_items(r))} items; expected {r.allowed['min_length']} or more"
    ),
    "too_long": lambda r: (
        f"has {len(_items(r))} items; expected at most {r.allowed['max_length']}"
    ),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than_equal": _bound("at most", "le"),
    "greater_than": _bound("more than", "gt"),
    "less_than": _bound("less than", "lt"),
    "value_error": lambda r: str(r.allowed["error"]),
}
