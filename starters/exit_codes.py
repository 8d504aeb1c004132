"""What a command's exit code says: one table for the programs, the documents and pipelines."""

from enum import IntEnum
from types import MappingProxyType
from typing import Self

from workflows.domain.release.phase import Phase


class ExitCode(IntEnum):
    """The code of each way a command can end; `means` is its line in the documents."""

    means: str

    def __new__(cls, code: int, means: str) -> Self:
        member = int.__new__(cls, code)
        member._value_ = code
        member.means = means
        return member

    OK = 0, "healthy, allowed, or done"
    ERROR = 1, "an internal error, or one of the client"
    USAGE = 2, "wrong usage, an invalid file, or no such release or environment"
    DENIED = 10, "denied: a policy, a closed gate, or a vote that does not count"
    AWAITING_APPROVAL = 11, "waiting for approval"
    FROZEN = 12, "frozen, or not in its window yet: the status says when it opens"
    HOLDING = (
        13,
        "holding: told to, inconclusive, or no data; not all could be compared or counted",
    )
    NOT_READY = 14, "not ready: a gate waits for evidence, or for people to be ready"
    ROLLED_BACK = 20, "rolled back, the system is safe"
    ROLLBACK_INCOMPLETE = 21, "the rollback or teardown is incomplete, people are needed"
    CANCELLED = 22, "cancelled or aborted, everything was put back"
    DRIFT = 30, "what is there is not what was declared"
    AUDIT_BROKEN = 31, "the audit record, or a signed file, is not what was written"
    UNAVAILABLE = 75, "the server or its workers do not answer; try again"
    TIMED_OUT = 124, "the watch timed out; what was watched continues"
    INTERRUPTED = 130, "interrupted; the release continues"


BY_PHASE = MappingProxyType(
    {
        Phase.AWAITING_APPROVAL: ExitCode.AWAITING_APPROVAL,
        Phase.AWAITING_EVIDENCE: ExitCode.NOT_READY,
        Phase.SCHEDULED: ExitCode.FROZEN,
        Phase.FROZEN: ExitCode.FROZEN,
        Phase.HOLDING: ExitCode.HOLDING,
        Phase.DENIED: ExitCode.DENIED,
        Phase.ROLLED_BACK: ExitCode.ROLLED_BACK,
        Phase.ROLLBACK_INCOMPLETE: ExitCode.ROLLBACK_INCOMPLETE,
        Phase.CANCELLED: ExitCode.CANCELLED,
    }
)
"""The phases that have a code of their own; every other phase is 0."""


def code_of(phase: Phase, fail_on: frozenset[int] | None = None) -> int:
    """The exit code of *phase*; with *fail_on*, 0 unless it is one of these."""
    code = BY_PHASE.get(phase, ExitCode.OK)
    return code if fail_on is None or code in fail_on else ExitCode.OK


def parse_fail_on(written: str | None) -> frozenset[int] | None:
    """Read `10,13,20`; None where nothing was said.

    Raises:
        ValueError: a part is not the code of a phase.
    """
    if written is None:
        return None
    known = {str(int(code)): int(code) for code in sorted(BY_PHASE.values())}
    parts = [part.strip() for part in written.split(",") if part.strip()]
    if unknown := [part for part in parts if part not in known]:
        raise ValueError(
            f"--fail-on {written}: {', '.join(unknown)} is not the code of a phase; "
            f"there are {', '.join(known)}"
        )
    return frozenset(known[part] for part in parts)
