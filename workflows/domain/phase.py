"""The phases of a release, in the words of the command line, the UI and the documents."""

from enum import StrEnum


class Phase(StrEnum):
    """Where a release stands; see docs/reference/status.md for the moves between them."""

    PLANNED = "Planned"
    AWAITING_APPROVAL = "AwaitingApproval"
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
