"""May this release go now: one word and one exit code out of the whole ruling, for a pipeline."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from starters.board import clock
from starters.exit_codes import ExitCode
from workflows.domain.admission.admission import Admission
from workflows.domain.admission.foreseen import Foreseen


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer and its reasons; *next_open* is when a freeze ends, where one is in the way."""

    code: ExitCode
    reasons: tuple[str, ...] = ()
    next_open: str | None = None

    @property
    def word(self) -> str:
        return _WORDS[self.code]

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "answer": self.word,
            "exitCode": int(self.code),
            "reasons": [*self.reasons],
            "nextOpen": self.next_open,
        }


_WORDS = {
    ExitCode.OK: "yes",
    ExitCode.DENIED: "no",
    ExitCode.UNAVAILABLE: "unknown",
    ExitCode.FROZEN: "frozen",
    ExitCode.NOT_READY: "not ready",
    ExitCode.AWAITING_APPROVAL: "once approved",
}


def answer(found: Foreseen) -> Answer:
    """What is in the way first: a denial, then what nobody knows, a freeze, evidence, people."""
    admission = found.admission
    if admission is None:
        return Answer(code=ExitCode.DENIED, reasons=tuple(found.refused.splitlines()))
    if admission.denials and not (found.unread and admission.lacks_facts_alone):
        return Answer(code=ExitCode.DENIED, reasons=admission.denials)
    if found.unread:
        return Answer(code=ExitCode.UNAVAILABLE, reasons=(found.unread,))
    return _frozen(admission) or _waiting(admission) or Answer(code=ExitCode.OK)


def _frozen(admission: Admission) -> Answer | None:
    """Whether the first environment is closed now; later ones may have opened by then."""
    for window in admission.slot.environments[:1] if admission.slot is not None else ():
        if window.open:
            return None
        told = f"{window.environment}: {window.reason}"
        if window.next_open is None:
            return Answer(code=ExitCode.FROZEN, reasons=(told,))
        return Answer(
            code=ExitCode.FROZEN,
            reasons=(f"{told}; open at {clock(window.next_open)}",),
            next_open=window.next_open.isoformat(),
        )
    return None


def _waiting(admission: Admission) -> Answer | None:
    if unmet := tuple(_unmet(admission)):
        return Answer(code=ExitCode.NOT_READY, reasons=unmet)
    if asked := tuple(_asked(admission)):
        return Answer(code=ExitCode.AWAITING_APPROVAL, reasons=asked)
    return None


def _unmet(admission: Admission) -> Iterator[str]:
    for gate in admission.gates:
        if not gate.met and not gate.advisory:
            yield f"{gate.environment}: {gate.gate}: {gate.reason}"


def _asked(admission: Admission) -> Iterator[str]:
    for stage in admission.plan.stages:
        for need in stage.gate.needs if stage.gate is not None else ():
            yield f"{stage.environment}: {need.role} x {need.count}"
