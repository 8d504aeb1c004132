"""The phases of a release, in the words of the command line, the UI and the documents."""

from enum import StrEnum

from workflows.domain.errors import Aborted, GateClosed, ReleaseError


class Phase(StrEnum):
    """Where a release stands; see docs/reference/status.md for the moves between them."""

    PLANNED = "Planned"
    AWAITING_APPROVAL = "AwaitingApproval"
    AWAITING_EVIDENCE = "AwaitingEvidence"
    SCHEDULED = "Scheduled"
    FROZEN = "Frozen"
    PROGRESSING = "Progressing"
    HOLDING = "Holding"
    VERIFYING = "Verifying"
    HEALTHY = "Healthy"
    ROLLING_BACK = "RollingBack"
    ROLLED_BACK = "RolledBack"
    ROLLBACK_INCOMPLETE = "RollbackIncomplete"
    DENIED = "Denied"
    CANCELLED = "Cancelled"

    @property
    def final(self) -> bool:
        """Whether a release that ended in this phase needs nobody any more."""
        return self in _FINAL


_FINAL = frozenset({Phase.HEALTHY, Phase.ROLLED_BACK, Phase.DENIED, Phase.CANCELLED})


def phase_after(error: ReleaseError | None, *, touched: bool) -> Phase:
    """How a release ends that turned back because of *error*; None is a cancel from outside.

    *touched* says whether anything was begun that had to be undone.
    """
    if error is None or isinstance(error, Aborted):
        return Phase.CANCELLED
    if isinstance(error, GateClosed) or not touched:
        return Phase.DENIED
    return Phase.ROLLED_BACK
