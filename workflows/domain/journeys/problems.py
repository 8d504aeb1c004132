"""What keeps a journey from running, told before it is tried."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import JsonValue

from workflows.domain.journeys.template import names_in, slips_in
from workflows.domain.values import Provider

if TYPE_CHECKING:
    from workflows.domain.spec.journey import HeaderCheck, JourneySpec, JourneyStep

RUN = "run"
"""The name that is always set: new for each try on each version."""

RESERVED = frozenset(
    {
        "connection",
        "content-length",
        "cookie",
        "host",
        "traceparent",
        "transfer-encoding",
        "user-agent",
    }
)
"""Headers that the sender sets itself."""


def journey_problems(spec: "JourneySpec") -> Iterator[str]:
    """What of one journey does not hang together, each problem with the place it is at."""
    yield from _named_twice(spec)
    hidden = frozenset(spec.secret_refs)
    known = {RUN, *spec.variables, *hidden}
    captured = {name for step in spec.steps for name in step.capture}
    for step in spec.steps:
        yield from _step_problems(step, known=known, later=captured, hidden=hidden)
        known |= set(step.capture)
        hidden |= {name for name, taken in step.capture.items() if taken.hidden}
    for step in spec.cleanup:
        yield from _step_problems(step, known=known, later=frozenset(), hidden=hidden)
        known |= set(step.capture)
        hidden |= {name for name, taken in step.capture.items() if taken.hidden}


def synthetic_problems(
    where: str,
    *,
    wanted: Iterable[str],
    known: Mapping[str, "JourneySpec"],
    header: str | None,
    entrance: Provider | None,
) -> list[str]:
    """Why the step at *where* cannot run the journeys *wanted*.

    *known* are the catalog's; *header* is the one that a step before it routes to the canary;
    *entrance* is the connection that the environment names for journeys.
    """
    problems = []
    if entrance is None:
        problems.append(
            f"{where}: the environment names no connection for journeys: "
            "add journeys: {type: http, connection: …} to it"
        )
    if header is None:
        problems.append(
            f"{where}: journeys reach the canary by its header route, and no step before this "
            "one sets it: add setHeaderRoute"
        )
    for name in wanted:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none at all"
            problems.append(f"Journey {name!r} is not in the catalog, which has {listed}")
            continue
        problems += [
            f"{where}: Journey {name!r}, step {step.name!r} sets the header {header!r}, by which "
            "this strategy tells canary from baseline"
            for step in (*known[name].steps, *known[name].cleanup)
            if header in step.request.headers
        ]
    return problems


def _named_twice(spec: "JourneySpec") -> Iterator[str]:
    steps = [step.name for step in (*spec.steps, *spec.cleanup)]
    for name in sorted({name for name in steps if steps.count(name) > 1}):
        yield f"step {name!r} is there twice: reports could not tell them apart"
    captures = [name for step in (*spec.steps, *spec.cleanup) for name in step.capture]
    names = [RUN, *spec.variables, *spec.secret_refs, *captures]
    for name in sorted({name for name in names if names.count(name) > 1}):
        always = " (it is always set)" if name == RUN else ""
        yield f"{name!r} is set twice, by variables, secretRefs or capture{always}"


def _step_problems(
    step: "JourneyStep",
    *,
    known: Collection[str],
    later: Collection[str],
    hidden: Collection[str],
) -> Iterator[str]:
    for place, content in _templates(step):
        where = f"step {step.name!r}, {place}"
        for slip in slips_in(content):
            yield f"{where}: {slip} is no template: expected {{{{ name }}}}"
        for name in sorted(names_in(content)):
            if name not in known:
                yield f"{where}: {_unset(name, known=known, later=later)}"
            elif name in hidden and place not in _MAY_HIDE:
                yield (
                    f"{where}: {{{{ {name} }}}} is secret, and would be told here: "
                    "only headers and bodies of requests may carry it"
                )
    for header in sorted(RESERVED & set(step.request.headers)):
        yield f"step {step.name!r}, request.headers: {header} is set by Lockgate itself"


_MAY_HIDE = frozenset({"request.headers", "request.json", "request.form", "request.text"})


def _templates(step: "JourneyStep") -> Iterator[tuple[str, JsonValue]]:
    request, expect = step.request, step.expect
    yield "request.path", request.path
    yield "request.query", dict(request.query)
    yield "request.headers", dict(request.headers)
    yield "request.json", request.json_body
    yield "request.form", dict(request.form or {})
    yield "request.text", request.text
    yield "expect.bodyContains", list(expect.body_contains)
    yield "expect.headers", [text for h in expect.headers.values() for text in _told(h)]
    yield "expect.json", [c.equals for c in expect.json_checks]


def _told(check: "HeaderCheck") -> list[JsonValue]:
    return [check.equals, check.contains]


def _unset(name: str, *, known: Collection[str], later: Collection[str]) -> str:
    if name in later:
        return f"{{{{ {name} }}}} is captured only by this or a later step"
    listed = ", ".join(sorted(known))
    return f"{{{{ {name} }}}} is never set; known here are {listed}"
