"""A journey as it rides in the plan: references resolved, expectations as one list of checks."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, get_args

from pydantic import JsonValue

from workflows.domain.durations import write_duration
from workflows.domain.journeys.template import Scalar
from workflows.domain.spec.journey import (
    Expectation,
    JourneyRequest,
    JourneySpec,
    JourneyStep,
    SyntheticStep,
)
from workflows.domain.values import SecretRef, Value

Place = Literal["status", "latency", "header", "json", "body"]
Verb = Literal["exists", "equals", "contains", "matches", "oneOf", "minimum", "maximum"]

_SPOKEN: dict[str, Verb] = {verb: verb for verb in get_args(Verb)}


class Check(Value):
    """One thing that must hold of an answer; `subject` is the header's name or the JSONPath."""

    place: Place
    verb: Verb
    subject: str = ""
    expected: JsonValue = None

    def __str__(self) -> str:
        return f"{self.place} {self.subject}" if self.subject else self.place


class Body(Value):
    """What a request carries; `content` is filled in by whoever sends it."""

    kind: Literal["json", "form", "text"]
    content: JsonValue


class RequestPlan(Value):
    """One request, its templates not filled in yet."""

    method: str
    path: str
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    body: Body | None = None
    follow_redirects: bool = False


class CapturePlan(Value):
    """Take a value by JSONPath or from a header, and keep it from reports where `hidden`."""

    name: str
    json_path: str | None = None
    header: str | None = None
    hidden: bool = False


class StepPlan(Value):
    """One request, and what is looked for in its answer."""

    name: str
    request: RequestPlan
    checks: tuple[Check, ...] = ()
    captures: tuple[CapturePlan, ...] = ()


class SecretNeed(Value):
    """A value that is read from the vault where the journey runs, and nowhere else."""

    name: str
    secret_ref: SecretRef
    field: str


class JourneyPlan(Value):
    """All that is sent and looked for, in order; see JourneySpec for what the fields mean."""

    name: str
    service: str
    steps: tuple[StepPlan, ...]
    cleanup: tuple[StepPlan, ...] = ()
    variables: dict[str, Scalar] = {}
    secret_refs: tuple[SecretNeed, ...] = ()
    version_header: str | None = None
    timeout: timedelta
    tries: int = 1

    def __str__(self) -> str:
        return f"journey {self.name}"


class Synthetic(Value):
    """A step of the ladder: these journeys, once, or `every` so often to the last weight."""

    journeys: tuple[JourneyPlan, ...]
    every: timedelta | None = None

    def __str__(self) -> str:
        names = ", ".join(journey.name for journey in self.journeys)
        often = f" every {write_duration(self.every)}" if self.every is not None else ""
        return f"try {names}{often}"


def compile_synthetic(step: SyntheticStep, known: dict[str, JourneySpec]) -> Synthetic:
    """The step with the journeys that it names; `synthetic_problems` tells which are missing."""
    journeys = tuple(compile_journey(name, known[name]) for name in step.journeys)
    return Synthetic(journeys=journeys, every=step.every)


def compile_journey(name: str, spec: JourneySpec) -> JourneyPlan:
    return JourneyPlan(
        name=name,
        service=spec.service,
        steps=tuple(_step(step) for step in spec.steps),
        cleanup=tuple(_step(step) for step in spec.cleanup),
        variables=spec.variables,
        secret_refs=tuple(
            SecretNeed(name=called, secret_ref=SecretRef(path=ref.path), field=ref.field)
            for called, ref in spec.secret_refs.items()
        ),
        version_header=spec.version_header,
        timeout=spec.timeout,
        tries=spec.tries,
    )


def _step(step: JourneyStep) -> StepPlan:
    return StepPlan(
        name=step.name,
        request=_request(step.request),
        checks=tuple(_checks(step.expect)),
        captures=tuple(
            CapturePlan(
                name=name, json_path=taken.json_path, header=taken.header, hidden=taken.hidden
            )
            for name, taken in step.capture.items()
        ),
    )


def _request(request: JourneyRequest) -> RequestPlan:
    return RequestPlan(
        method=request.method,
        path=request.path,
        headers=request.headers,
        query=request.query,
        body=_body(request),
        follow_redirects=request.follow_redirects,
    )


def _body(request: JourneyRequest) -> Body | None:
    if request.json_body is not None:
        return Body(kind="json", content=request.json_body)
    if request.form is not None:
        return Body(kind="form", content=dict(request.form))
    return None if request.text is None else Body(kind="text", content=request.text)


def _checks(expect: Expectation) -> Iterator[Check]:
    """The status first: where it is wrong, the rest of the answer is an error's."""
    yield Check(place="status", verb="oneOf", expected=list(expect.status))
    if expect.latency_at_most is not None:
        limit = expect.latency_at_most.total_seconds() * 1000
        yield Check(place="latency", verb="maximum", expected=limit)
    for name, header in expect.headers.items():
        for verb, expected in _verbs(header.model_dump(exclude_none=True)):
            yield Check(place="header", subject=name, verb=verb, expected=expected)
    for check in expect.json_checks:
        for verb, expected in _verbs(check.model_dump(exclude_none=True, exclude={"path"})):
            yield Check(place="json", subject=check.path, verb=verb, expected=expected)
    for text in expect.body_contains:
        yield Check(place="body", verb="contains", expected=text)


def _verbs(written: dict[str, JsonValue]) -> Iterator[tuple[Verb, JsonValue]]:
    """What was written of a check; a list crosses the wire as one, a tuple does not."""
    for name, expected in written.items():
        yield _SPOKEN[name], list(expected) if isinstance(expected, tuple) else expected
