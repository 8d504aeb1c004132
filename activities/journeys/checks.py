"""Holds an answer against what a step expects, and takes out of it what later steps need."""

import math
from collections.abc import Iterator, Mapping
from typing import cast

import regex
from jsonpath_rfc9535 import JSONPathError
from pydantic import JsonValue

from activities.journeys.visit import Answer
from workflows.domain.journeys.plan import CapturePlan, Check, StepPlan
from workflows.domain.journeys.report import Finding
from workflows.domain.journeys.template import Scalar, as_text, fill
from workflows.domain.spec.journey import PATHS

LONGEST_VALUE = 4000
_PATTERN_SECONDS = 0.5

_NOTHING = "nothing"


class Lacking(Exception):
    """An answer does not hold the value that a step is to capture; the text says what it holds."""


def findings(step: StepPlan, answer: Answer, values: Mapping[str, Scalar]) -> tuple[Finding, ...]:
    """What does not hold of *answer*, in the order of the checks.

    With a wrong status it is that alone: the rest of the answer is an error's. The texts may
    hold secrets.

    Raises:
        NotSet: *values* lack a name that a check has a slot for.
    """
    found: list[Finding] = []
    for check in step.checks:
        expected = fill(check.expected, values)
        if (wrong := _wrong(check, expected, answer)) is not None:
            found.append(Finding(check=str(check), expected=_wanted(check, expected), found=wrong))
            if check.place == "status":
                break
    return tuple(found)


def taken(capture: CapturePlan, answer: Answer) -> Scalar:
    """The value that *capture* takes out of *answer*.

    Raises:
        Lacking: there is none, or it is no single value of at most 4000 characters.
    """
    try:
        value = _found(capture, answer)
    except (ValueError, JSONPathError) as error:
        raise Lacking(f"no JSON: {error}") from None
    if value is None:
        raise Lacking(_NOTHING)
    if isinstance(value, list | dict):
        raise Lacking(f"{_kind(value)} where a single value is expected")
    if len(as_text(value)) > LONGEST_VALUE:
        raise Lacking(f"more than {LONGEST_VALUE} characters")
    return value


def _found(capture: CapturePlan, answer: Answer) -> JsonValue:
    if capture.json_path is not None:
        return next(iter(_at(capture.json_path, answer)), None)
    return next(iter(answer.headers.get_list(capture.header or "")), None)


def place_of(capture: CapturePlan) -> str:
    return f"header {capture.header}" if capture.header else f"json {capture.json_path}"


def _wrong(check: Check, expected: JsonValue, answer: Answer) -> str | None:
    """What was found instead; None where the check holds."""
    if check.place == "status":
        wanted = expected if isinstance(expected, list) else [expected]
        fits = any(_is_status(answer.status, str(status)) for status in wanted)
        note = f" ({answer.note})" if answer.note else ""
        return None if fits else f"{answer.status}{note}"
    try:
        held = list(_values(check, answer))
    except (ValueError, JSONPathError) as error:
        return f"no JSON: {error}" if check.place == "json" else str(error)
    if check.verb == "exists":
        return None if bool(held) == expected else _told(held)
    wrong = [value for value in held if not _holds(check.verb, value, expected)]
    return None if held and not wrong else _told(wrong)


def _values(check: Check, answer: Answer) -> Iterator[JsonValue]:
    if check.place == "latency":
        yield answer.latency_ms
    elif check.place == "header":
        yield from answer.headers.get_list(check.subject)
    elif check.place == "json":
        yield from _at(check.subject, answer)
    elif answer.body is None:
        raise ValueError("a body that is too large to be read")
    else:
        yield answer.text


def _at(path: str, answer: Answer) -> list[JsonValue]:
    held = answer.json()
    if not isinstance(held, list | dict):
        return [held] if path == "$" else []
    return cast("list[JsonValue]", PATHS.find(path, held).values())


def _holds(verb: str, value: JsonValue, expected: JsonValue) -> bool:
    if verb == "equals":
        return _same(value, expected)
    if verb == "oneOf":
        return isinstance(expected, list) and any(_same(value, one) for one in expected)
    if verb == "contains":
        return isinstance(value, str) and as_text(expected) in value
    if verb == "matches":
        return isinstance(value, str) and _is_match(as_text(expected), value)
    return _compares(verb, value, expected)


def _compares(verb: str, value: JsonValue, limit: JsonValue) -> bool:
    if not _is_number(value) or not _is_number(limit):
        return False
    number, bound = float(as_text(value)), float(as_text(limit))
    return math.isfinite(number) and (number >= bound if verb == "minimum" else number <= bound)


def _same(value: JsonValue, expected: JsonValue) -> bool:
    """Equal as JSON has it: 1 is 1.0, and neither is true."""
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    return value == expected


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_match(pattern: str, value: str) -> bool:
    """A pattern that takes too long has not matched: there is an end to every check."""
    try:
        return regex.search(pattern, value, timeout=_PATTERN_SECONDS) is not None
    except TimeoutError:
        return False


def _is_status(status: int, wanted: str) -> bool:
    return str(status) == wanted or wanted == f"{status // 100}xx"


def _wanted(check: Check, expected: JsonValue) -> str:
    if check.verb == "exists":
        return "something" if expected else _NOTHING
    if check.place == "status" and isinstance(expected, list):
        return " or ".join(map(as_text, expected))
    unit = " ms" if check.place == "latency" else ""
    words = {"oneOf": "one of", "minimum": "at least", "maximum": "at most"}
    return f"{words.get(check.verb, check.verb)} {_quoted(expected)}{unit}"


def _told(held: list[JsonValue]) -> str:
    return ", ".join(map(_quoted, held[:3])) + (", …" if held[3:] else "") if held else _NOTHING


def _quoted(value: JsonValue) -> str:
    return repr(value) if isinstance(value, str) else as_text(value)


def _kind(value: JsonValue) -> str:
    return "a list" if isinstance(value, list) else "an object"
