"""Making a recorded ruling again from what it went by, and saying where the answer differs."""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import AwareDatetime, JsonValue, ValidationError

from workflows.domain.admission.admission import admit
from workflows.domain.admission.recorded import RecordedDecision
from workflows.domain.canonical import content_digest
from workflows.domain.errors import PolicyViolated
from workflows.domain.rules.engine import RuleEngine
from workflows.domain.values import Digest, Value

_MOST = 20
"""Differences that are told of one ruling."""


class Outcome(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    UNREADABLE = "unreadable"


class Replay(Value):
    """What became of one ruling when it was made again."""

    digest: Digest
    release: str = ""
    at: AwareDatetime | None = None
    recorded: str = ""
    """What was ruled then: admitted, or denied."""
    outcome: Outcome
    differences: tuple[str, ...] = ()


def replay(recorded: JsonValue, engine: RuleEngine) -> Replay:
    """Rule anew on the stored order by the stored facts, with this build's code and *engine*."""
    digest = content_digest(recorded)
    try:
        decision = RecordedDecision.model_validate(recorded)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = tuple(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
        return Replay(digest=digest, outcome=Outcome.UNREADABLE, differences=problems[:_MOST])
    differences = tuple(_differences(decision, recorded, engine))
    return Replay(
        digest=digest,
        release=decision.release,
        at=decision.facts.at,
        recorded=decision.verdict,
        outcome=Outcome.DIFFERS if differences else Outcome.SAME,
        differences=differences[:_MOST],
    )


def _differences(
    decision: RecordedDecision, recorded: JsonValue, engine: RuleEngine
) -> Iterator[str]:
    try:
        again = admit(decision.order, decision.facts, engine)
    except PolicyViolated as refused:
        yield f"it is refused now: {refused}"
        return
    stored = recorded["admission"] if isinstance(recorded, dict) else None
    yield from _unlike("admission", stored, again.model_dump(mode="json"))


def _unlike(place: str, then: JsonValue, now: JsonValue) -> Iterator[str]:
    """Where *now* is not *then*; what this build has learnt to say since is no difference."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in then:
            if name not in now:
                yield f"{place}.{name}: this build does not know it"
            else:
                yield from _unlike(f"{place}.{name}", then[name], now[name])
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for number, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from _unlike(f"{place}[{number}]", one, other)
    elif then != now:
        yield f"{place}: {_short(then)} then, {_short(now)} now"


def _short(value: JsonValue) -> str:
    told = repr(value)
    return told if len(told) <= 80 else f"{told[:77]}..."
