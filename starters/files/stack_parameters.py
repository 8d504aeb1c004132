"""One parameter of a CloudFormation template, and which values it takes."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

from starters.files.problems import FieldPath

_STORED = "AWS::SSM::Parameter::"
LONGEST_VALUE = 4096
"""Characters that CloudFormation takes for one parameter."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A parameter as the template declares it; every value is text, as CloudFormation takes it."""

    type: str
    default: str | None = None
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    shortest: str | None = None
    longest: str | None = None
    least: str | None = None
    most: str | None = None
    secret: bool = False
    """`NoEcho`: whoever lists the stack must not see it."""

    @classmethod
    def of(cls, body: Mapping[str, JsonValue], *, texts: Mapping[FieldPath, str]) -> Self:
        """The parameter that *body* declares; *texts* are its scalars as they are written."""

        def text(*path: str | int, value: JsonValue) -> str:
            return texts.get(path, _as_text(value))

        listed = body.get("AllowedValues")
        values = enumerate(listed) if isinstance(listed, list) else ()
        written = {
            field: text(key, value=body[key])
            for field, key in _FIELDS.items()
            if body.get(key) is not None
        }
        return cls(
            type=str(body.get("Type", "")),
            allowed=tuple(text("AllowedValues", at, value=value) for at, value in values),
            secret=str(body.get("NoEcho", "")).lower() == "true",
            **written,
        )

    def refuses(self, value: str) -> str | None:
        """Why it does not take *value*; None where it does, or where only the cloud can tell."""
        return next(self._reasons(value), None)

    @property
    def unread_pattern(self) -> bool:
        """Whether its `AllowedPattern` is one that only CloudFormation can read."""
        return self.pattern is not None and _compiled(self.pattern) is None

    def _reasons(self, value: str) -> Iterator[str]:
        if len(value) > LONGEST_VALUE:
            yield f"has {len(value)} characters; CloudFormation takes at most {LONGEST_VALUE}"
        if self.type.startswith(_STORED):
            return  # the value is looked up in the parameter store, which is not asked here
        for part in self._parts(value):
            yield from self._reasons_of_one(part)

    def _parts(self, value: str) -> list[str]:
        if self.type == "CommaDelimitedList" or self.type.startswith("List<"):
            return [part.strip() for part in value.split(",")]
        return [value]

    def _reasons_of_one(self, value: str) -> Iterator[str]:
        if self.allowed and value not in self.allowed:
            yield f"{value!r} is none of AllowedValues: {', '.join(self.allowed)}"
        if self.type in {"Number", "List<Number>"}:
            yield from self._not_a_number(value)
            return
        pattern = None if self.pattern is None else _compiled(self.pattern)
        if pattern is not None and pattern.fullmatch(value) is None:
            yield f"{value!r} does not match AllowedPattern {self.pattern}"
        if (least := _number(self.shortest)) is not None and len(value) < least:
            yield f"{value!r} is shorter than MinLength {self.shortest}"
        if (most := _number(self.longest)) is not None and len(value) > most:
            yield f"{value!r} is longer than MaxLength {self.longest}"

    def _not_a_number(self, value: str) -> Iterator[str]:
        if (number := _number(value)) is None:
            yield f"{value!r} is not a number, which the template's type is"
            return
        if (least := _number(self.least)) is not None and number < least:
            yield f"{value} is less than MinValue {self.least}"
        if (most := _number(self.most)) is not None and number > most:
            yield f"{value} is more than MaxValue {self.most}"


_FIELDS = {
    "default": "Default",
    "pattern": "AllowedPattern",
    "shortest": "MinLength",
    "longest": "MaxLength",
    "least": "MinValue",
    "most": "MaxValue",
}


def _as_text(value: JsonValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern, which is of Java; None where Python reads none of its kind."""
    try:
        return re.compile(pattern)
    except re.error:
        return None
