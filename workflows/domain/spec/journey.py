"""What people write of a synthetic journey: its requests, what must come back, what to undo."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

import regex
from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError
from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, model_validator

from workflows.domain.durations import Duration
from workflows.domain.journeys.problems import journey_problems
from workflows.domain.journeys.template import Scalar
from workflows.domain.spec.document import Document
from workflows.domain.values import Name, Names, SpecPart

CLEANUP_WITHIN = timedelta(seconds=5)
"""What the cleanup of one try may take on top of the journey's own timeout."""

LONGEST = timedelta(seconds=50)
"""What all tries may take: one attempt of the activity is 60 seconds."""

PATHS = JSONPathEnvironment()
"""RFC 9535. Its regular expressions have no time limit, so `matches` is the way to have one."""
for _unbounded in ("match", "search"):
    del PATHS.function_extensions[_unbounded]


def _json_path(path: str) -> str:
    try:
        PATHS.compile(path)
    except JSONPathError as error:
        raise ValueError(f"{path!r} is not a JSONPath of RFC 9535: {error}") from error
    return path


def _pattern(written: str) -> str:
    try:
        regex.compile(written)
    except regex.error as error:
        raise ValueError(f"{written!r} is not a regular expression: {error}") from error
    return written


def _listed(written: Any) -> Any:
    """A single status is a list of one; YAML reads it as a number."""
    statuses = written if isinstance(written, list | tuple) else [written]
    # What a validator makes is taken strictly, other than what was read: a tuple, not a list.
    return tuple(str(s) if isinstance(s, int) and not isinstance(s, bool) else s for s in statuses)


def _shorthand(field: str) -> Callable[[Any], Any]:
    """A bare text stands for the part's *field*."""
    return lambda written: {field: written} if isinstance(written, str) else written


_SLOT = r"\{\{[^{}]*\}\}"
# Printable ASCII without `?` and `#`; two slashes at the start would name a host.
_PATH = rf"^/(([!\"$-.0->@-~]|{_SLOT})([!\"$->@-~]|{_SLOT})*)?$"
JsonPath = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_json_path)]
Pattern = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_pattern)]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
HeaderName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
Line = Annotated[str, Field(max_length=2000, pattern=r"^[^\r\n\x00]*$")]
Status = Annotated[str, Field(pattern=r"^[1-5](xx|[0-9][0-9])$")]
Statuses = Annotated[
    tuple[Status, ...],
    BeforeValidator(_listed, json_schema_input_type=int | str | list[int | str]),
    Field(min_length=1, max_length=20),
]


class SecretField(SpecPart):
    """One field of a secret in the vault, below the folder that the connection's settings name."""

    path: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*){0,5}$")
    """Where the secret lies; not the secret itself."""
    field: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """Which of its fields."""


class JourneyRequest(SpecPart):
    """One request; `{{ name }}` is filled in everywhere but in header names and the method."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    """Of HTTP."""
    path: str = Field(pattern=_PATH, max_length=500)
    """From the first slash on; the address in front of it is the connection's."""
    headers: dict[HeaderName, Line] = Field(default={}, max_length=30)
    """In lower case. Those that mark and route the request are set by Lockgate."""
    query: dict[Line, Line] = Field(default={}, max_length=30)
    """What stands behind the question mark, unescaped."""
    json_body: JsonValue = Field(default=None, alias="json")
    """A body of JSON."""
    form: dict[Line, str] | None = Field(default=None, max_length=50)
    """A body as a web form sends it."""
    text: str | None = Field(default=None, max_length=16_000)
    """A body of plain text."""
    follow_redirects: bool = False
    """Go where the answer points, five times at most and never to another host."""

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        bodies = {"json": self.json_body, "form": self.form, "text": self.text}
        given = [name for name, body in bodies.items() if body is not None]
        if len(given) > 1:
            raise ValueError(f"a request has one body; this one has {' and '.join(given)}")
        return self


class HeaderCheck(SpecPart):
    """What a header of the answer must be; all of what is written here."""

    exists: bool | None = None
    """Whether it is there at all."""
    equals: str | None = Field(default=None, max_length=500)
    """The whole value."""
    contains: str | None = Field(default=None, min_length=1, max_length=500)
    """A part of it."""
    matches: Pattern | None = None
    """A regular expression, found anywhere in it."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        _say_something(self)
        return self


class JsonCheck(SpecPart):
    """What a JSON path of the answer must lead to; each value that it finds is held to it."""

    path: JsonPath
    """A JSONPath of RFC 9535, such as `$.items[0].price`."""
    exists: bool | None = None
    """Whether it finds anything; every other check needs that it does."""
    equals: JsonValue = None
    """The value, and its type: 1 is not "1". For null write `oneOf: [null]`."""
    one_of: tuple[Scalar, ...] | None = Field(default=None, min_length=1, max_length=50)
    """One of these."""
    matches: Pattern | None = None
    """A text in which the regular expression is found."""
    minimum: float | None = None
    """A number, this or more."""
    maximum: float | None = None
    """A number, this or less."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        _say_something(self, beside="path")
        return self


class Expectation(SpecPart):
    """What must come back; a step passes when all of it holds."""

    status: Statuses = ("2xx",)
    """One, or any of several: `200`, `[200, 201]`, `2xx`."""
    latency_at_most: Duration | None = None
    """From the request's start to the answer's end."""
    headers: dict[HeaderName, HeaderCheck] = Field(default={}, max_length=20)
    """By name, in lower case."""
    json_checks: tuple[JsonCheck, ...] = Field(default=(), alias="json", max_length=50)
    """What the body holds, read as JSON."""
    body_contains: tuple[Annotated[str, Field(min_length=1, max_length=500)], ...] = Field(
        default=(), max_length=20
    )
    """Texts that stand in the body."""


class CaptureFrom(SpecPart):
    """Where a value is taken from; `name: $.path` is short for `name: {json: $.path}`."""

    json_path: JsonPath | None = Field(default=None, alias="json")
    """The first value that this JSONPath finds."""
    header: HeaderName | None = None
    """The value of this header."""
    hidden: bool = False
    """Keep it out of reports like a secret: a session, a one-time code."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.json_path is None) == (self.header is None):
            raise ValueError("a capture takes its value from exactly one of json, header")
        return self


class JourneyStep(SpecPart):
    """One request, what must come back, and what later steps need of it."""

    name: Name
    """What reports call it."""
    request: JourneyRequest
    """What is sent."""
    expect: Expectation = Expectation()
    """What must come back; without it, any success."""
    capture: dict[
        Variable,
        Annotated[
            CaptureFrom,
            BeforeValidator(_shorthand("json"), json_schema_input_type=str | CaptureFrom),
        ],
    ] = Field(default={}, max_length=20)
    """Values of the answer, by the name that later steps use; a missing one fails the step."""


class JourneySpec(SpecPart):
    """What a customer does, step by step, against canary and baseline alike.

    `{{ run }}` is always set: new for each try on each of them, for ids that must not repeat.
    """

    service: Name
    """The service that the requests are sent to."""
    steps: tuple[JourneyStep, ...] = Field(min_length=1, max_length=20)
    """In this order; the first that fails ends the journey."""
    cleanup: tuple[JourneyStep, ...] = Field(default=(), max_length=10)
    """Run in the end, whatever came before; one whose values were never captured is skipped."""
    variables: dict[Variable, Scalar] = Field(default={}, max_length=50)
    """Values by name."""
    secret_refs: dict[Variable, SecretField] = Field(default={}, max_length=10)
    """Values by name that are read from the vault for each run, and told to nobody."""
    version_header: HeaderName | None = None
    """A header in which the service tells its version: shows who really answered."""
    timeout: Duration = Field(default=timedelta(seconds=15), gt=timedelta(0))
    """What the steps of one try may take in all."""
    tries: int = Field(default=2, ge=1, le=5)
    """A version fails only when it fails so many times in a row."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        problems = list(journey_problems(self))
        if self.tries * (self.timeout + CLEANUP_WITHIN) > LONGEST:
            problems.append(
                f"timeout and {CLEANUP_WITHIN.seconds}s of cleanup, {self.tries} times, are more "
                f"than {LONGEST.seconds}s: shorten timeout, or lower tries"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self


class Journey(Document):
    kind: Literal["Journey"]
    spec: JourneySpec


class SyntheticStep(SpecPart):
    """Run journeys against canary and baseline: once, or again and again to the last weight."""

    journeys: Names = Field(min_length=1, max_length=10)
    """`Journey` documents of the catalog."""
    every: Duration | None = Field(default=None, ge=timedelta(seconds=1))
    """How often they run again through the steps that follow; without it they run once."""


def _say_something(check: SpecPart, *, beside: str = "") -> None:
    fields = {name: field for name, field in type(check).model_fields.items() if name != beside}
    if all(getattr(check, name) is None for name in fields):
        verbs = ", ".join(field.alias or name for name, field in fields.items())
        raise ValueError(f"nothing is checked: write one of {verbs}")
